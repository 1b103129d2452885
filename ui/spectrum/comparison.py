"""Methods side by side: the row of numbers that each gets, and what certified coverage is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from geometry.regions import Region
from ui.glossary import words
from ui.spectrum.maps import LARGEST, RANKS
from ui.tables import draw_table

if TYPE_CHECKING:
    from geometry.survey import Survey
    from projectors import Projector

Place = tuple[int, int]
"""(n, s)."""

MADE = 8
"""The largest n of which maps are made for a rank of which none are shipped."""


def sizes(s: int) -> range:
    """Return the n that certified coverage is drawn for at this s: those with shipped maps, or up to 8."""
    return range(3, (LARGEST if s in RANKS else MADE) + 1)


def certified(n: int, s: int, family: str = "paper") -> dict[str, dict[Place, Projector]]:
    """n, s, whose methods -> by method, what its certified coverage is drawn from.

    At this n for s = 1 to 4, at this s for `sizes`.
    """
    from projectors import Mixture, Orthostochastic, methods, newer

    places = sorted({(n, rank) for rank in (*RANKS, s)} | {(size, s) for size in sizes(s)})
    table: dict[str, dict[Place, Projector]] = {}
    for size, rank in places:
        entries: dict[str, Projector] = {}
        if family != "newer":
            entries |= methods(size, rank)
            entries["averaged orthostochastic"] = Mixture(Orthostochastic(size, 1), rank)
        if family != "paper":
            entries |= newer(size)
        for name, projector in entries.items():
            table.setdefault(name, {})[size, rank] = projector
    return table


def table(entries: Mapping[str, Projector], results: Mapping[str, Survey], region: Region) -> None:
    """Draw one row of numbers for each method."""
    from geometry.coverage import coverage

    seen = f"{region.name.split()[-1]} seen"
    shares = {name: coverage(survey.density, region) for name, survey in results.items()}
    width = next(iter(shares.values())).bin_width
    number = st.column_config.NumberColumn
    draw_table(
        [
            {
                "Method": name,
                "Exact": entries[name].exact,
                seen: 100 * shares[name].share,
                "Largest |λ|": survey.largest,
                "Real": 100 * survey.real_share,
                "Parameters": entries[name].parameter_count,
                "FLOPs": entries[name].flops,
                "Row or column error": survey.row_error,
                "Matrices per second": round(survey.rate),
            }
            for name, survey in results.items()
        ],
        column_config={
            seen: number(
                format="%.1f %%",
                help=f"Cells of side {width:.4g} that hold an eigenvalue: with larger cells than those of *Spectral "
                "reach*, and with more matrices, more is seen. Seen: " + words()["seen"],
            ),
            "Exact": st.column_config.CheckboxColumn(help="Rows and columns sum to 1, up to rounding."),
            "Largest |λ|": number(format="%.4f"),
            "Real": number(format="%.1f %%"),
            "Parameters": number(format="localized"),
            "FLOPs": number(format="localized"),
            "Row or column error": number(format="%.0e"),
            "Matrices per second": number(format="localized"),
        },
    )
