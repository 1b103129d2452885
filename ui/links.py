"""The link is the state: every setting has a name in the URL, a default, and bounds that a hostile link cannot pass.

On arrival at a page, and after the browser's Back or Forward, the URL decides. Otherwise the widgets do, and the URL
follows them. (Streamlit's own binding of widgets to the URL drops bad values without a word, and drops every value on
the way to another page.)
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

Value = int | float | str


def _whole(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        digits = text.replace(",", "").replace("_", "").strip()
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None
        if number is None or not lowest <= number <= highest:
            raise ValueError(f"{name} must be a whole number from {lowest:,} to {highest:,}")
        return number

    return parse


def _one_of(name: str, options: tuple[Value, ...]) -> Callable[[str], Value]:
    def parse(text: str) -> Value:
        for option in options:
            if str(option) == text.replace(",", "") or str(option) == text:
                return option
        raise ValueError(f"{name} must be one of {', '.join(str(option) for option in options)}")

    return parse


LARGEST_SLID, LARGEST_TYPED, LARGEST_RANK = 16, 64, 8
METHODS = (
    "mHC",
    "mHC-lite",
    "KromHC",
    "go-mHC",
    "mHC, linear",
    "go-mHC, unitary",
    "averaged orthostochastic",
    "KromHC, go-mHC factors",
    "weighted KromHC",
)
MEASURES = ("edges", "initial", "target")
SHOWN = ("density", "certified reach", "both")
LINES = {"perfect_mirsky": "PMₙ", "karpelevich": "Θₙ", "hypocycloid": "Hₙ or exact"}
MATRICES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
MATRICES_EACH = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)

DEFAULTS: dict[str, Value] = {
    "n": 4,
    "s": 2,
    "method": "go-mHC",
    "measure": "edges",
    "show": "density",
    "hidden": "",
    "matrices": 100_000,
    "each": 100_000,
    "seed": 0,
    "factors": "",
    "iterations": 20,
    "re": 0.3,
    "im": 0.4,
}


def _factors(text: str) -> str:
    if len(text) > 16 or not all(len(part) == 1 and part in "2345678" for part in text.split("x")):
        raise ValueError("factors must look like 2x2x3, each from 2 to 8")
    return text


def _hidden(text: str) -> str:
    if len(text) > 40 or not all(role in LINES for role in text.split("-")):
        raise ValueError(f"hidden lines must be some of {', '.join(LINES)}, joined by hyphens")
    return text


def _coordinate(text: str) -> float:
    try:
        number = float(text) if len(text) <= 24 else float("nan")
    except ValueError:
        number = float("nan")
    if not -1 <= number <= 1:
        raise ValueError("a target's coordinate must be a number from -1 to 1")
    return number


PARSERS: dict[str, Callable[[str], Value]] = {
    "n": _whole("n", 2, LARGEST_TYPED),
    "s": _whole("s", 1, LARGEST_RANK),
    "method": _one_of("method", METHODS),
    "measure": _one_of("measure", MEASURES),
    "hidden": _hidden,
    "show": _one_of("what is shown", SHOWN),
    "matrices": _one_of("the number of matrices", MATRICES),
    "each": _one_of("the number of matrices of each method", MATRICES_EACH),
    "seed": _whole("the seed", 0, 2**31 - 1),
    "factors": _factors,
    "iterations": _whole("the number of Sinkhorn iterations", 1, 1000),
    "re": _coordinate,
    "im": _coordinate,
}


def read(page: str) -> list[str]:
    """Page path -> complaints about its link; afterwards the session has a usable value under every setting's name."""
    state, complaints = st.session_state, []
    settings: dict[str, Value] = state.setdefault("settings", dict(DEFAULTS))
    settings.update({key: state[key] for key in DEFAULTS if key in state})
    arrived = state.get("page") != page
    went_back = st.query_params.to_dict() != state.get("query") and settings == state.get("known")
    for key, default in DEFAULTS.items():
        if arrived or went_back:
            settings[key], complaint = _parsed(key, st.query_params.get(key), default)
            complaints += complaint
            state[key] = settings[key]
        else:
            state.setdefault(key, settings[key])  # a widget that was not drawn in the last run has lost its value
    state["page"] = page
    return complaints


def _parsed(key: str, text: str | None, default: Value) -> tuple[Value, list[str]]:
    if text is None:
        return default, []
    try:
        return PARSERS[key](text), []
    except ValueError as error:
        instead = "the default" if default == "" else default
        return default, [f"The link said {key} = {shown(text)}, but {error}. Showing {instead}."]


def write() -> None:
    """Put the settings into the URL, once the page's widgets are drawn and agree with each other."""
    state = st.session_state
    state["settings"].update({key: state[key] for key in DEFAULTS if key in state})
    state["query"], state["known"] = current(), dict(state["settings"])
    if st.query_params.to_dict() != state["query"]:
        st.query_params.from_dict(state["query"])


def current() -> dict[str, str]:
    """Return the settings that differ from their defaults, as the query parameters of a link."""
    settings = st.session_state["settings"]
    return {key: str(settings[key]) for key, default in DEFAULTS.items() if settings[key] != default}


def shown(text: str) -> str:
    """Any text -> a short, harmless piece of markdown showing it."""
    short = text if len(text) <= 40 else text[:40] + "…"
    return "`" + "".join(letter if letter.isprintable() and letter != "`" else "�" for letter in short) + "`"
