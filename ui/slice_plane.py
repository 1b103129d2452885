"""The plane of the page on slices: projection, certified slice, outlines of other methods, and a chosen point."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui import (
    controls,
    frame,
    links,
    nearest_panel,
    patience,
    rivals,
    settings,
    slice_exports,
    slice_picture,
    slices,
    views,
)
from ui.recipes import Recipe
from ui.slice_picture import Plane
from ui.store import Paced

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.slices import View
    from projectors import Projector


LAYER_HELP = """
- **projection**: where the shadows of random matrices of the method fall: what is likely, from all over the polytope.
- **certified slice**: which matrices *of this plane itself* the method reaches, each with a witness.
"""


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
        granted = patience.granted(_search(plane))
        for cut in slices.slices(recipe.projector, view, cells, recipe.seed, granted):
            plane = replace(plane, cut=cut)
            known = np.isfinite(cut.distance[cut.inside]).mean()
            bar.progress(float(known), f"{int(cut.member.sum()):,} cells of the slice certified")
            yield plane
    bar.empty()


def _search(plane: Plane) -> Hashable:
    return ("slice", plane.recipe.projector, slices.identity(plane.view), plane.recipe.seed)


def choose() -> tuple[Recipe, View, dict[str, Projector]]:
    """Draw the widgets -> the recipe, the view, and the methods to compare with."""
    n, s = controls.size_and_rank(rank_used=controls.rank_matters())
    method, projector = controls.method_choice(n, s)
    view = views.plane_choice(n)
    sampled = st.session_state["layer"] != "certified slice" or slices.resolution(projector) is None
    measure = controls.measure_choice(used=sampled)
    matrices = controls.sample_size("matrices", "Matrices", settings.MATRICES, used=sampled)
    recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
    return recipe, view, rivals.choice(n, s, projector)


def show() -> None:
    """Draw the widgets, the picture while it grows, its numbers, the chosen point, and the exports."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        recipe, view, others = choose()
    cells = slices.resolution(recipe.projector)
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
    closest = slices.closest(recipe.projector, view, *point, recipe.seed) if cells else None
    pace, drawing = Paced(), count()

    def growing(plane: Plane) -> None:
        key = f"growing_{next(drawing)}"
        plot.plotly_chart(plane.figure(frame.style()), theme=None, height="stretch", key=key, alt=plane.told)
        with beside.container():
            slice_picture.numbers(plane)

    for plane in results(
        Plane(recipe, view, slice_picture.known_lines(view, recipe), point, closest), layer, cells, bar
    ):
        if pace.due():
            growing(plane)
    if others:
        growing(plane)
        plane = replace(plane, lines=plane.lines | rivals.lines(others, view, layer, recipe.seed, bar))
    with beside.container():
        slice_picture.numbers(plane)
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
            patience.offer(_search(plane), "more cells may belong")
    nearest_panel.draw(plane.closest, recipe.method, view, point, searched=cells is not None)
    slice_exports.row(plane)
