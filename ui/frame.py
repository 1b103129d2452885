"""The frame of every page: title, one menu, the page's question, and the look of its figures."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from figures.marks import mark_partial
from figures.style import DARK, LIGHT, Style
from ui import first_picture, glossary
from ui.link import links
from ui.work import session

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.delta_generator import DeltaGenerator

ROOT = Path(__file__).parents[1]

PARTIAL = ":orange-badge[partial]"

PAGES = {
    "app.py": "Spectral reach",
    "pages/compare_methods.py": "Compare methods",
    "pages/target_eigenvalue.py": "Target eigenvalue",
    "pages/inside_the_polytope.py": "Inside the polytope",
    "pages/your_matrices.py": "Your matrices",
    "pages/stream_mixing.py": "Stream mixing",
    "pages/language_model.py": "Language model",
    "pages/complexity.py": "Complexity",
    "pages/choose.py": "Choose",
    "pages/paper_companion.py": "The paper",
}


def begin(path: str, question: str) -> None:
    """Set up the page at `path`: configuration, menu, title, and its question as a caption; read its link.

    Complaints about values in the link that cannot be used are shown once, below the question.
    """
    title = PAGES[path]
    st.set_page_config(f"{title} · Birkhoff Explorer", page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")
    st.html(ROOT / "assets" / "app.css")
    complaints = links.read(path)
    session.begin()
    with st.container(horizontal=True, vertical_alignment="center", key="menu"):
        st.markdown("**Birkhoff Explorer**", width="content")
        for page, label in PAGES.items():
            st.page_link(page, label=label, query_params=links.current())
    st.title(title)
    st.markdown(question)
    for complaint in complaints:
        st.warning(complaint)
    waiting = st.empty()
    first_picture.show(path, waiting)
    _prepare()
    waiting.empty()


@st.cache_resource(show_spinner="Loading the numerics, once for all visitors")
def _prepare() -> None:
    """Import torch, and let each of its operations use one thread: the surveys share the cores among themselves.

    Torch's own threads wait for each other by spinning, which on a server with several visitors costs far more than a
    second thread gains. What modules hold stays for good: the garbage collector need not walk through it every time.
    And pandas, which streamlit imports when it first needs it: of two visitors who do so together, one gets half of it.
    """
    import torch

    import_module("pandas")

    torch.set_num_threads(1)
    gc.freeze()


def style() -> Style:
    """Return the figure style of the reader's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def reading(page: str) -> None:
    """Draw "How to read this", the formulas and sources kept in assets/reading."""
    with st.expander("How to read this"):
        st.markdown((ROOT / "assets" / "reading" / f"{page}.md").read_text(encoding="utf-8"))
    glossary.expander()


def chart(
    figure: go.Figure,
    key: str,
    alt: str,
    *,
    place: DeltaGenerator | None = None,
    fills: bool = False,
    toolbar: bool = True,
    partial: bool = False,
) -> None:
    """Draw a figure in its own colours; `alt` is what a reader who cannot see it should know.

    `fills`: as high as the container, which keeps its shape. What is `partial` says so, to both kinds of readers.
    What is done to it, `ui.pointer` tells.
    """
    if partial:
        figure, alt = mark_partial(figure, style()), f"{alt} (partial)"
    (place or st).plotly_chart(
        figure,
        theme=None,
        height="stretch" if fills else "content",
        key=key,
        alt=alt,
        config=None if toolbar else {"displayModeBar": False},
    )


def numbers(rows: Mapping[str, str], *, partial: bool = False) -> None:
    """Draw rows of numbers, one below the other, the first of them a word of warning while they are not final.

    One element, finished or not: where the next drawing has fewer, streamlit leaves what it had before.
    """
    st.table(({"State": PARTIAL} if partial else {}) | dict(rows), border="horizontal")


def state(finished: bool) -> None:
    """Say above a table, if so, that its numbers are not final."""
    if not finished:
        st.markdown(PARTIAL)
