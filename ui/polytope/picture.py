"""What is shown of a plane through the polytope: its layers, the lines theory knows, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from figures.marks import own_markers
from figures.polytope.slice import Lines, chosen_point, polytope_plane, shadow_heatmap, slice_cells, told_grid
from figures.style import Style
from geometry.regions import orthostochastic_order3
from ui import frame
from ui.outlines import exact_rank
from ui.polytope import rivals
from ui.polytope.words import matrix_words
from ui.polytope.works import Closest
from ui.recipes import Recipe, measure_title
from ui.spectrum.plane import visible
from ui.words import readable

if TYPE_CHECKING:
    from plotly.basedatatypes import BaseTraceType

    from geometry.grid import Window
    from geometry.slices import Projection, SliceMap, View
    from projectors import Projector
    from ui.own.overlay import Overlay

POINTED = np.linspace(-1, 1, 81)
"""Where the pointer is told something, in both directions, in halves of what is looked at."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What is shown of a plane: the results so far, and the chosen point; `finished` if they are all there.

    `closest` is None before it is `answered` what is nearest, and where the point is outside the polytope.
    `window` is the part that is looked at. `others` are the methods to compare with, `compared` what was found of them,
    both by name. `own` are a reader's own matrices.
    """

    recipe: Recipe
    view: View
    window: Window
    point: tuple[float, float]
    others: Mapping[str, Projector] = field(default_factory=dict)
    shadows: Projection | None = None
    cut: SliceMap | None = None
    closest: Closest | None = None
    answered: bool = False
    compared: Mapping[str, Any] = field(default_factory=dict)
    finished: bool = False
    own: Overlay | None = None

    @property
    def whole(self) -> bool:
        """Whether all of the plane is looked at."""
        return self.window.square is None

    @property
    def lines(self) -> Lines:
        """The lines over the picture by role: what theory knows, and the other methods."""
        return known_lines(self.view, self.recipe) | rivals.lines(self.compared)

    @property
    def told(self) -> str:
        """Return what a reader who cannot see the picture should know."""
        told = f"{self.view.name}: {self.recipe.title}"
        if self.shadows is not None:
            told += f"; shadows of {self.shadows.matrices:,} matrices"
        if self.cut is not None:
            told += f"; {int(self.cut.member.sum()):,} of {int(self.cut.inside.sum()):,} cells of the slice belong"
        return told


def figure(
    plane: Plane, style: Style, *, title: str | None = None, told: Literal["nowhere", "cells", "anywhere"] = "nowhere"
) -> go.Figure:
    """The plane; `told`: words for the pointer are in every cell, as in a file, or anywhere it may go, or nowhere.

    They take a while to write, and a page that grows is drawn again before anybody reads them.
    """
    import torch

    layers: list[BaseTraceType] = []
    lines = plane.lines
    if (shadows := plane.shadows) is not None:
        grid = shadows.density if plane.whole else visible(shadows.density)
        words = matrix_words(plane.view, grid.centres, grid.centre) if told == "cells" else None
        layers = [shadow_heatmap(grid.counts, grid.centres, words, style, centre=grid.centre)]
        if (cut := plane.cut) is not None:
            lines |= slice_lines(cut)
    elif (cut := plane.cut) is not None:
        words = matrix_words(plane.view, cut.centres, cut.centre) if told == "cells" else None
        layers = [*slice_cells(cut.member, cut.touched, cut.distance, cut.centres, words, style, centre=cut.centre)]
    if told == "anywhere":
        pointed = min(1.0, plane.window.half) * POINTED
        layers.append(told_grid(pointed, _words(plane, pointed), plane.window.centre))
    if plane.own is not None:
        places = plane.view.project(torch.from_numpy(plane.own.matrices)).numpy()
        layers.append(own_markers(places[:, 0], places[:, 1], plane.own.names, style))
    layers += chosen_point(*plane.point, plane.closest.landed if plane.closest else None, style)
    return polytope_plane(
        layers, lines, plane.view.corners, plane.view.labels, style=style, title=title, window=plane.window.square
    )


def _words(plane: Plane, grid: NDArray[np.float64]) -> NDArray[np.str_]:
    """Plane, grid (k,) around its window's centre -> what each place (k, k) tells: of its cell, and the matrix."""
    words = matrix_words(plane.view, grid, plane.window.centre)
    if (cut := plane.cut) is not None:
        cell = np.ix_(*[np.abs(cut.centres[:, None] - grid).argmin(0)] * 2)
        away = np.char.mod("<br>%.4f from the set", cut.distance[cell])
        told = np.where(cut.touched[cell], "<br>seen: the set passes through this cell", away)
        told = np.where(cut.member[cell], "<br>certified: in the set", told)
        words = np.where(np.isfinite(cut.distance[cell]), told, "") + words
    if (shadows := plane.shadows) is not None:
        cell = np.ix_(*[np.abs(shadows.density.centres[:, None] - grid).argmin(0)] * 2)
        words = np.char.mod("<br>%d matrices", shadows.density.counts[cell]).astype(object) + words
    return words


def known_lines(view: View, recipe: Recipe) -> Lines:
    """View, recipe -> what theory knows: the polytope's shadow and section, and the exact boundary at n = 3."""
    lines: Lines = {"shadow": ("shadow of Bₙ", closed(view.shadow))}
    if len(view.section) != len(view.shadow) or not np.allclose(view.section, view.shadow):
        lines["section"] = ("slice of Bₙ", closed(view.section))
    if (s := boundary_rank(view, recipe)) is not None:
        lines["exact"] = ("exact boundary", orthostochastic_order3(s).boundary)
    return lines


def slice_lines(cut: SliceMap) -> Lines:
    """Slice -> the line around its certified cells, and the one around those seen far from them, if there are any.

    A set that is an area passes through cells around the certified ones, too: there one line says it all.
    """
    from scipy.ndimage import binary_dilation

    from geometry.slices import outline

    beyond = cut.touched & ~binary_dilation(cut.member, np.ones((3, 3)))
    lines: Lines = {}
    for role, name, cells in (
        ("certified slice", "certified slice", cut.member),
        ("seen slice", "seen, not certified", beyond),
    ):
        if cells.any():
            lines[role] = (name, outline(cells, cut.centres, cut.centre))
    return lines


def boundary_rank(view: View, recipe: Recipe) -> int | None:
    """View, recipe -> the rank s whose exact boundary this plane shows, if it is one of the two planes at n = 3."""
    from geometry.slices import PermutationView

    return None if isinstance(view, PermutationView) else exact_rank(recipe.projector)


def closed(corners: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Corners (k, 2) in order -> the closed line (k + 1,) through them."""
    line = corners[:, 0] + 1j * corners[:, 1]
    return np.append(line, line[:1])


def numbers(plane: Plane) -> None:
    """Draw what lets a reader trust the picture."""
    rows: dict[str, str] = {}
    if plane.cut is not None:
        rows |= _sliced(plane.cut, whole=plane.whole)
    if plane.shadows is not None:
        rows |= _projected(plane, plane.shadows)
    rows["Parameters each"] = f"{plane.recipe.projector.parameter_count:,}"
    frame.numbers(rows, partial=not plane.finished)


def _sliced(cut: SliceMap, *, whole: bool) -> dict[str, str]:
    """Draw the metric of a slice -> its rows of the table."""
    st.metric(
        "Slice filled" + ("" if whole else " in the window"),
        f"{100 * cut.share:.1f} %" if cut.inside.any() else "none here",
        help="Cells whose centre's matrix is in the set: a witness is within 1e-6 in the Frobenius norm. "
        "A set that crosses the plane in a curve fills no area; cells it was seen to pass through have another colour.",
    )
    known = cut.distance[np.isfinite(cut.distance)]
    return {
        "Farthest cell": f"{known.max():.4f}" if len(known) else "–",
        "Cells seen": f"{int(cut.touched.sum()):,}",
        "Slice made in": f"{cut.seconds:.2f} s",
    }


def _projected(plane: Plane, shadows: Projection) -> dict[str, str]:
    """Draw the metric of a projection -> its rows of the table."""
    from geometry.devices import describe

    share = shadows.occupied(plane.view)
    st.metric(
        "Shadow occupied" + ("" if plane.whole else " in the window"),
        "no area" if isnan(share) else f"{100 * share:.1f} %",
        help="Cells of the polytope's shadow that hold a sampled matrix. It grows with the number of matrices.",
    )
    return {
        "Matrices": f"{shadows.matrices:,}",
        "Measure": measure_title(plane.recipe.measure, plane.recipe.projector),
        "Row or column error": f"{shadows.row_error:.1e}" + ("" if plane.recipe.projector.exact else " (not exact)"),
        "Matrices per second": readable(shadows.rate),
        "Sampled in": f"{shadows.seconds:.2f} s",
        "Device": describe(shadows.device),
    }
