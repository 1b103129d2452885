"""The link is the state: every setting has a name in the URL, a default, and bounds that a hostile link cannot pass.

On arrival at a page, and after the browser's Back or Forward, the URL decides. Otherwise the widgets do, and the URL
follows them. (Streamlit's own binding of widgets to the URL drops bad values without a word, and drops every value on
the way to another page.)
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.link.parsers import Value
from ui.link.settings import SETTINGS
from ui.words import literal

DEFAULTS: dict[str, Value] = {key: default for key, (default, _) in SETTINGS.items()}


def read(page: str) -> list[str]:
    """Page path -> complaints about its link; afterwards the session has a usable value under every setting's name."""
    state, complaints = st.session_state, []
    settings: dict[str, Value] = state.setdefault("_settings", dict(DEFAULTS))
    settings.update({key: state[key] for key in DEFAULTS if key in state})
    arrived = state.get("_page") != page
    went_back = through_history() and st.query_params.to_dict() != state.get("_query")
    for key, default in DEFAULTS.items():
        if arrived or went_back:
            settings[key], complaint = _parsed(key, st.query_params.get(key), default)
            complaints += complaint
            state[key] = settings[key]
        else:
            state.setdefault(key, settings[key])  # a widget that was not drawn in the last run has lost its value
    state["_page"], state["_followed"] = page, arrived or went_back
    return complaints


def through_history() -> bool:
    """Whether Back or Forward led here. Another address alone does not say so: the browser's may be late."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def follow(query: dict[str, str]) -> None:
    """Settings as in a link, the others at their defaults: let the widgets have them, as if that link was opened."""
    for key, default in DEFAULTS.items():
        st.session_state[key], _ = _parsed(key, query.get(key), default)


def _parsed(key: str, text: str | None, default: Value) -> tuple[Value, list[str]]:
    if text is None:
        return default, []
    try:
        return SETTINGS[key][1](text), []
    except ValueError as error:
        instead = "the default" if default == "" else default
        return default, [f"The link said {key} = {shown(text)}, but {literal(str(error))}. Showing {instead}."]


def write() -> None:
    """Put the settings into the URL, once the page's widgets are drawn and agree with each other.

    Not where the page has just followed a link: what the widgets made of it would be one more place in the browser's
    history, from which Back leads to the link, and from there here again. Nor while a point is dragged: see `hold`.
    """
    state = st.session_state
    state["_settings"].update({key: state[key] for key in DEFAULTS if key in state})
    state["_query"] = current()
    if state["_followed"] or state.pop("_moving", False):
        state["_query"] = st.query_params.to_dict()
    elif st.query_params.to_dict() != state["_query"]:
        st.query_params.from_dict(state["_query"])


def hold(*, moving: bool) -> None:
    """Leave the URL as it is in this run if something is `moving`: Back would lead through all places on its way."""
    st.session_state["_moving"] = moving


def current() -> dict[str, str]:
    """Return the settings that differ from their defaults, as the query parameters of a link."""
    settings = st.session_state["_settings"]
    return {key: str(settings[key]) for key, default in DEFAULTS.items() if settings[key] != default}


def shown(text: str) -> str:
    """Any text -> a short, harmless piece of markdown showing it."""
    short = text if len(text) <= 40 else text[:40] + "…"
    return "`" + "".join(letter if letter.isprintable() and letter != "`" else "�" for letter in short) + "`"
