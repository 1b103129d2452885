"""Surveys of random matrices as long work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui.work import Work

if TYPE_CHECKING:
    from geometry.survey import Survey
    from projectors import Projector

BINS = 201
"""Cells in each direction of a density."""


def survey_work(projector: Projector, count: int, measure: str, seed: int, bins: int = BINS) -> Work[Survey]:
    """projector, count -> surveys of ever more matrices, the last of all `count`."""
    from geometry.sampling import sampling_seconds
    from geometry.survey import survey

    return Work(
        key=("survey", projector, count, measure, seed, bins),
        make=partial(survey, projector, count, measure, seed, bins=bins),  # type: ignore[arg-type]
        finished=lambda part: part.matrices == count,
        share=lambda part: part.matrices / count,
        told=lambda part: f"{part.matrices:,} of {count:,} matrices",
        seconds=sampling_seconds(projector, count, measure),  # type: ignore[arg-type]
    )


def survey_code(projector: str, count: int, measure: str, seed: int, bins: int = BINS) -> str:
    """Python for a projector, and the recipe -> Python for its finished survey."""
    return f"list(survey({projector}, {count}, {measure!r}, {seed}, bins={bins}))[-1]"
