"""Which method reaches more at the same n?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, log10
from typing import TYPE_CHECKING

import streamlit as st

from figures.spectrum.multiples import small_multiples, small_plane
from figures.style import Style
from geometry.regions import perfect_mirsky
from ui import controls, frame, windows
from ui.link import links, settings
from ui.methods import contenders, contenders_code, family_choice
from ui.outlines import outlines
from ui.pointer import Click
from ui.spectrum import atlas, certified_coverage, comparison, contrast, proved, witness_panel
from ui.spectrum.plane import count_columns
from ui.spectrum.surveys import survey_code, survey_work
from ui.spectrum.witnesses import witness_work
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.delta_generator import DeltaGenerator

    from geometry.grid import Window
    from geometry.survey import Survey

    Place = tuple[DeltaGenerator, DeltaGenerator]

BINS = 101
MOST_ABREAST = 6
"""Panels in a row."""

QUESTION = (
    "Every method at the same **n**, from the same number of random matrices, on one colour scale: which fills more of "
    "the region, and at what cost?"
)


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    n: int
    s: int
    measure: str
    each: int
    seed: int
    window: Window
    family: str = "paper"

    @property
    def ceiling(self) -> float:
        """The decade of counts at which the common colour scale ends."""
        return max(1.0, log10(20 * self.each * (self.n - 1) / BINS**2))


def choose() -> Choice:
    """Draw the widgets -> what they say."""
    first, second, third, fourth = st.columns([6, 4, 5, 3], gap="medium")
    with first:
        n, s = controls.size_and_rank()
        family = family_choice()
    with second:
        measure = controls.measure_choice()
    with third:
        each = controls.sample_size("each", "Matrices of each method", settings.MATRICES_EACH)
    with fourth:
        seed = controls.seed_choice()
    return Choice(n, s, measure, each, seed, windows.SPECTRUM.chosen(), family)


def work(choice: Choice) -> dict[str, Work[Survey]]:
    """Choice -> the survey of every method."""
    return {
        name: survey_work(projector, choice.each, choice.measure, choice.seed, BINS, choice.window)
        for name, projector in contenders(choice.n, choice.s, choice.family).items()
    }


def figure(
    choice: Choice, found: Mapping[str, Survey], style: Style, *, title: str | None = None, columns: int = 5
) -> go.Figure:
    """All spectra side by side, on one colour scale."""
    counts = {name: survey.density.counts for name, survey in found.items()}
    centres = next(iter(found.values())).density.centres
    return small_multiples(
        counts,
        centres,
        dict.fromkeys(counts, outlines(choice.n)),
        ceiling=choice.ceiling,
        columns=columns,
        style=style,
        title=title,
        window=choice.window.square,
    )


def take(choice: Choice, found: Mapping[str, Survey], *, finished: bool) -> Taken:
    """The counts of all methods, and the picture."""
    counts = {name: survey.density.counts for name, survey in found.items()}
    centres = next(iter(found.values())).density.centres
    title = f"n = {choice.n} — {choice.each:,} matrices each, measure {choice.measure}, seed {choice.seed}"
    survey = survey_code("projector", choice.each, choice.measure, choice.seed, choice.window, BINS)
    centre = "\n".join(windows.centre_code(choice.window))
    return Taken(
        name="compare-methods",
        title=title,
        figure=partial(figure, choice, found, title=title),
        narrow=partial(figure, choice, found, title=title, columns=2),
        arrays={**counts, "centres": centres, **windows.centre_array(choice.window)},
        columns=partial(count_columns, counts, centres, choice.window.centre),
        recipe={
            "n": choice.n,
            "s": choice.s,
            "measure": choice.measure,
            "matrices": choice.each,
            "seed": choice.seed,
            "methods": choice.family,
        }
        | windows.noted(choice.window),
        code=f"""
arrays = {{}}
for name, projector in {contenders_code(choice.n, choice.s, choice.family)}.items():
    found = {survey}
    arrays[name] = found.density.counts  # row = Im, column = Re
arrays["centres"] = found.density.centres
{centre}
""",
        partial=not finished,
    )


def panels(choice: Choice, found: Mapping[str, Survey], shown: dict[str, int], places: Mapping[str, Place]) -> None:
    """Draw every method's spectrum that has grown since it was `shown` last, under its name."""
    regions = outlines(choice.n)
    for name, survey in found.items():
        if shown.get(name) == survey.matrices:
            continue
        shown[name] = survey.matrices
        title, plot = places[name]
        title.markdown(f"**{name}**")
        grid = survey.density
        frame.chart(
            small_plane(
                grid.counts,
                grid.centres,
                regions,
                ceiling=choice.ceiling,
                style=frame.style(),
                window=choice.window.square,
            ),
            f"plane_{name}_{survey.matrices}",
            f"Eigenvalue density of {name} at n = {choice.n}: {survey.matrices:,} matrices, measure {choice.measure}",
            place=plot,
            fills=True,
            toolbar=False,
            partial=survey.matrices < choice.each,
        )


def panel_places(names: Iterable[str]) -> dict[str, Place]:
    """Names of methods -> by name, where the title of its panel goes and where its plot."""
    places = {}
    table = list(names)
    rows = ceil(len(table) / MOST_ABREAST)
    abreast = ceil(len(table) / rows)
    for first in range(0, len(table), abreast):
        row_of_names = table[first : first + abreast]
        for number, (name, column) in enumerate(zip(row_of_names, st.columns(abreast), strict=False), first):
            with column.container(key=f"panel_{number}"):
                places[name] = (st.empty(), st.empty())
    return places


def pick(names: Sequence[str], click: Click) -> None:
    """Take the clicked point, and the method in whose panel it is, as what a matrix is shown for."""
    st.session_state["of"] = names[int(click.chart.removeprefix("panel_"))]
    witness_panel.pick(click)


def picked(choice: Choice) -> None:
    """Draw the matrix of the method and the point that were clicked, if they were."""
    point, entries = witness_panel.picked(), contenders(choice.n, choice.s, choice.family)
    name = str(st.session_state["of"])
    if point is None or name not in entries:
        return
    search = witness_work(entries[name], point, choice.seed)
    if (witness := witness_panel.sought(search, st.empty())) is not None:
        witness_panel.draw(name, entries[name], point, witness)


def main() -> None:
    """Draw the page."""
    frame.begin("pages/compare_methods.py", QUESTION)
    choice = choose()
    links.write()
    region, works = perfect_mirsky(choice.n), work(choice)
    st.caption(
        f"Red: {region.name}. Green, dashed: Karpelevich region. Violet, dotted: hypocycloid. The more eigenvalues in "
        f"a cell, from one to {10**choice.ceiling:,.0f}, the more its colour stands out. All panels share the scale."
    )
    progress = st.empty()
    holder = st.container()
    places: dict[str, Place] = {}
    shown: dict[str, int] = {}

    def draw(found: Mapping[str, Survey], _: bool) -> None:
        if not places:  # not before there is something to show: empty panels take room
            with holder:
                places.update(panel_places(works))
        panels(choice, found, shown, places)

    names = list(works)
    keys = [f"panel_{number}" for number in range(len(names))]
    windows.SPECTRUM.watch(keys, partial(pick, names))
    outcome = carried_out(
        "samples",
        works,
        progress,
        draw,
        what="The samples take",
        missing="samples are smaller than asked for",
    )
    if found := outcome.results:
        frame.state(outcome.finished)
        comparison.table(contenders(choice.n, choice.s, choice.family), found, region)
        picked(choice)
        row(take(choice, found, finished=outcome.finished))
    certified_coverage.show(choice.n, choice.s, choice.family)
    proved.show(choice.n)
    atlas.show(choice.n, choice.s)
    if choice.family != "paper":
        contrast.show(choice.n)
    frame.reading("compare_methods")


main()
