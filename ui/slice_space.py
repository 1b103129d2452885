"""The polytope in space: sampled matrices among its edges, or which matrices of the space itself belong to a set."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures.space import polytope_space
from figures.style import Style
from ui import controls, frame, links, patience, settings, slices, space_exports, views
from ui.clouds import Cloud, sampled, sectioned
from ui.recipes import Recipe
from ui.store import kept, streamed

if TYPE_CHECKING:
    from geometry.slices import View

MOST_OPERATIONS = 20_000_000_000
"""Operations that a sample of points may take, a few seconds: beyond, fewer points are drawn."""

SPACE_LAYERS = settings.LAYERS[:2]
LAYER_HELP = """
- **projection**: the shadows of random matrices, coloured by their distance to the nearest facet B_ij = 0.
- **certified slice**: a grid of matrices *of this space itself*, coloured by their distance to the method's set. Blue
  ones belong, each with a witness.
"""


def show() -> None:
    """Draw the widgets, the picture, its numbers, and the exports."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        view = views.space_choice(n)
        searchable = slices.resolution(projector) is not None
        used = st.session_state["layer"] != "certified slice" or not searchable
        measure = controls.measure_choice(used=used)
        matrices = controls.sample_size("points", "Points", settings.POINTS, used=used)
        matrices = min(matrices, max(100, MOST_OPERATIONS // projector.flops))
        recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
        turn = st.slider("Turn", 0, 360, step=5, key="turn", format="%d°", help="Kept while other settings change.")
        tilt = st.slider("Tilt", 0, 90, step=5, key="tilt", format="%d°")
    with centre:
        layer = _layer_choice()
        links.write()
        if view is None:
            st.info("Order 2 has nothing to turn: B₂ is a segment from I to the transposition. Choose n ≥ 3.")
            return
        certified = layer == "certified slice" and searchable
        if layer == "certified slice" and not searchable:
            st.info(f"A certified slice of {recipe.title} would take minutes; its projection is shown.")
        cloud = _searched(recipe, view) if certified else _sampled(recipe, view)
        picture = partial(_picture, cloud, view, turn, tilt, certified)
        told = f"{len(cloud.points):,} matrices of {'the space' if certified else recipe.title}"
        with st.container(key="square"):
            st.plotly_chart(
                picture(frame.style()),
                theme=None,
                height="stretch",
                key="space_plot",
                alt=f"{view.name} in space: {told}" + (f", by distance to {recipe.title}" if certified else ""),
            )
    with right:
        _numbers(cloud, certified, n)
    st.caption("Drag to turn; the sliders *Turn* and *Tilt* keep the view while *s* moves, and belong to the link.")
    space_exports.row(cloud, recipe, view, certified, picture)


def _layer_choice() -> str:
    """Draw the choice of the layer -> it; "both", which only a plane can show, stays the setting meanwhile."""
    state = st.session_state
    state["layer_shown"] = state["layer"] if state["layer"] in SPACE_LAYERS else SPACE_LAYERS[0]

    def keep() -> None:
        state["layer"] = state["layer_shown"]

    drawn = st.segmented_control(
        "Show", SPACE_LAYERS, key="layer_shown", required=True, on_change=keep, help=LAYER_HELP, width="stretch"
    )
    return str(drawn)


def _sampled(recipe: Recipe, view: View) -> Cloud:
    with st.spinner("Sampling …"):
        return kept(("cloud", recipe, slices.identity(view)), lambda: sampled(recipe, view))


def _searched(recipe: Recipe, view: View) -> Cloud:
    """Recipe, view -> the grid with its distances to the set, as far as time allows; progress while it is searched."""
    search = ("space", recipe.projector, slices.identity(view), recipe.seed)
    granted, begun, bar = patience.granted(search), perf_counter(), st.empty()

    def over(part: Cloud) -> bool:
        return part.finished or perf_counter() - begun > granted

    for cloud in streamed((*search, granted), lambda: sectioned(recipe, view), over):
        bar.progress(float((cloud.values == 0).mean()), f"{int((cloud.values == 0).sum()):,} matrices reached")
        if over(cloud):
            break
    bar.empty()
    if not cloud.finished:
        with bar.container():
            patience.offer(search, "distances may be smaller")
    return cloud


def _picture(
    cloud: Cloud, view: View, turn: int, tilt: int, certified: bool, style: Style, *, title: str | None = None
) -> go.Figure:
    return polytope_space(
        cloud.points,
        cloud.values,
        view.corners,
        view.edges,
        view.labels,
        deepest=max(1e-6, float(cloud.values.max())) if certified else 1 / (view.n - 1),
        turn=turn,
        tilt=tilt,
        words=cloud.words,
        members=certified,
        style=style,
        title=title,
    )


def _numbers(cloud: Cloud, certified: bool, n: int) -> None:
    count = f"{len(cloud.points):,}"
    if certified:
        st.metric(
            "Grid points reached", f"{100 * float((cloud.values == 0).mean()):.1f} %", help="A witness is within 1e-6."
        )
        st.metric("Farthest", f"{float(cloud.values.max()):.4f}", help="Largest Frobenius distance to the set.")
    else:
        deepest = f"Mean distance to the nearest facet B_ij = 0; {1 / (n - 1):.4f} at the barycentre."
        st.metric("Mean depth", f"{float(cloud.values.mean()):.4f}", help=deepest)
        on_facet = 100 * float((cloud.values < 1e-9).mean())
        st.metric("On a facet", f"{on_facet:.1f} %", help="Matrices with an entry of zero.")
    st.table({"Points": count}, border="horizontal")
