"""The words of the field, each explained in one place: on the pages that use them, and where the pointer rests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

FILE = Path(__file__).parents[1] / "assets" / "glossary.md"


@cache
def words() -> dict[str, str]:
    """Return what every word means."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def explained(*names: str) -> str:
    """Words -> markdown that explains them, one below the other. Raises KeyError for a word that is not explained."""
    return "\n".join(f"- **{name}**: {words()[name]}" for name in names)


def expander() -> None:
    """Draw all words, folded."""
    with st.expander("Words"):
        st.markdown(explained(*words()))
