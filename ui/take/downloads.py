"""The row of downloads under every figure, and the lines of Python that make the same data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from figures import files
from ui.take import citation
from ui.take.taken import Taken

MOST_ROWS = 10_000
"""Rows of a table that are shown on a page."""

MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    "csv": "text/csv",
    "npz": "application/octet-stream",
}


@st.cache_data(show_spinner=False, ttl=60)
def _chrome_missing() -> str | None:
    return files.chrome_missing()


def _image(taken: Taken, kind: str) -> bytes:
    return files.image(taken.picture(), kind)


def row(taken: Taken) -> None:
    """Draw the downloads of one result, the Python that makes it, its link and its citation."""
    buttons(taken)
    _table(taken)
    with st.expander("Python that makes the same data"):
        st.code(taken.snippet, language="python", wrap_lines=True)
    citation.expander(taken)


def _table(taken: Taken) -> None:
    """Draw the switch that shows what the CSV holds, for readers who have no pointer or want a number."""
    if not st.toggle("Data as a table", key=f"_table_{taken.name}"):
        return
    columns = taken.columns()
    rows = max(map(len, columns.values()), default=0)
    st.dataframe({name: column[:MOST_ROWS] for name, column in columns.items()}, hide_index=True)
    if rows > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {rows:,} rows; the CSV holds all.")


def buttons(taken: Taken) -> None:
    """Draw a button for every format; files are made on a click, on a thread without a session.

    Where Chrome is missing the formats that it draws are disabled, with the reason.
    """
    missing = _chrome_missing()
    makers: dict[str, Callable[[], bytes]] = {}
    if taken.figure is not None:
        makers |= {kind: partial(_image, taken, kind) for kind in files.MAGIC}
        makers["html"] = lambda: files.html(taken.picture())
    makers |= {"csv": taken.csv, "npz": taken.npz}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Download" + (" (partial)" if taken.partial else ""), width="content")
        for kind, make in makers.items():
            disabled = missing is not None and kind in files.MAGIC
            st.download_button(
                kind.upper(),
                make,
                f"{taken.stem}.{kind}",
                MIME[kind],
                on_click="ignore",
                key=f"_{kind}_{taken.stem}",
                disabled=disabled,
                help=missing if disabled else None,
            )
    if missing and taken.figure is not None:
        st.caption(missing)
