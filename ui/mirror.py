"""Widgets that show what is kept under another name."""

from __future__ import annotations

import streamlit as st


def mirror(key: str, value: object) -> None:
    """Let the widget of this key show this value; it is left alone if it does so already.

    To set what a widget shows sends it to the browser, where it undoes what the reader has done in the meantime: of
    eight quick key presses one or two were lost. On another page it is another widget, which shows nothing yet.
    """
    state = st.session_state
    shown_on = state.setdefault("_mirrored", {})
    if shown_on.get(key) != state["_page"] or key not in state or state[key] != value:
        state[key], shown_on[key] = value, state["_page"]
