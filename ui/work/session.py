"""What a visit remembers of long work: what it asked to start, what is under way, and what was left unfinished."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

Why = Literal["cancelled", "cut off"]
MOST_ASKED = 32
"""How many pieces of work a visit remembers to have asked for."""


@dataclass(frozen=True, eq=False)
class Left:
    """What there was of a piece of work when it was left: its key, the results by label, and why it ended there."""

    key: Hashable
    results: Mapping[str, Any]
    why: Why


def begin() -> None:
    """Forget what the last run of the page had under way: had the reader cancelled it, it would be left by now."""
    for word in [word for word in st.session_state if str(word).startswith("_under_way_")]:
        del st.session_state[word]


def note(slot: str, key: Hashable, results: Mapping[str, Any]) -> None:
    """Remember how far the work of a place on the page has come, in case the reader cancels it."""
    st.session_state[f"_under_way_{slot}"] = (key, results)


def done(slot: str) -> None:
    """Forget the work of a place: it has come to its end."""
    for kind in ("under_way", "left"):
        st.session_state.pop(f"_{kind}_{slot}", None)


def leave(slot: str, key: Hashable, results: Mapping[str, Any], why: Why) -> None:
    """Keep what there is of unfinished work, in place of whatever was left there before."""
    st.session_state.pop(f"_under_way_{slot}", None)
    st.session_state[f"_left_{slot}"] = Left(key, results, why)


def cancel(slot: str) -> None:
    """Leave the work under way; it may have ended while the click was on its way."""
    if (noted := st.session_state.get(f"_under_way_{slot}")) is not None:
        key, results = noted
        leave(slot, key, results, "cancelled")


def left(slot: str, key: Hashable) -> Left | None:
    """Place, key of the work -> what is left of that very work; what other work left is dropped."""
    found: Left | None = st.session_state.get(f"_left_{slot}")
    if found is not None and found.key != key:
        del st.session_state[f"_left_{slot}"]
        return None
    return found


def ask(kind: Literal["started", "patient"], key: Hashable) -> None:
    """Remember that the reader asked to start this work, or to go on with it beyond its deadline."""
    asked: dict[Hashable, None] = st.session_state.setdefault(f"_{kind}", {})
    asked[key] = None
    while len(asked) > MOST_ASKED:
        del asked[next(iter(asked))]


def asked(kind: Literal["started", "patient"], key: Hashable) -> bool:
    """Return whether the reader asked for that."""
    return key in st.session_state.get(f"_{kind}", {})
