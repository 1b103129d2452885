"""A row of pictures worth seeing first, a click each."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from ui import tour
from ui.link import links


class Example(NamedTuple):
    """What it shows, the page that does, and its settings as in a link."""

    label: str
    page: str
    query: dict[str, str]


EXAMPLES = (
    Example("s = 1 leaves a hole", "app.py", {"n": "3", "s": "1"}),
    Example("one more s fills it", "app.py", {"n": "3", "s": "2"}),
    Example("KromHC stays on the real line", "app.py", {"n": "4", "method": "KromHC"}),
    Example("certified at n = 4", "app.py", {"n": "4", "s": "1", "show": "both"}),
    Example(
        "the exception at n = 5",
        "app.py",
        {
            "n": "5",
            "method": "mHC-lite",
            "show": "certified reach",
            "window": "-0.305~0.7577~0.03",
            "at": "-0.30509~0.757662",
        },
    ),
    Example("sixteen streams", "app.py", {"n": "16", "s": "1"}),
    Example("a slice of the body", "pages/inside_the_polytope.py", {"n": "3", "s": "1", "layer": "both"}),
)


def row(page: str) -> None:
    """Draw the row on the page at that path."""
    with st.container(horizontal=True, vertical_alignment="center", key="examples"):
        st.markdown("Try", width="content")
        if page == "app.py":
            tour.button()
        for example in EXAMPLES:
            if example.page == page:
                follow = partial(links.follow, example.query)
                st.button(example.label, key=f"_example_{example.label}", type="tertiary", on_click=follow)
            else:
                st.page_link(example.page, label=example.label, query_params=example.query)
