"""Surveys of random matrices as long work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui import windows
from ui.work import Work

if TYPE_CHECKING:
    from geometry.grid import Window
    from geometry.survey import Survey
    from projectors import Projector

BINS = 201
"""Cells in each direction of a density."""


def survey_work(
    projector: Projector, count: int, measure: str, seed: int, bins: int = BINS, window: Window | None = None
) -> Work[Survey]:
    """projector, count -> surveys of ever more matrices, the last of all `count`."""
    from geometry.grid import WHOLE
    from geometry.sampling import sampling_seconds
    from geometry.survey import survey

    window = window or WHOLE
    return Work(
        key=("survey", projector, count, measure, seed, bins, window),
        make=partial(survey, projector, count, measure, seed, bins=bins, window=window),  # type: ignore[arg-type]
        finished=lambda part: part.matrices == count,
        share=lambda part: part.matrices / count,
        told=lambda part: f"{part.matrices:,} of {count:,} matrices",
        seconds=sampling_seconds(projector, count, measure),  # type: ignore[arg-type]
    )


def survey_code(projector: str, count: int, measure: str, seed: int, window: Window, bins: int = BINS) -> str:
    """Python for a projector, and the recipe -> Python for its finished survey."""
    return f"list(survey({projector}, {count}, {measure!r}, {seed}, bins={bins}{windows.keyword(window)}))[-1]"
