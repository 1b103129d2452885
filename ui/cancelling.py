"""Long work that a reader can cancel: what there was is kept with the name of the work, so that no other takes it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def left_over(work: Hashable) -> Any | None:
    """Name of the work -> what there was of it when the reader cancelled it, or None if that was not so."""
    owner, part = st.session_state.get("cancelled", (None, None))
    return part if owner == work else None


def offer_again(place: DeltaGenerator, told: str) -> None:
    """Say that the work was cancelled, and offer to start it again."""
    with place.container():
        st.info(told)
        st.button("Start again", key="restart", on_click=lambda: st.session_state.pop("cancelled", None))


def note(work: Hashable, part: object) -> None:
    """Remember how far the work has come."""
    st.session_state["under_way"] = (work, part)


def done() -> None:
    """Forget the work: it has come to its end."""
    st.session_state.pop("under_way", None)


def button() -> None:
    """Draw the button that cancels the work under way; it may have ended while the click was on its way."""

    def cancel() -> None:
        if "under_way" in st.session_state:
            st.session_state["cancelled"] = st.session_state["under_way"]

    st.button("Cancel", key="cancel", on_click=cancel)
