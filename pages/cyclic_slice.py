"""What does the set itself look like, inside the polytope?"""

from __future__ import annotations

import streamlit as st

from ui import frame, settings, slice_gap, slice_plane, slice_space

frame.begin(
    "pages/cyclic_slice.py",
    "The spectrum is the polytope's shadow on the eigenvalue plane. Here is the body: which part of a plane through it "
    "a parameterization fills, how it lies in space, and what complex matrices add.",
)
aspect = st.segmented_control("Look at", settings.ASPECTS, key="aspect", required=True, label_visibility="collapsed")
{"plane": slice_plane.show, "space": slice_space.show, "real or complex": slice_gap.show}[str(aspect)]()
frame.reading("cyclic_slice")
