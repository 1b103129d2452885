"""Three steps that show a newcomer what the first page is for: each sets the page, and says what there is to see."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from ui.link import links


class Step(NamedTuple):
    """What to look at, and the settings that show it."""

    text: str
    query: dict[str, str]


STEPS = (
    Step(
        "Three streams, rank 1. The red triangle holds every eigenvalue that a mixing matrix of three streams can "
        "have; what go-mHC reaches of it is the blue deltoid inside. Its edges stay empty: signals cannot turn there "
        "without fading.",
        {"n": "3", "s": "1"},
    ),
    Step(
        "Rank 2, one step of the slider: most of the triangle fills, and the gap at its edges is 1/12 at its widest. "
        "Slide s further, or n, and watch the numbers on the right.",
        {"n": "3", "s": "2"},
    ),
    Step(
        "A sample shows what is likely. Certified reach shows what is possible: every blue cell has a matrix. Click "
        "any cell, and it appears below; draw a rectangle to look closely, and the map is made anew there.",
        {"n": "3", "s": "2", "show": "certified reach", "at": "-0.2~0.3"},
    ),
)


def button() -> None:
    """Draw the button that begins the tour."""
    st.button("Tour", key="_tour_begin", type="tertiary", on_click=partial(_go, 0))


def panel() -> None:
    """Draw the step that the reader is at, if the tour is under way."""
    place = st.session_state.get("_tour")
    if place is None:
        return
    with st.container(border=True, key="tour"):
        st.markdown(f"**{place + 1} of {len(STEPS)}.** {STEPS[place].text}")
        with st.container(horizontal=True):
            if place:
                st.button("Back", key="_tour_back", on_click=partial(_go, place - 1))
            if place + 1 < len(STEPS):
                st.button("Next", key="_tour_next", type="primary", on_click=partial(_go, place + 1))
            st.button("End the tour", key="_tour_end", on_click=partial(_go, None))


def _go(place: int | None) -> None:
    st.session_state["_tour"] = place
    if place is not None:
        links.follow(STEPS[place].query)
