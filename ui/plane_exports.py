"""What the main page lets people take home: the plane's figure, its cells, its arrays and its recipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from figures import files as render
from figures.plane import Outline
from ui import exports
from ui.recipes import Recipe
from ui.surveys import RESOLUTION

if TYPE_CHECKING:
    from geometry.reach import ReachMap
    from geometry.survey import Survey


def row(
    recipe: Recipe,
    survey: Survey | None,
    reach: ReachMap | None,
    lines: dict[str, Outline],
    picture: Callable[..., go.Figure],
) -> None:
    """Draw the downloads of the plane; `picture` takes a title and makes the publication version."""
    told = f"{recipe.title} — {recipe.sample if survey else f'certified reach, seed {recipe.seed}'}"
    stem = f"{'certified' if reach else 'spectral'}-reach_{recipe.file_name}"
    exports.row(
        partial(picture, title=told),
        partial(_table, recipe, survey, reach),
        partial(_archive, recipe, survey, reach, lines),
        _snippet(recipe, survey, reach),
        stem,
    )


def _table(recipe: Recipe, survey: Survey | None, reach: ReachMap | None) -> bytes:
    """CSV of the sample's cells that are not empty or, for a map alone, of its cells that are touched."""
    if survey is not None:
        return render.cells({recipe.title: survey.density.counts}, survey.density.centres)
    assert reach is not None
    rows = (
        (f"{reach.centres[column]:.6f}", f"{reach.centres[row]:.6f}", int(reach.reached[row, column]),
         f"{reach.residual[row, column]:.3e}")
        for row, column in zip(*reach.touched.nonzero(), strict=True)
    )  # fmt: skip
    return render.table(["re", "im", "certified", "distance"], rows)


def _archive(recipe: Recipe, survey: Survey | None, reach: ReachMap | None, lines: dict[str, Outline]) -> bytes:
    """NPZ of counts and edges, of the map's cells, and of the outlines."""
    arrays = {role: line.boundary for role, line in lines.items()}
    told = {"projector": repr(recipe.projector), "measure": recipe.measure, "seed": recipe.seed}
    grid = {} if survey is None else {"counts": survey.density.counts, "edges": survey.density.edges}
    cells = {} if reach is None else {"reached": reach.reached, "touched": reach.touched, "residual": reach.residual}
    centres = {} if reach is None else {"centres": reach.centres}
    return render.archive({**grid, **cells, **centres, **arrays}, {**told, "matrices": recipe.matrices})


def _snippet(recipe: Recipe, survey: Survey | None, reach: ReachMap | None) -> str:
    lines = "" if survey is None else exports.survey_snippet(
        {recipe.method: recipe.projector}, recipe.matrices, recipe.measure, recipe.seed
    )  # fmt: skip
    if reach is not None:
        lines += exports.map_snippet(recipe.projector, RESOLUTION, recipe.seed)
    return lines
