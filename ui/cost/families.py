"""Methods at every number of streams, and which of their numbers count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.link import settings
from ui.methods import contenders, contenders_code

if TYPE_CHECKING:
    from learning.cost import Coefficients
    from projectors import Projector

SIZES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
POWERS = (2, 4, 8, 16, 32, 64)

PREDICTED = {"minimal": "as few as needed", "implemented": "as in the paper's code"}
PREDICTED_HELP = """
- **as few as needed**: n² for mHC, ns(ns − 1)/2 for go-mHC, n! for mHC-lite, the sum of the iₖ! for KromHC.
- **as in the paper's code**: the same, but (ns)² for go-mHC, which predicts a full matrix and keeps half of it.
"""


def predicted_choice() -> Coefficients:
    """Draw the switch between the numbers that a map needs and those that the paper's code predicts -> which."""
    chosen = st.segmented_control(
        "Numbers R that the network predicts for a matrix",
        settings.PREDICTED,
        key="predicted",
        required=True,
        format_func=PREDICTED.__getitem__,
        help=PREDICTED_HELP,
    )
    return "implemented" if chosen == "implemented" else "minimal"


def families(s: int, sizes: tuple[int, ...] = SIZES, family: str = "paper") -> dict[str, dict[int, Projector]]:
    """s, whose methods -> by method, its projector at every n; KromHC with factors of 2, whose n are powers of two."""
    table: dict[str, dict[int, Projector]] = {name: {} for name in contenders(4, s, family)}
    for n in sizes:
        for name, projector in contenders(n, s, family).items():
            if name != "KromHC" or n in POWERS:
                table.setdefault(name, {})[n] = projector
    return table


def families_code(s: int, sizes: tuple[int, ...] = SIZES, family: str = "paper") -> str:
    """As `families` -> Python that walks through the same, method by method: name, n, projector."""
    return f"""
table = {{name: {{}} for name in {contenders_code(4, s, family)}}}
for n in {sizes}:
    for name, projector in {contenders_code("n", s, family)}.items():
        if name != "KromHC" or n in {POWERS}:  # with factors of 2 only
            table.setdefault(name, {{}})[n] = projector
every = [(name, n, projector) for name, row in table.items() for n, projector in row.items()]
"""
