"""Which methods stand side by side on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from projectors import Projector

MOST_PARAMETERS = 6000
"""Beyond so many, a method is left out where each of several is searched or differentiated."""


FAMILIES = {"paper": "the paper's", "newer": "newer ones", "all": "all"}
"""Whose methods stand side by side, and what the switch says."""


def family_choice() -> str:
    """Draw the switch between the paper's methods and newer ones -> which."""
    return str(
        st.segmented_control(
            "Methods",
            list(FAMILIES),
            key="family",
            required=True,
            format_func=FAMILIES.__getitem__,
            help="Newer ones are what others have proposed since, from TBP-mHC to no mixing at all.",
        )
    )


def contenders(n: int, s: int, family: str = "paper") -> dict[str, Projector]:
    """n, s -> the methods of a family at this n, with go-mHC at ranks 1, 2 and s, by their names on the page."""
    from projectors import newer, ranked

    return (ranked(n, ranks(s)) if family != "newer" else {}) | (newer(n) if family != "paper" else {})


def contenders_code(n: object, s: int, family: str = "paper") -> str:
    """As `contenders`, but Python that makes them; n may be a name in it."""
    paper, others = f"ranked({n}, {ranks(s)})", f"newer({n})"
    return {"paper": paper, "newer": others}.get(family, f"{{**{paper}, **{others}}}")


def small_contenders(n: int, s: int, family: str = "paper") -> dict[str, Projector]:
    """As `contenders`, but those alone that have not too many parameters."""
    return {name: each for name, each in contenders(n, s, family).items() if each.parameter_count <= MOST_PARAMETERS}


def ranks(s: int) -> list[int]:
    """s -> the ranks of go-mHC that stand beside each other."""
    return sorted({1, 2, s})
