"""The plane aspect: projection, certified slice, outlines of other methods, and a chosen point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import controls, frame, windows
from ui.link import links, settings
from ui.own import overlay
from ui.pointer import Click
from ui.polytope import nearest_panel, rivals, views
from ui.polytope.picture import Plane, figure, numbers
from ui.polytope.taken import take
from ui.polytope.works import MISSING_CELLS, closest_work, projection_work, resolution, slice_work
from ui.recipes import Recipe
from ui.take import row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.grid import Window
    from geometry.slices import Projection, SliceMap, View
    from projectors import Projector
    from ui.own.overlay import Overlay
    from ui.polytope.works import Closest

LAYER_HELP = """
- **projection**: where the shadows of random matrices of the method fall: what is likely, from all over the polytope.
- **certified slice**: which matrices *of this plane itself* the method reaches, each with a witness.
"""
LEFT_OUT = "outlines are missing or too small"


@dataclass(frozen=True)
class Choice:
    """What the reader asked for; `cells` a side of the slice, None where there cannot be one."""

    recipe: Recipe
    view: View
    others: Mapping[str, Projector]
    layer: str
    point: tuple[float, float]
    cells: int | None
    window: Window
    own: Overlay | None


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page; one line of progress for each kind of work."""

    progress: tuple[DeltaGenerator, ...]
    plot: DeltaGenerator
    beside: DeltaGenerator


@dataclass(frozen=True, eq=False)
class Works:
    """What it takes, each kind none, one, or several."""

    nearest: dict[str, Work[Closest | None]]
    sample: dict[str, Work[Projection]]
    slice: dict[str, Work[SliceMap]]
    others: dict[str, Work[Any]]


def choose() -> tuple[Choice, Places]:
    """Draw the widgets -> what they say, and the places of the results."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        view, cells = views.plane_choice(n), resolution(projector)
        sampled = st.session_state["layer"] != "certified slice" or cells is None
        measure = controls.measure_choice(used=sampled)
        matrices = controls.matrices_choice(projector, measure, used=sampled)
        recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
        others = rivals.choice(n, s, projector)
        own = overlay.choice(n, spectral=False)
    with centre:
        layer = st.segmented_control(
            "Show", settings.LAYERS, key="layer", required=True, help=LAYER_HELP, width="stretch"
        )
        if cells is None and layer != "projection":
            st.info(f"A certified slice of {recipe.title} would take minutes; its projection is shown.")
        progress = tuple(st.empty() for _ in range(4))
        with st.container(key="square"):
            plot = st.empty()
        windows.SLICE.watch(["square"], choose_point)
        point = _point_choice()
    choice = Choice(recipe, view, others, str(layer), point, cells, windows.SLICE.chosen(), own)
    return choice, Places(progress, plot, right.empty())


def _point_choice() -> tuple[float, float]:
    """Draw the widgets for a point of the plane -> that point."""
    x, y = st.columns(2)
    first = x.number_input("Point x", -1.0, 1.0, step=0.05, format="%.4f", key="x", help="Or click the picture.")
    return float(first), float(y.number_input("Point y", -1.0, 1.0, step=0.05, format="%.4f", key="y"))


def work(choice: Choice) -> Works:
    """Choice -> the search at the chosen point, the sample, the slice, and those of other methods."""
    recipe, view, cells = choice.recipe, choice.view, choice.cells
    sampled, sliced = choice.layer != "certified slice" or cells is None, choice.layer != "projection"
    window = choice.window
    sample = projection_work(recipe.projector, view, recipe.matrices, recipe.measure, recipe.seed, window=window)
    return Works(
        nearest={"": closest_work(recipe.projector, view, choice.point, recipe.seed)} if cells is not None else {},
        sample={"": sample} if sampled else {},
        slice={"": slice_work(recipe.projector, view, cells, recipe.seed, window=window)}
        if sliced and cells is not None
        else {},
        others=rivals.works(choice.others, view, choice.layer, recipe.seed, window),
    )


def choose_point(click: Click) -> None:
    """Take the clicked place as the chosen point."""
    st.session_state["x"], st.session_state["y"] = (min(1.0, max(-1.0, value)) for value in (click.x, click.y))


def results(choice: Choice, places: Places) -> Plane:
    """Do the work, drawing the plane while it grows -> the plane as far as it came."""
    works, drawing = work(choice), count()
    plane = Plane(choice.recipe, choice.view, choice.window, choice.point, choice.others, own=choice.own)

    def draw(plane: Plane) -> None:
        key = f"growing_{next(drawing)}"
        frame.chart(figure(plane, frame.style()), key, plane.told, place=places.plot, fills=True, partial=True)
        with places.beside.container():
            numbers(plane)

    near, first, second, third = places.progress
    sample = carried_out(
        "projection",
        works.sample,
        first,
        lambda found, done: None if done else draw(replace(plane, shadows=found.get(""))),
        missing="the sample is smaller than asked for",
    )
    plane = replace(plane, shadows=sample.results.get(""))
    closest = carried_out("nearest", works.nearest, near, missing="no nearest matrix is known yet")
    plane = replace(plane, closest=closest.results.get(""), answered="" in closest.results)
    cut = carried_out(
        "slice",
        works.slice,
        second,
        lambda found, done: None if done else draw(replace(plane, cut=found.get(""))),
        missing=MISSING_CELLS,
    )
    plane = replace(plane, cut=cut.results.get(""))
    if works.others:
        draw(plane)
    compared = carried_out("rivals", works.others, third, missing=LEFT_OUT)
    finished = all(outcome.finished for outcome in (closest, sample, cut, compared))
    return replace(plane, compared=compared.results, finished=finished)


def show() -> None:
    """Draw the widgets, the picture while it grows, its numbers, the chosen point, and what there is to take home."""
    choice, places = choose()
    links.write()
    plane = results(choice, places)
    if plane.shadows is None and plane.cut is None:
        return
    with places.beside.container():
        numbers(plane)
    picture = figure(plane, frame.style(), told="anywhere")
    partial = not plane.finished
    frame.chart(picture, "plane_plot", plane.told, place=places.plot, fills=True, partial=partial)
    searched = choice.cells is not None
    if plane.answered or not searched:
        nearest_panel.draw(plane.closest, choice.recipe.method, choice.view, choice.point, searched=searched)
    row(take(plane))
