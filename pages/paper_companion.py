"""Where is each figure of the paper, and what is different here?"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui import frame
from ui.link import links
from ui.paper import claims
from ui.paper.entries import CLAIMS, FIGURES, TABLES, Entry

QUESTION = (
    "Every figure and table of the go-mHC paper ([arXiv 2604.02309](https://arxiv.org/abs/2604.02309)): what it shows, "
    "the same picture here, live, and what came out different."
)


def listed(entries: Sequence[Entry]) -> None:
    """Draw one row for each entry: a link where there is a picture, what it shows, what is different."""
    for entry in entries:
        name, shows, different = st.columns([3, 10, 12], gap="small", vertical_alignment="center")
        with name:
            if entry.page:
                st.page_link(entry.page, label=entry.name, query_params=entry.query)
            else:
                st.markdown(entry.name)
        shows.markdown(entry.shows)
        if entry.different:
            different.caption(entry.different)


def main() -> None:
    """Draw the page."""
    frame.begin("pages/paper_companion.py", QUESTION)
    links.write()
    with st.container(key="paper"):
        st.header("Figures")
        st.caption(
            "Learning curves are with the features, starts and epsilon of the authors' notebook, with which the "
            "paper's own were evidently made; what its text says gives other numbers."
        )
        listed(FIGURES)
        st.header("Tables")
        listed(TABLES)
        st.header("Claims without a figure")
        listed(CLAIMS)
    claims.show()


main()
