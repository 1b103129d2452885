"""How long a search may go on: a while for everybody, much longer once somebody asks for it."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

SHORT, LONG = 15.0, 600.0
"""Seconds that a search may take, and once somebody asks for more."""


def granted(search: Hashable) -> float:
    """What is searched -> the seconds it may take."""
    return LONG if st.session_state.get("patient") == search else SHORT


def offer(search: Hashable, missing: str) -> None:
    """Say that a search was cut off and what may be missing, and offer to go on."""

    def be_patient() -> None:
        st.session_state["patient"] = search

    st.info(f"The search was cut off: {missing}.")
    st.button("Search to the end", on_click=be_patient, key="search_on")
