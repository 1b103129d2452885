"""The aspect in space: sampled matrices among the polytope's edges, or which matrices of the space belong to a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures.polytope.space import Sample, polytope_space
from figures.style import Style
from ui import controls, frame, pointer
from ui.link import links, settings
from ui.mirror import mirror
from ui.own import overlay
from ui.pointer import Look
from ui.polytope import views
from ui.polytope.words import cloud_words
from ui.polytope.works import MISSING_POINTS, cloud_work, resolution, space_work
from ui.recipes import Recipe
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.slices import Cloud, View
    from ui.own.overlay import Overlay

MOST_OPERATIONS = 20_000_000_000
"""Operations that a sample of points may take, a few seconds: beyond, fewer points are drawn."""

LAYERS = settings.LAYERS[:2]
LAYER_HELP = """
- **projection**: the shadows of random matrices, coloured by their distance to the nearest facet B_ij = 0.
- **certified slice**: a grid of matrices *of this space itself*, coloured by their distance to the method's set. Blue
  ones belong, each with a witness.
"""


@dataclass(frozen=True)
class Choice:
    """What the reader asked for; `certified`: matrices of the space itself instead of a sample's shadows."""

    recipe: Recipe
    view: View | None
    certified: bool
    turn: int
    tilt: int
    own: Overlay | None


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page."""

    progress: DeltaGenerator
    plot: DeltaGenerator
    beside: DeltaGenerator


def choose() -> tuple[Choice, Places]:
    """Draw the widgets -> what they say, and the places of the results."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        view = views.space_choice(n)
        searchable = resolution(projector) is not None
        used = st.session_state["layer"] != "certified slice" or not searchable
        measure = controls.measure_choice(used=used)
        points = controls.sample_size("points", "Points", settings.POINTS, used=used)
        count = min(points, max(100, MOST_OPERATIONS // projector.flops))
        recipe = Recipe(method, projector, measure, count, controls.seed_choice())
        turn = st.slider("Turn", 0, 360, key="turn", format="%d°", help="Or drag the picture.")
        tilt = st.slider("Tilt", -90, 90, key="tilt", format="%d°")
        own = overlay.choice(n, spectral=False)
    with centre:
        layer = _layer_choice()
        if view is None:
            st.info("Order 2 has nothing to turn: B₂ is a segment from I to the transposition. Choose n ≥ 3.")
        elif layer == "certified slice" and not searchable:
            st.info(f"A certified slice of {recipe.title} would take minutes; its projection is shown.")
        progress = st.empty()
        with st.container(key="square"):
            plot = st.empty()
        pointer.watch("_hand", ["square"], on_look=turned)
    certified = layer == "certified slice" and searchable
    return Choice(recipe, view, certified, int(turn), int(tilt), own), Places(progress, plot, right.empty())


def turned(look: Look) -> None:
    """Take the place that a reader turned the picture to as turn and tilt."""
    if look.eye is not None:
        x, y, z = look.eye
        st.session_state["turn"] = round(degrees(atan2(y, x))) % 360
        st.session_state["tilt"] = round(degrees(atan2(z, hypot(x, y))))


def _layer_choice() -> str:
    """Draw the choice of the layer -> it; "both", which only a plane can show, stays the setting meanwhile."""
    state = st.session_state
    mirror("_layer_shown", state["layer"] if state["layer"] in LAYERS else LAYERS[0])

    def keep() -> None:
        state["layer"] = state["_layer_shown"]

    drawn = st.segmented_control(
        "Show", LAYERS, key="_layer_shown", required=True, on_change=keep, help=LAYER_HELP, width="stretch"
    )
    return str(drawn)


def work(choice: Choice) -> dict[str, Work[Cloud]]:
    """Choice -> the sample, or the search through the space's own matrices."""
    recipe, view = choice.recipe, choice.view
    if view is None:
        return {}
    if choice.certified:
        return {"": space_work(recipe.projector, view, recipe.seed)}
    return {"": cloud_work(recipe.projector, view, recipe.matrices, recipe.measure, recipe.seed)}


def figure(choice: Choice, cloud: Cloud, style: Style, *, title: str | None = None) -> go.Figure:
    """The matrices as points among the edges of the polytope."""
    import torch

    view, own = choice.view, choice.own
    assert view is not None
    return polytope_space(
        Sample(
            cloud.points,
            cloud.values,
            deepest=max(1e-6, float(cloud.values.max())) if choice.certified else 1 / (view.n - 1),
            members=choice.certified,
            words=cloud_words(cloud.matrices),
        ),
        view,
        own=(view.project(torch.from_numpy(own.matrices)).numpy(), own.names) if own is not None else None,
        turn=choice.turn,
        tilt=choice.tilt,
        style=style,
        title=title,
    )


def take(choice: Choice, cloud: Cloud, finished: bool) -> Taken:
    """Points, values, and the matrices they stand for."""
    recipe, view, value = choice.recipe, choice.view, "distance" if choice.certified else "facet_distance"
    assert view is not None
    made: dict[str, object] = {"view": view, "method": recipe.title, "projector": recipe.projector}
    made |= {} if choice.certified else {"measure": recipe.measure, "matrices": recipe.matrices}
    title = f"{recipe.title} — {view.name}" + ("" if choice.certified else f", {recipe.sample}")
    cloud_code = (
        f"space_slice({recipe.projector!r}, {view!r}, seed={recipe.seed})"
        if choice.certified
        else f"space_sample({recipe.projector!r}, {view!r}, {recipe.matrices}, {recipe.measure!r}, seed={recipe.seed})"
    )
    x, y, z = cloud.points.T
    return Taken(
        name="space-slice" if choice.certified else "space",
        title=title,
        figure=partial(figure, choice, cloud, title=title),
        arrays={"points": cloud.points, value: cloud.values, "matrices": cloud.matrices} | overlay.arrays(choice.own),
        columns=lambda: {"x": x, "y": y, "z": z, value: cloud.values},
        recipe=made | overlay.noted(choice.own) | {"seed": recipe.seed},
        code=f"""
cloud = {cloud_code}
arrays = {{"points": cloud.points, {value!r}: cloud.values, "matrices": cloud.matrices}}
"""
        + "\n".join(overlay.code(choice.own)),
        implied=("projector",),
        partial=not finished,
    )


def numbers(choice: Choice, cloud: Cloud, finished: bool) -> None:
    """Draw what lets a reader trust the picture."""
    if choice.certified:
        reached = 100 * float((cloud.values == 0).mean())
        st.metric("Grid points reached", f"{reached:.1f} %", help="A witness is within 1e-6.")
        st.metric("Farthest", f"{float(cloud.values.max()):.4f}", help="Largest Frobenius distance to the set.")
    else:
        n = choice.recipe.projector.n
        deepest = f"Mean distance to the nearest facet B_ij = 0; {1 / (n - 1):.4f} at the barycentre."
        st.metric("Mean depth", f"{float(cloud.values.mean()):.4f}", help=deepest)
        on_facet = 100 * float((cloud.values < 1e-9).mean())
        st.metric("On a facet", f"{on_facet:.1f} %", help="Matrices with an entry of zero.")
    frame.numbers({"Points": f"{len(cloud.points):,}"}, partial=not finished)


def plot(choice: Choice, cloud: Cloud, places: Places, key: str, *, finished: bool) -> None:
    """Draw the picture in its place."""
    assert choice.view is not None
    title = choice.recipe.title
    told = f"{len(cloud.points):,} matrices of {'the space' if choice.certified else title}"
    told = f"{choice.view.name} in space: {told}" + (f", by distance to {title}" if choice.certified else "")
    picture = figure(choice, cloud, frame.style())
    frame.chart(picture, key, told, place=places.plot, fills=True, partial=not finished)


def show() -> None:
    """Draw the widgets, the picture while it grows, its numbers, and what there is to take home."""
    choice, places = choose()
    links.write()
    drawing = count()

    def draw(found: Mapping[str, Cloud], finished: bool) -> None:
        if not finished and len(found[""].points):
            plot(choice, found[""], places, f"growing_{next(drawing)}", finished=False)

    outcome = carried_out("space", work(choice), places.progress, draw, missing=MISSING_POINTS)
    cloud = outcome.results.get("")
    if cloud is None or not len(cloud.points):
        return
    plot(choice, cloud, places, "space_plot", finished=outcome.finished)
    with places.beside.container():
        numbers(choice, cloud, outcome.finished)
    st.caption("Drag to turn. The view stays while *s* moves, and belongs to the link.")
    row(take(choice, cloud, outcome.finished))
