"""All candidates side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from ui.choosing.words import error
from ui.tables import draw_table

if TYPE_CHECKING:
    from learning.choosing import Choice
    from ui.take import Columns

MOST = 1000
"""Numbers of a matrix beyond which its sums are not measured for a table."""


def mapped(found: Choice) -> bool:
    """Whether there is any reach to draw."""
    return any(each.certified is not None for each in found.every)


def columns(found: Choice) -> Columns:
    """Choice -> what is known of every candidate, None where nothing is."""
    every, budget = found.every, found.budget
    return {
        "method": [each.name for each in every],
        "allowed": [not budget.forbids(each) for each in every],
        "numbers": [each.projector.parameter_count for each in every],
        "flops": [each.projector.flops for each in every],
        "exact": [each.projector.exact for each in every],
        "certified": [each.certified for each in every],
        "touched": [each.touched for each in every],
        "epochs": [None if each.learned is None else each.learned.epochs for each in every],
        "excess_loss": [None if each.learned is None else each.learned.excess for each in every],
    }


def show(found: Choice, dtype: str, seconds: Mapping[str, float]) -> None:
    """Draw one row for each candidate, the answer first, those beyond the budget last with what they exceed."""
    number, percent = st.column_config.NumberColumn, st.column_config.NumberColumn(format="%.1f %%")
    draw_table(
        [
            {
                "Method": each.name,
                "Budget": found.budget.forbids(each) or "within",
                "Certified": None if each.certified is None else 100 * each.certified,
                "Numbers": each.projector.parameter_count,
                "Operations": each.projector.flops,
                "µs, measured": round(1e6 * seconds[each.name], 2) if each.name in seconds else None,
                f"Sums off by, {dtype}": error(each, dtype) if each.projector.parameter_count <= MOST else None,
                "Iterations to learn": None if each.learned is None else each.learned.epochs,
                "Last loss / least": None if each.learned is None else each.learned.excess,
            }
            for each in found.every
        ],
        column_config={
            "Certified": percent,
            "Numbers": number(format="localized"),
            "Operations": number(format="localized"),
            "µs, measured": number(
                format="localized",
                help="With its gradient, for one of many made at once, on this server in one thread.",
            ),
            f"Sums off by, {dtype}": number(format="%.0e"),
            "Iterations to learn": number(
                format="localized", help="Of the paper's Fig. 6 experiment, until within 5 % of the last loss."
            ),
            "Last loss / least": number(format="%.2f", help="1 where all random targets were met."),
        },
    )
