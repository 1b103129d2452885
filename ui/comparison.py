"""Methods side by side: who takes part, and the row of numbers that each gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from geometry.regions import Region

if TYPE_CHECKING:
    from geometry.survey import Survey
    from projectors import Projector

RANKS = (1, 2, 3, 4)
SIZES = (3, 4, 5, 6, 7, 8)


def contenders(n: int, s: int) -> dict[str, Projector]:
    """n, s -> the paper's methods at this n, with go-mHC at ranks 1, 2 and s, by their names on the page."""
    from projectors import Orthostochastic, methods

    table = methods(n, s)
    del table["go-mHC"]
    return table | {f"go-mHC, s = {rank}": Orthostochastic(n, rank) for rank in sorted({1, 2, s})}


def certified(n: int, s: int) -> dict[str, dict[tuple[int, int], Projector]]:
    """n, s -> by method, what its certified coverage is drawn from: at this n for s = 1 to 4, at this s for n = 3 to 8.

    Keys are (n, s). mHC-lite stops at n = 6: its maps beyond take minutes.
    """
    from projectors import Mixture, Orthostochastic, methods

    places = sorted({(n, rank) for rank in (*RANKS, s)} | {(size, s) for size in SIZES})
    table: dict[str, dict[tuple[int, int], Projector]] = {}
    for size, rank in places:
        entries = methods(size, rank)
        if size > 6:
            entries.pop("mHC-lite", None)
        entries["averaged orthostochastic"] = Mixture(Orthostochastic(size, 1), rank)
        for name, projector in entries.items():
            table.setdefault(name, {})[size, rank] = projector
    return table


def hit(survey: Survey, region: Region) -> float:
    """Survey, region -> the share of the region's cells that the sample hits, 0 to 1; nan without area."""
    from geometry.coverage import coverage

    return coverage(survey.density, region).share


def table(entries: Mapping[str, Projector], results: Mapping[str, Survey], region: Region) -> None:
    """Draw one row of numbers for each method."""
    short = region.name.split()[-1]
    number = st.column_config.NumberColumn
    st.dataframe(
        [
            {
                "Method": name,
                f"{short} hit": 100 * hit(survey, region),
                "Largest |λ|": survey.largest,
                "Real": 100 * survey.real_share,
                "Parameters": entries[name].parameter_count,
                "FLOPs": entries[name].flops,
                "Row or column error": survey.row_error,
                "Matrices per second": round(survey.rate),
            }
            for name, survey in results.items()
        ],
        hide_index=True,
        column_config={
            f"{short} hit": number(format="%.1f %%"),
            "Largest |λ|": number(format="%.4f"),
            "Real": number(format="%.1f %%"),
            "Parameters": number(format="localized"),
            "FLOPs": number(format="localized"),
            "Row or column error": number(format="%.0e"),
            "Matrices per second": number(format="localized"),
        },
    )
