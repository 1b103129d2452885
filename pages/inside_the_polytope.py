"""What does the set itself look like, inside the polytope?"""

from __future__ import annotations

import streamlit as st

from ui import frame
from ui.link import settings
from ui.polytope import plane, real_or_complex, space

QUESTION = (
    "The spectrum is the polytope's shadow on the eigenvalue plane. Here is the body: which part of a plane through it "
    "a parameterization fills, how it lies in space, and what complex matrices add."
)


def main() -> None:
    """Draw the page: each of its aspects is a page of its own, with the same four functions."""
    frame.begin("pages/inside_the_polytope.py", QUESTION)
    aspect = st.segmented_control(
        "Look at", settings.ASPECTS, key="aspect", required=True, label_visibility="collapsed"
    )
    places = {name: st.empty() for name in settings.ASPECTS}  # one each: what another showed does not linger
    with places[str(aspect)].container():
        {"plane": plane, "space": space, "real or complex": real_or_complex}[str(aspect)].show()
    frame.reading("inside_the_polytope")


main()
