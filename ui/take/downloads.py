"""The row of downloads under every figure, and the lines of Python that make the same data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import partial

import streamlit as st

from figures import files
from figures.widths import WIDTHS
from ui.mirror import mirror
from ui.tables import draw_table
from ui.take import citation
from ui.take.taken import Form, Taken

LABELS = {"witnesses.npz": "Witnesses"}
"""What a button says besides the name of its format."""

MOST_ROWS = 10_000
"""Rows of a table that are shown on a page."""

MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    "gif": "image/gif",
    "csv": "text/csv",
    "npz": "application/octet-stream",
    "witnesses.npz": "application/octet-stream",
}


@st.cache_data(show_spinner=False, ttl=60)
def _chrome_missing() -> str | None:
    return files.chrome_missing()


def _image(taken: Taken, kind: str, form: Form, link: str) -> bytes:
    return files.image(taken.picture(form), kind, taken.about(link))


def _page(taken: Taken, form: Form, link: str) -> bytes:
    picture = taken.moving(form.style) if taken.moving is not None else taken.picture(form)
    return files.html(picture, taken.about(link))


def _film(taken: Taken, form: Form) -> bytes:
    assert taken.frames is not None
    return files.gif(taken.frames(form.style))


def chosen_form() -> Form:
    """Return the form of pictures that the reader chose, the same for all pictures of a visit."""
    form: Form = st.session_state.setdefault("_form", Form())
    return form


def form_choice(name: str) -> None:
    """Draw the choice of a picture's form, in the row of this name."""
    state, kept = st.session_state, chosen_form()
    keys = {field.name: f"_form_{field.name}_{name}" for field in fields(Form)}
    for field, key in keys.items():
        mirror(key, getattr(kept, field))

    def keep() -> None:
        state["_form"] = Form(**{field: state[key] for field, key in keys.items()})

    with st.popover("Form of pictures"):
        st.selectbox(
            "Width",
            list(WIDTHS),
            key=keys["width"],
            on_change=keep,
            format_func=lambda width: f"{width}, {WIDTHS[width]:g} in" if WIDTHS[width] else width,
            help="No text is smaller than 7 pt. PDF and SVG carry their font, STIX Two.",
        )
        st.checkbox("With its title", key=keys["titled"], on_change=keep)
        st.checkbox("On dark ground", key=keys["dark"], on_change=keep)


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
    draw_table({name: column[:MOST_ROWS] for name, column in columns.items()})
    if rows > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {rows:,} rows; the CSV holds all.")


def buttons(taken: Taken) -> None:
    """Draw a button for every format; files are made on a click, on a thread without a session.

    Where Chrome is missing the formats that it draws are disabled, with the reason.
    """
    missing = _chrome_missing()
    makers: dict[str, Callable[[], bytes]] = {}
    if taken.figure is not None:
        form, link = chosen_form(), citation.link()
        makers |= {kind: partial(_image, taken, kind, form, link) for kind in files.MAGIC}
        makers["html"] = partial(_page, taken, form, link)
    if taken.frames is not None:
        makers["gif"] = partial(_film, taken, chosen_form())
    makers |= {"csv": taken.csv, "npz": taken.npz}
    if (witnesses := taken.witnesses) is not None:
        makers["witnesses.npz"] = lambda: taken.npz(witnesses())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Download" + (" (partial)" if taken.partial else ""), width="content")
        for kind, make in makers.items():
            disabled = missing is not None and kind in {*files.MAGIC, "gif"}
            st.download_button(
                LABELS.get(kind, kind.upper()),
                make,
                f"{taken.stem}.{kind}",
                MIME[kind],
                on_click="ignore",
                key=f"_{kind}_{taken.stem}",
                disabled=disabled,
                help=missing if disabled else None,
            )
        if taken.figure is not None:
            form_choice(taken.name)
    if missing and taken.figure is not None:
        st.caption(missing)
