"""Methods side by side: who takes part, and the row of numbers that each gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from geometry.regions import Region

if TYPE_CHECKING:
    from geometry.survey import Survey
    from projectors import Projector


def contenders(n: int, s: int) -> dict[str, Projector]:
    """n, s -> the paper's methods at this n, with go-mHC at ranks 1, 2 and s, by their names on the page."""
    from projectors import Orthostochastic, methods

    table = methods(n, s)
    del table["go-mHC"]
    return table | {f"go-mHC, s = {rank}": Orthostochastic(n, rank) for rank in sorted({1, 2, s})}


def ranked(n: int, largest: int) -> dict[str, list[Projector]]:
    """n, largest s -> the methods that have an s, each at s = 1 to `largest`."""
    from projectors import Mixture, Orthostochastic

    ranks = range(1, largest + 1)
    return {
        "go-mHC": [Orthostochastic(n, s) for s in ranks],
        "averaged orthostochastic": [Mixture(Orthostochastic(n, 1), s) for s in ranks],
    }


def covered(survey: Survey, region: Region) -> float:
    """Survey, region -> the covered share, 0 to 1; nan where the region has no area."""
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
                f"{short} covered": 100 * covered(survey, region),
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
            f"{short} covered": number(format="%.1f %%"),
            "Largest |λ|": number(format="%.4f"),
            "Real": number(format="%.1f %%"),
            "Parameters": number(format="localized"),
            "FLOPs": number(format="localized"),
            "Row or column error": number(format="%.0e"),
            "Matrices per second": number(format="localized"),
        },
    )
