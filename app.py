"""Which eigenvalues can a parameterization of the doubly stochastic matrices reach?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from ui import controls, examples, frame, tour, windows
from ui.link import links
from ui.outlines import exception_note
from ui.own import overlay
from ui.recipes import Recipe
from ui.spectrum import numbers, proved, series, witness_panel
from ui.spectrum.maps import MISSING, TAKES, map_work
from ui.spectrum.plane import Plane, figure, take
from ui.spectrum.surveys import survey_work
from ui.spectrum.witnesses import witness_work
from ui.take import row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.grid import Window
    from geometry.proofs import Proof
    from geometry.reach import ReachMap
    from geometry.survey import Survey
    from ui.own.overlay import Overlay

QUESTION = (
    "A hyper-connected network carries **n** copies of its residual stream and mixes them at every layer by an n × n "
    "matrix; mHC and its relatives keep the sums of its rows and columns at 1. Its eigenvalues say what mixing does to "
    "a signal: near 1 it lasts, near 0 it is forgotten, off the real axis it turns. Slide **n** and **s**: the colours "
    "show the eigenvalues that a parameterization has, the lines those that are possible at all."
)

ORDER_2 = (
    "n = 2: where sums are 1, one number t makes the whole matrix, with t on the diagonal and 1 − t beside it. Its "
    "other eigenvalue is 2t − 1, on the red segment from −1 (the transposition) to 1 (the identity)."
)


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    recipe: Recipe
    shown: str
    lines: tuple[str, ...]
    window: Window
    picked: complex | None
    own: Overlay | None
    proof: Proof | None


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page."""

    progress: DeltaGenerator
    more_progress: DeltaGenerator
    plot: DeltaGenerator
    beside: DeltaGenerator
    picked_progress: DeltaGenerator
    below: DeltaGenerator


def choose() -> tuple[Choice, Places]:
    """Draw the widgets -> what they say, and the places of the results."""
    left, centre, right = st.columns([12, 25, 9], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        measure = controls.measure_choice()
        matrices = controls.matrices_choice(projector, measure)
        recipe = Recipe(method, projector, measure, matrices, controls.seed_choice())
        proof = proved.proof_of(projector) if st.session_state["show"] != "density" else None
        lines = tuple(controls.lines_choice(proved=proof is not None))
        own = overlay.choice(n)
    with centre:
        shown = controls.shown_choice()
        progress = (st.empty(), st.empty())
        with st.container(key="plane"):
            plot = st.empty()
        windows.SPECTRUM.watch(["plane"], witness_panel.pick, witness_panel.picked())
        picked_progress, below = st.empty(), st.empty()
    below.caption("Downloads and the Python that makes the same data appear here when the picture is finished.")
    choice = Choice(recipe, shown, lines, windows.SPECTRUM.chosen(), witness_panel.picked(), own, proof)
    return choice, Places(*progress, plot, right.empty(), picked_progress, below)


def work(choice: Choice) -> tuple[Mapping[str, Work[Survey]], Mapping[str, Work[ReachMap]]]:
    """Choice -> the sample and the map that it takes, each none or one."""
    recipe = choice.recipe
    sample = survey_work(recipe.projector, recipe.matrices, recipe.measure, recipe.seed, window=choice.window)
    return (
        {"": sample} if choice.shown != "certified reach" else {},
        {"": map_work(recipe.projector, recipe.seed, choice.window)} if choice.shown != "density" else {},
    )


def main() -> None:
    """Draw the page."""
    frame.begin("app.py", QUESTION)
    examples.row("app.py")
    tour.panel()
    choice, places = choose()
    links.write()
    plane, drawing = Plane(choice.recipe, choice.lines, choice.window, own=choice.own, proof=choice.proof), count()

    def draw(plane: Plane) -> None:
        picture, key = figure(plane, frame.style()), f"plane_{next(drawing)}"
        frame.chart(picture, key, plane.told, place=places.plot, fills=True, partial=not plane.finished)
        with places.beside.container():
            projector, found = choice.recipe.projector, (plane.survey, plane.reach, plane.proof)
            numbers.column(projector, *found, finished=plane.finished, whole=plane.whole)

    if choice.picked is not None:
        search = witness_work(choice.recipe.projector, choice.picked, choice.recipe.seed)
        if (witness := witness_panel.sought(search, places.picked_progress)) is not None:
            plane = replace(plane, picked=(choice.picked, witness))

    sampling, mapping = work(choice)
    sampled = carried_out(
        "sample",
        sampling,
        places.progress,
        lambda found, done: draw(replace(plane, survey=found.get(""), finished=done and not mapping)),
        what="The sample takes",
        missing="the sample is smaller than asked for",
    )
    plane = replace(plane, survey=sampled.results.get(""), finished=sampled.finished)
    mapped = carried_out(
        "map",
        mapping,
        places.more_progress,
        lambda found, done: draw(replace(plane, reach=found.get(""), finished=done and sampled.finished)),
        what=TAKES,
        missing=MISSING,
    )
    plane = replace(plane, reach=mapped.results.get(""), finished=sampled.finished and mapped.finished)
    with places.below.container():
        if plane.picked is not None:
            witness_panel.draw(choice.recipe.title, choice.recipe.projector, *plane.picked)
        if choice.recipe.projector.n == 2:
            st.caption(ORDER_2)
        if choice.recipe.projector.n == 5:
            st.caption(exception_note())
        if plane.survey is not None or plane.reach is not None:
            row(take(plane))
            series.sweep(choice.recipe, choice.lines, choice.window)
            series.pins(choice.lines, choice.window)
        frame.reading("spectral_reach")


main()
