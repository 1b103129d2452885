"""The plane of the page on slices: projection, certified slice, outlines of other methods, and a chosen point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from figures.slice import Lines, chosen_point, polytope_plane, shadow_heatmap, slice_cells
from figures.style import Style
from figures.target import click_grid
from geometry.regions import orthostochastic_order3
from ui import controls, frame, links, nearest_panel, rivals, settings, slice_exports, slices, views
from ui.outlines import BLOCK_NORMS
from ui.recipes import Recipe, measure_title
from ui.store import Paced

if TYPE_CHECKING:
    from plotly.basedatatypes import BaseTraceType
    from streamlit.delta_generator import DeltaGenerator

    from geometry.slices import Projection, SliceMap, View

LAYER_HELP = """
- **projection**: where the shadows of random matrices of the method fall: what is likely, from all over the polytope.
- **certified slice**: which matrices *of this plane itself* the method reaches, each with a witness.
"""


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
        """Return the picture."""
        from geometry.slices import outline

        layers: list[BaseTraceType] = []
        lines = dict(self.lines)
        if self.shadows is not None:
            counts, centres = self.shadows.density.counts, self.shadows.density.centres
            layers = [shadow_heatmap(counts, centres, slices.told(self.view, centres), style)]
            if self.cut is not None:
                lines["exception"] = ("certified slice", outline(self.cut.touched, self.cut.centres))
        elif self.cut is not None:
            cut = self.cut
            told = slices.told(self.view, cut.centres)
            layers = [*slice_cells(cut.member, cut.touched, cut.distance, cut.centres, told, style)]
        layers += [click_grid(np.linspace(-1, 1, 81))] if clickable else []
        layers += chosen_point(*self.point, self.closest.landed if self.closest else None, style)
        return polytope_plane(layers, lines, self.view.corners, self.view.labels, style=style, title=title)

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


def clicked() -> None:
    """Take the clicked place as the chosen point."""
    points = st.session_state["slice_plane"].selection.points
    if points:
        st.session_state["x"], st.session_state["y"] = round(points[0]["x"], 6), round(points[0]["y"], 6)


def point_choice() -> tuple[float, float]:
    """Draw the widgets for a point of the plane -> that point."""
    x, y = st.columns(2)
    help_text = "Or click the picture."
    first = x.number_input("Point x", -1.0, 1.0, step=0.05, format="%.4f", key="x", help=help_text)
    return float(first), float(y.number_input("Point y", -1.0, 1.0, step=0.05, format="%.4f", key="y"))


def results(plane: Plane, layer: str, cells: int | None, bar: DeltaGenerator) -> Iterator[Plane]:
    """Plane without results -> the plane with ever more of them; progress in `bar`."""
    recipe, view = plane.recipe, plane.view
    if layer != "certified slice" or cells is None:
        for part in slices.projections(recipe.projector, view, recipe.matrices, recipe.measure, recipe.seed):
            plane = replace(plane, shadows=part)
            if part.matrices < recipe.matrices:
                rest = frame.duration((recipe.matrices - part.matrices) / part.rate)
                bar.progress(part.matrices / recipe.matrices, f"{part.matrices:,} matrices; {rest} to go")
            yield plane
    if layer != "projection" and cells is not None:
        patience = slices.MORE if st.session_state.get("patient") == (recipe.projector, view.name) else slices.PATIENCE
        for cut in slices.slices(recipe.projector, view, cells, recipe.seed, patience):
            plane = replace(plane, cut=cut)
            known = np.isfinite(cut.distance[cut.inside]).mean()
            bar.progress(float(known), f"{int(cut.member.sum()):,} cells of the slice certified")
            yield plane
    bar.empty()


def search_on(plane: Plane) -> None:
    """Say that the search was cut off, and offer to go on."""

    def be_patient() -> None:
        st.session_state["patient"] = (plane.recipe.projector, plane.view.name)

    st.info(f"The search was cut off after {slices.PATIENCE:.0f} s: more cells may belong.")
    st.button("Search to the end", on_click=be_patient, key="search_on")


def show() -> None:
    """Draw the widgets, the picture while it grows, its numbers, the chosen point, and the exports."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        view = views.plane_choice(n)
        sampled = st.session_state["layer"] != "certified slice" or slices.resolution(projector) is None
        measure = controls.measure_choice(used=sampled)
        matrices = controls.sample_size("matrices", "Matrices", settings.MATRICES, used=sampled)
        recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
        others = rivals.choice(n, s, projector)
    cells = slices.resolution(projector)
    with centre:
        layer = str(
            st.segmented_control("Show", settings.LAYERS, key="layer", required=True, help=LAYER_HELP, width="stretch")
        )
        if cells is None and layer != "projection":
            st.info(f"A certified slice of {recipe.title} would take minutes; its projection is shown.")
        with st.container(key="square"):
            plot = st.empty()
        bar = st.empty()
        point = point_choice()
    links.write()
    beside = right.empty()
    closest = slices.closest(projector, view, *point, recipe.seed) if cells else None
    pace, drawing = Paced(), count()

    def growing(plane: Plane) -> None:
        key = f"growing_{next(drawing)}"
        plot.plotly_chart(plane.figure(frame.style()), theme=None, height="stretch", key=key, alt=plane.told)
        with beside.container():
            numbers(plane)

    for plane in results(Plane(recipe, view, known_lines(view, recipe), point, closest), layer, cells, bar):
        if pace.due():
            growing(plane)
    if others:
        growing(plane)
        plane = replace(plane, lines=plane.lines | rivals.lines(others, view, layer, recipe.seed, bar))
    with beside.container():
        numbers(plane)
    plot.plotly_chart(
        plane.figure(frame.style(), clickable=True),
        theme=None,
        height="stretch",
        key="slice_plane",
        on_select=clicked,
        selection_mode="points",
        alt=plane.told,
    )
    if plane.cut is not None and not plane.cut.finished:
        with bar.container():
            search_on(plane)
    nearest_panel.draw(plane.closest, method, view, point, searched=cells is not None)
    slice_exports.row(plane)


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
        rows["Farthest cell"] = f"{np.nanmax(np.where(np.isfinite(cut.distance), cut.distance, np.nan)):.4f} away"
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
