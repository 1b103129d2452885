"""The frame of every page: title, one menu, the page's question, and the look of its figures."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from figures.style import DARK, LIGHT, Style
from ui import links

ROOT = Path(__file__).parents[1]

PAGES = {
    "app.py": "Spectral reach",
    "pages/compare_methods.py": "Compare methods",
    "pages/target_eigenvalue.py": "Target eigenvalue",
    "pages/cyclic_slice.py": "Inside the polytope",
    "pages/stream_mixing.py": "Stream mixing",
    "pages/complexity.py": "Complexity",
}


def begin(path: str, question: str) -> None:
    """Set up the page at `path`: configuration, menu, title, and its question as a caption; read its link.

    Complaints about values in the link that cannot be used are shown once, below the question.
    """
    title = PAGES[path]
    st.set_page_config(f"{title} · Birkhoff Explorer", page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")
    st.html(ROOT / "assets" / "app.css")
    complaints = links.read(path)
    with st.container(horizontal=True, vertical_alignment="center", key="menu"):
        st.markdown("**Birkhoff Explorer**", width="content")
        for page, label in PAGES.items():
            st.page_link(page, label=label, query_params=links.current())
    st.title(title)
    st.markdown(question)
    for complaint in complaints:
        st.warning(complaint)
    _prepare()


@st.cache_resource(show_spinner="Loading the numerics, once for all visitors")
def _prepare() -> None:
    """Import torch, and let each of its operations use one thread: the surveys share the cores among themselves.

    Torch's own threads wait for each other by spinning, which on a server with several visitors costs far more than a
    second thread gains.
    """
    import torch

    torch.set_num_threads(1)


def style() -> Style:
    """Return the figure style of the reader's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def reading(page: str) -> None:
    """Draw "How to read this", the formulas and sources kept in assets/reading."""
    with st.expander("How to read this"):
        st.markdown((ROOT / "assets" / "reading" / f"{page}.md").read_text(encoding="utf-8"))


def duration(seconds: float) -> str:
    """Seconds -> "40 s", "12 min" or "3 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def readable(number: float) -> str:
    """Number -> how a person reads it: 1,234 or 1.2 million or 3.5e9."""
    if abs(number) < 1e6:
        return f"{number:,.0f}"
    return f"{number / 1e6:,.1f} million" if abs(number) < 1e9 else f"{number:.1e}"
