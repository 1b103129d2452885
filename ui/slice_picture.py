"""What is shown of a plane through the polytope: its layers, the lines theory knows, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from figures.slice import Lines, chosen_point, polytope_plane, shadow_heatmap, slice_cells, told_grid
from figures.style import Style
from geometry.regions import orthostochastic_order3
from ui import frame, slices, views
from ui.outlines import BLOCK_NORMS
from ui.recipes import Recipe, measure_title

if TYPE_CHECKING:
    from plotly.basedatatypes import BaseTraceType

    from geometry.slices import Projection, SliceMap, View

CLICKED = np.linspace(-1, 1, 81)
"""Where a click may land, in both directions."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What is shown of a plane: the results so far, the lines over them, and the chosen point."""

    recipe: Recipe
    view: View
    lines: Lines
    point: tuple[float, float]
    closest: slices.Closest | None
    shadows: Projection | None = None
    cut: SliceMap | None = None

    def figure(self, style: Style, *, title: str | None = None, clickable: bool = False) -> go.Figure:
        """Return the picture: with a title for a file, else for the page, where words are told once all is there."""
        from geometry.slices import outline

        layers: list[BaseTraceType] = []
        lines = dict(self.lines)
        if self.shadows is not None:
            counts, centres = self.shadows.density.counts, self.shadows.density.centres
            told = slices.told(self.view, centres) if title else None
            layers = [shadow_heatmap(counts, centres, told, style)]
            if self.cut is not None:
                lines["exception"] = ("certified slice", outline(self.cut.touched, self.cut.centres))
        elif self.cut is not None:
            cut = self.cut
            told = slices.told(self.view, cut.centres) if title else None
            layers = [*slice_cells(cut.member, cut.touched, cut.distance, cut.centres, told, style)]
        layers += [told_grid(CLICKED, self._words(CLICKED))] if clickable else []
        layers += chosen_point(*self.point, self.closest.landed if self.closest else None, style)
        return polytope_plane(layers, lines, self.view.corners, self.view.labels, style=style, title=title)

    def _words(self, grid: NDArray[np.float64]) -> NDArray[np.str_]:
        """Grid (k,) -> what is to be told about each of its places (k, k): of the cell it is in, and the matrix."""
        words = slices.told(self.view, grid)
        if self.cut is not None:
            cell = np.ix_(*[np.abs(self.cut.centres[:, None] - grid).argmin(0)] * 2)
            away = np.char.mod("<br>%.4f from the set", self.cut.distance[cell])
            told = np.where(self.cut.touched[cell], "<br>the set passes through this cell", away)
            told = np.where(self.cut.member[cell], "<br>belongs to the set", told)
            words = np.where(np.isfinite(self.cut.distance[cell]), told, "") + words
        if self.shadows is not None:
            cell = np.ix_(*[np.abs(self.shadows.density.centres[:, None] - grid).argmin(0)] * 2)
            words = np.char.mod("<br>%d matrices", self.shadows.density.counts[cell]).astype(object) + words
        return words

    @property
    def told(self) -> str:
        """Return what a reader who cannot see the picture should know."""
        told = f"{self.view.name}: {self.recipe.title}"
        if self.shadows is not None:
            told += f"; shadows of {self.shadows.matrices:,} matrices"
        if self.cut is not None:
            told += f"; {int(self.cut.member.sum()):,} of {int(self.cut.inside.sum()):,} cells of the slice belong"
        return told


def known_lines(view: View, recipe: Recipe) -> Lines:
    """View, recipe -> what theory knows: the polytope's shadow and section, and the exact boundary at n = 3."""
    lines: Lines = {"perfect_mirsky": ("shadow of Bₙ", views.closed_outline(view.shadow))}
    if len(view.section) != len(view.shadow) or not np.allclose(view.section, view.shadow):
        lines["karpelevich"] = ("slice of Bₙ", views.closed_outline(view.section))
    s = getattr(recipe.projector, "s", None)
    if view.n == 3 and view.name != "chosen permutations" and recipe.method in BLOCK_NORMS and s is not None:
        lines["exact"] = ("exact boundary", orthostochastic_order3(s).boundary)
    return lines


def numbers(plane: Plane) -> None:
    """Draw what lets a reader trust the picture."""
    from geometry.devices import describe

    rows: dict[str, str] = {}
    if (cut := plane.cut) is not None:
        st.metric(
            "Slice filled",
            f"{100 * cut.share:.1f} %",
            help="Cells whose centre's matrix belongs to the set: a witness is within 1e-6 in the Frobenius norm. "
            "A set that crosses the plane in a curve fills no area; the cells it passes through are drawn paler.",
        )
        rows["Farthest cell"] = f"{np.nanmax(np.where(np.isfinite(cut.distance), cut.distance, np.nan)):.4f}"
        rows["Cells passed through"] = f"{int(cut.touched.sum()):,}"
        rows["Slice made in"] = f"{cut.seconds:.2f} s"
    if (shadows := plane.shadows) is not None:
        share = shadows.occupied(plane.view)
        st.metric(
            "Shadow occupied",
            f"{100 * share:.1f} %" if share >= 0 else "no area",
            help="Cells of the polytope's shadow that hold a sampled matrix. It grows with the number of matrices.",
        )
        rows |= {
            "Matrices": f"{shadows.matrices:,}",
            "Measure": measure_title(plane.recipe.measure, plane.recipe.projector),
            "Row or column error": f"{shadows.row_error:.1e}",
            "Matrices per second": frame.readable(shadows.rate),
            "Sampled in": f"{shadows.seconds:.2f} s",
            "Device": describe(shadows.device),
        }
    rows["Parameters each"] = f"{plane.recipe.projector.parameter_count:,}"
    st.table(rows, border="horizontal")
