"""The polytope in space: sampled matrices among its edges, or which matrices of the space itself belong to a set."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures.space import polytope_space
from figures.style import PAPER, Style
from ui import controls, exports, frame, links, render, settings, slices, views
from ui.clouds import Cloud, sampled, sectioned
from ui.recipes import Recipe
from ui.store import kept

if TYPE_CHECKING:
    from geometry.slices import View

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
        recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
        turn = st.slider("Turn", 0, 360, step=5, key="turn", format="%d°", help="Kept while other settings change.")
        tilt = st.slider("Tilt", 0, 90, step=5, key="tilt", format="%d°")
    with centre:
        if st.session_state["layer"] not in SPACE_LAYERS:
            st.session_state["layer"] = SPACE_LAYERS[0]
        layer = st.segmented_control("Show", SPACE_LAYERS, key="layer", required=True, help=LAYER_HELP, width="stretch")
        links.write()
        if view is None:
            st.info("Order 2 has nothing to turn: B₂ is a segment from I to the transposition. Choose n ≥ 3.")
            return
        certified = layer == "certified slice" and searchable
        if layer == "certified slice" and not searchable:
            st.info(f"A certified slice of {recipe.title} would take minutes; its projection is shown.")
        with st.spinner("Looking for nearest matrices …" if certified else "Sampling …"):
            make = sectioned if certified else sampled
            cloud = kept(("cloud", certified, recipe, slices.identity(view)), lambda: make(recipe, view))
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
    value = "distance" if certified else "facet distance"
    exports.row(
        partial(picture, PAPER, title=f"{recipe.title} — {view.name}" + ("" if certified else f", {recipe.sample}")),
        partial(_table, cloud, value),
        partial(
            render.archive,
            {"points": cloud.points, value.replace(" ", "_"): cloud.values, "matrices": cloud.matrices},
            {"projector": repr(projector), "view": view.name, "measure": measure, "seed": recipe.seed},
        ),
        snippet(recipe, view, certified),
        f"space_{view.name.replace(' ', '-').replace(',', '')}_{recipe.file_name}" + ("_slice" if certified else ""),
    )


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


def _table(cloud: Cloud, value: str) -> bytes:
    rows = (
        [f"{number:.9f}" for number in (*point, far)] for point, far in zip(cloud.points, cloud.values, strict=True)
    )
    return render.table(["x", "y", "z", value], rows)


def snippet(recipe: Recipe, view: View, certified: bool) -> str:
    """Recipe, view -> lines of Python that make the same numbers with the library alone."""
    calls = {
        "Klein four-group": "klein_view()",
        "even plane and an odd direction": f"order3_space(np.radians({st.session_state['odd']}))",
        "diagonal": "diagonal_view()",
        "chosen permutations": f"permutation_view({list(view.permutations)})",
    }
    made = calls.get(view.name, f"cyclic_space({view.n})")
    first = ("import numpy as np\n" if "np." in made else "") + ("import torch\n" if certified else "")
    sampling = "" if certified else "from geometry.sampling import sample\n"
    head = f"""{first}
from geometry.distances import {"nearest" if certified else "facet_distance"}
{sampling}from geometry.slices import {made.partition("(")[0]}
from projectors import {exports.classes(repr(recipe.projector))}

view = {made}
"""
    if certified:
        return head + (
            "points = torch.rand(1000, 3, dtype=torch.float64) * 2 - 1\n"
            "points = points[view.holds(points)]\n"
            f"found = nearest({recipe.projector!r}, view.embed(points), seed={recipe.seed}, starts=24)\n"
            "print(found.member.double().mean(), found.distance.max())\n"
        )
    return head + (
        f"matrices = sample({recipe.projector!r}, {recipe.matrices}, {recipe.measure!r}, seed={recipe.seed})\n"
        "points, depth = view.project(matrices), facet_distance(matrices)\n"
    )
