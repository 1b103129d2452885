"""The plane of the main page: what is shown of it, as a picture and as something to take home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.spectrum.plane import density_heatmap, spectral_plane
from figures.spectrum.reach import gap_line, proved_outline, reach_cells, reach_outline
from figures.spectrum.target import target_layers
from figures.style import Style
from geometry.regions import order3_gap
from ui import windows
from ui.link.settings import LINES
from ui.outlines import exact_rank, outlines, python
from ui.own import overlay
from ui.recipes import Recipe, measure_title
from ui.spectrum.maps import map_code
from ui.spectrum.surveys import survey_code
from ui.take import Columns, Taken, stacked

if TYPE_CHECKING:
    from plotly.basedatatypes import BaseTraceType

    from geometry.grid import Density, Window
    from geometry.proofs import Proof
    from geometry.reach import ReachMap
    from geometry.survey import Survey
    from ui.own.overlay import Overlay
    from ui.spectrum.witnesses import Witness


MOST_WITNESSES, PATIENCE = 2**27, 60.0
"""Bytes of the parameters of a map's witnesses that are taken home, and seconds that finding them again may take."""

SPARSE = 0.3
"""Eigenvalues per cell of a window below which three cells by three are drawn as one."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What there is of a sample and of a map, under the lines to be drawn; `finished` if both are all there.

    `window` is the part of the plane that is looked at, `picked` the matrix of a point that was clicked, `own` are a
    reader's own matrices, `proof` is what is proved of the reach.
    """

    recipe: Recipe
    lines: tuple[str, ...]
    window: Window
    survey: Survey | None = None
    reach: ReachMap | None = None
    finished: bool = False
    picked: tuple[complex, Witness] | None = None
    own: Overlay | None = None
    proof: Proof | None = None

    @property
    def whole(self) -> bool:
        """Whether all of the plane is looked at."""
        return self.window.square is None

    @property
    def outlined(self) -> bool:
        """Whether what is proved is drawn: over a map, where there is a proof, and it is wanted."""
        return self.reach is not None and self.proof is not None and "proved" in self.lines

    @property
    def told(self) -> str:
        """Return what a reader who cannot see the picture should know."""
        told = f"Certified reach of {self.recipe.title}"
        if self.survey is not None:
            measured = measure_title(self.recipe.measure, self.recipe.projector)
            told = f"Eigenvalue density of {self.recipe.title}: {self.survey.matrices:,} matrices, measure {measured}"
        if self.reach is not None:
            told += f"; {int(self.reach.reached.sum()):,} cells certified"
        if self.outlined:
            told += ", with the outline of what is proved"
        return told


def figure(plane: Plane, style: Style, *, title: str | None = None) -> go.Figure:
    """Density and certified reach as far as they are there, under the regions known at this n."""
    survey, reach, projector = plane.survey, plane.reach, plane.recipe.projector
    layers: list[BaseTraceType] = []
    if survey is not None:
        grid = survey.density if plane.whole else visible(survey.density)
        layers = [density_heatmap(grid.counts, grid.centres, style, centre=grid.centre)]
    if reach is not None and not reach.touched.any():
        pass  # a line around nothing would only be named
    elif reach is not None and survey is not None:
        layers.append(reach_outline(reach.reached, reach.centres, style, centre=reach.centre))
    elif reach is not None:
        cells = reach.reached, reach.touched, reach.residual
        layers = [*reach_cells(*cells, reach.centres, style, centre=reach.centre)]
    if plane.outlined:
        assert plane.proof is not None
        layers.append(proved_outline(plane.proof.outline(), style))
    s = exact_rank(projector)
    if reach is not None and s is not None:
        layers.append(gap_line(*order3_gap(s), f"ε = 1/{6 * s}", style))
    layers += overlay.spectrum(plane.own, style)
    if plane.picked is not None:
        target, found = plane.picked
        layers += target_layers(target, found.eigenvalue, found.spectrum, None, style, reached=found.solved)
    hidden = [role for role in LINES if role not in plane.lines] + (
        ["exact"] if "hypocycloid" not in plane.lines else []
    )
    drawn = {role: line for role, line in outlines(projector.n, projector).items() if role not in hidden}
    return spectral_plane(layers, drawn, style=style, title=title, window=plane.window.square)


def visible(grid: Density) -> Density:
    """Counts of a window -> the same in cells so large that they are seen, where few eigenvalues fall into it."""
    from geometry.grid import Density

    bins = len(grid.counts)
    if bins % 3 or grid.counts.sum() > SPARSE * bins**2:
        return grid
    blocks = grid.counts.reshape(bins // 3, 3, bins // 3, 3).sum((1, 3))
    return Density(blocks, grid.extent, grid.centre)


def take(plane: Plane) -> Taken:
    """Plane -> what there is to take home of it: the sample's counts, the map's cells, the outlines.

    An unfinished sample is the sample of as many matrices as it has: batches come in the same order whatever follows.
    """
    if plane.survey is not None:
        plane = replace(plane, recipe=replace(plane.recipe, matrices=plane.survey.matrices))
    recipe, survey, reach = plane.recipe, plane.survey, plane.reach
    made = {"method": recipe.title, "projector": recipe.projector}
    made |= {"measure": recipe.measure, "matrices": recipe.matrices} if survey is not None else {}
    made |= windows.noted(plane.window) | overlay.noted(plane.own)
    name = {
        (True, False): "spectral-reach",
        (False, True): "certified-reach",
        (True, True): "spectral-and-certified-reach",
    }
    title = f"{recipe.title} — {recipe.sample if survey is not None else f'certified reach, seed {recipe.seed}'}"
    return Taken(
        name=name[survey is not None, reach is not None],
        title=title,
        figure=partial(figure, plane, title=title),
        arrays=_arrays(plane),
        columns=partial(columns, recipe.title, survey, reach),
        recipe=made | {"seed": recipe.seed},
        code=_code(plane),
        witnesses=partial(_witnesses, plane) if _affordable(plane) else None,
        implied=("projector",),
        partial=not plane.finished,
    )


def _affordable(plane: Plane) -> bool:
    """Whether the map is finished, and the parameters of all its witnesses fit a file."""
    if plane.reach is None or not plane.reach.finished:
        return False
    return int(plane.reach.touched.sum()) * plane.recipe.projector.parameter_count * 8 <= MOST_WITNESSES


def _witnesses(plane: Plane) -> dict[str, NDArray[np.generic]]:
    """The map made anew, with the parameters theta (k, p) of its witnesses and their number in every cell."""
    from geometry.effort import Effort
    from geometry.reach import reach_map

    assert plane.reach is not None
    bins, seed = len(plane.reach.centres), plane.recipe.seed
    effort = Effort(seconds=PATIENCE)
    found = reach_map(plane.recipe.projector, bins, seed, window=plane.window, effort=effort)
    return {
        "theta": found.theta.numpy(),
        "witness": found.witness,
        "reached": found.reached,
        "centres": found.centres,
        "centre": np.array(found.centre),
    }


def _arrays(plane: Plane) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {}
    if (survey := plane.survey) is not None:
        arrays |= {"counts": survey.density.counts, "edges": survey.density.edges}
    if (reach := plane.reach) is not None:
        arrays |= {"reached": reach.reached, "touched": reach.touched, "residual": reach.residual}
        arrays["centres"] = reach.centres
        if plane.outlined:
            assert plane.proof is not None
            arrays["proved"] = plane.proof.outline()
    lines = outlines(plane.recipe.projector.n, plane.recipe.projector)
    arrays |= windows.centre_array(plane.window) | overlay.arrays(plane.own)
    return arrays | {role: line.boundary for role, line in lines.items()}


def columns(title: str, survey: Survey | None, reach: ReachMap | None) -> Columns:
    """Columns of the map's cells that are touched, and below them of the sample's cells that are not empty."""
    tables: list[Columns] = []
    if reach is not None:
        row, column = reach.touched.nonzero()
        cells = {
            "re": (reach.centre.real + reach.centres[column]).round(12),
            "im": (reach.centre.imag + reach.centres[row]).round(12),
            "certified": reach.reached[row, column].astype(int),
            "distance": reach.residual[row, column],
        }
        tables.append(cells if survey is None else {"method": [title] * len(row), **cells})
    if survey is not None:
        tables.append(count_columns({title: survey.density.counts}, survey.density.centres, survey.density.centre))
    return stacked(tables)


def count_columns(
    panels: Mapping[str, NDArray[np.int64]],
    centres: NDArray[np.float64],
    centre: complex = 0j,
    axes: tuple[str, str] = ("re", "im"),
) -> Columns:
    """Counts (bins, bins) by name, cell centres (bins,) from the grid's own -> columns of the cells not empty.

    Places stand under the names of the `axes`.
    """
    names, places = [], []
    for name, counts in panels.items():
        found = np.argwhere(counts)
        names += [name] * len(found)
        places.append(np.column_stack([found, counts[found[:, 0], found[:, 1]]]))
    row, column, count = np.concatenate(places).T
    across, up = (centre.real + centres[column]).round(12), (centre.imag + centres[row]).round(12)
    return {"method": names, axes[0]: across, axes[1]: up, "count": count}


def _code(plane: Plane) -> str:
    recipe, survey, reach = plane.recipe, plane.survey, plane.reach
    lines, arrays = [f"projector = {recipe.projector!r}"], []
    if survey is not None:
        made = survey_code("projector", recipe.matrices, recipe.measure, recipe.seed, plane.window)
        lines.append(f"found = {made}")
        arrays += ['"counts": found.density.counts, "edges": found.density.edges']
    if reach is not None:
        lines.append(f"reach = {map_code('projector', reach, recipe.seed, plane.window)}")
        arrays += [
            '"reached": reach.reached, "touched": reach.touched',
            '"residual": reach.residual, "centres": reach.centres',
        ]
    if plane.outlined:
        lines.append("proof = shipped_proof(projector)")
        arrays.append('"proved": proof.outline()')
    arrays += [f'"{role}": {made}' for role, made in python(recipe.projector.n, recipe.projector).items()]
    lines += ["arrays = {", *(f"    {each}," for each in arrays), "}"]
    return "\n".join([*lines, *windows.centre_code(plane.window), *overlay.code(plane.own)])
