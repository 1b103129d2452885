"""Pictures in a row on one colour scale: a sweep over s or n, which plays, and settings that a reader has pinned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import streamlit as st

from figures.spectrum.film import film
from figures.spectrum.multiples import small_multiples, small_plane
from figures.spectrum.plane import off_axis, typical_ceiling
from figures.style import Style
from projectors import table
from ui import frame, windows
from ui.controls import enough
from ui.link import settings
from ui.outlines import outlines
from ui.recipes import Recipe
from ui.spectrum.plane import Plane, count_columns, figure
from ui.spectrum.surveys import survey_code, survey_work
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from geometry.grid import Window
    from geometry.survey import Survey

LARGEST_SWEPT = 10
"""Largest n of a sweep: beyond, a picture takes seconds, and little changes."""

MOST_SWEPT = 30_000
"""Matrices of each picture of a sweep."""

MOST_PINNED = 3


@dataclass(frozen=True, eq=False)
class Series:
    """Recipes by the label of their picture, their name and title, and the part of the plane to look at."""

    name: str
    title: str
    recipes: Mapping[str, Recipe]
    lines: tuple[str, ...]
    window: Window

    def works(self) -> dict[str, Work[Survey]]:
        """Return what it takes."""
        return {
            label: survey_work(each.projector, each.matrices, each.measure, each.seed, window=self.window)
            for label, each in self.recipes.items()
        }


def swept(recipe: Recipe, along: str, lines: tuple[str, ...], window: Window) -> Series:
    """Recipe, "s" or "n" -> the same for every s, or for every n at which the method exists."""
    method = next(method for method in table.METHODS if method.name == recipe.method)
    n, s = recipe.projector.n, st.session_state["s"]
    sizes = [size for size in range(3, LARGEST_SWEPT + 1) if method.exists(size)]
    places = [(n, rank) for rank in range(1, settings.LARGEST_RANK + 1)] if along == "s" else [(k, s) for k in sizes]
    recipes = {
        f"{along} = {place[along == 's']}": replace(
            recipe,
            projector=method.make(table.Options(place[0], place[1], iterations=st.session_state["iterations"])),
            matrices=min(recipe.matrices, MOST_SWEPT),
        )
        for place in places
    }
    fixed = f"n = {n}" if along == "s" else f"s = {s}" if method.ranked else ""
    title = ", ".join(filter(None, [recipe.method, fixed, f"against {along}"]))
    return Series("sweep", title, recipes, lines, window)


def ceiling(found: Mapping[str, Survey]) -> float:
    """Surveys -> the decade at which one colour scale for all of them ends."""
    grids = [each.density for each in found.values()]
    return max((typical_ceiling(off_axis(grid.counts, grid.centres, grid.centre)) for grid in grids), default=1.0)


def planes(
    series: Series, found: Mapping[str, Survey], style: Style, *, titled: bool
) -> Iterator[tuple[str, go.Figure]]:
    """Series, surveys -> by label the picture of each, on one colour scale."""
    top = ceiling(found)
    for label, survey in found.items():
        recipe = series.recipes[label]
        plane = Plane(recipe, series.lines, series.window, survey, finished=True)
        picture = figure(plane, style, title=recipe.title if titled else None)
        yield label, picture.update_traces(zmax=top, selector={"name": "density"})


def strip(
    series: Series, found: Mapping[str, Survey], style: Style, *, title: str | None = None, columns: int = 4
) -> go.Figure:
    """Series, surveys -> all pictures side by side, for a paper."""
    grids = {label: survey.density for label, survey in found.items()}
    drawn = {label: outlines(each.projector.n, each.projector) for label, each in series.recipes.items()}
    return small_multiples(
        {label: grid.counts for label, grid in grids.items()},
        next(iter(grids.values())).centres,
        {label: drawn[label] for label in grids},
        ceiling=ceiling(found),
        columns=columns,
        style=style,
        title=title,
        window=series.window.square,
    )


def moving(series: Series, found: Mapping[str, Survey], style: Style) -> go.Figure:
    """Series, surveys -> one picture that plays."""
    return film(dict(planes(series, found, style, titled=False)), style)


def take(series: Series, found: Mapping[str, Survey], *, finished: bool) -> Taken:
    """The counts of all pictures; as a strip, and as a film."""
    grids = {label: survey.density for label, survey in found.items()}
    counts = {label: grid.counts for label, grid in grids.items()}
    centres = next(iter(grids.values())).centres
    first = next(iter(series.recipes.values()))
    lines = ["arrays = {}"]
    for label, each in series.recipes.items():
        made = survey_code(repr(each.projector), each.matrices, each.measure, each.seed, series.window)
        lines += [f"found = {made}", f"arrays[{label!r}] = found.density.counts"]
    title = f"{series.title} — {first.matrices:,} matrices each, measure {first.measure}, seed {first.seed}"
    return Taken(
        name=series.name,
        title=title,
        figure=partial(strip, series, found, title=title),
        narrow=partial(strip, series, found, title=title, columns=2),
        frames=lambda style: (picture for _, picture in planes(series, found, style, titled=True)),
        moving=partial(moving, series, found),
        arrays={**counts, "centres": centres, **windows.centre_array(series.window)},
        columns=partial(count_columns, counts, centres, series.window.centre),
        recipe={
            "of": series.title,
            **{label: repr(each) for label, each in series.recipes.items()},
            **windows.noted(series.window),
        },
        code="\n".join([*lines, 'arrays["centres"] = found.density.centres', *windows.centre_code(series.window)]),
        implied=tuple(series.recipes),
        partial=not finished,
    )


def sweep(recipe: Recipe, lines: tuple[str, ...], window: Window) -> None:
    """Draw the choice of a sweep and, if there is one, the film of it; over s only of what has a rank."""
    ranked = next(method.ranked for method in table.METHODS if method.name == recipe.method)
    if replaced := st.session_state["sweep"] == "s" and not ranked:
        st.session_state["sweep"] = "no"
    along = st.segmented_control(
        "Sweep",
        [each for each in settings.SWEEPS if ranked or each != "s"],
        key="sweep",
        required=True,
        help="Play the picture over s or n, and take it home.",
    )
    if replaced:
        st.caption(f"{recipe.method} has no rank s to play over.")
    if along == "no":
        return
    series = swept(recipe, str(along), lines, window)
    outcome = carried_out("sweep", series.works(), st.empty(), what="The pictures take", missing="pictures are missing")
    if not outcome.results:
        return
    with st.container(key="plane_film"):
        told = f"Eigenvalue density of {series.title}: {', '.join(outcome.results)}"
        picture = moving(series, outcome.results, frame.style())
        frame.chart(picture, "film", told, fills=True, toolbar=False, partial=not outcome.finished)
    row(take(series, outcome.results, finished=outcome.finished))


def pin() -> None:
    """Keep the setting in force for comparison; of too many, the oldest goes."""
    state = st.session_state
    setting = ";".join(str(state[key]) for key in settings.PINNED)
    others = [each for each in state["pins"].split("~") if each and each != setting]
    state["pins"] = "~".join([*others, setting][-MOST_PINNED:])


def unpin() -> None:
    """Keep nothing any more."""
    st.session_state["pins"] = ""


def pinned(text: str) -> dict[str, Recipe]:
    """Settings in a link -> recipes by their title; what exists at no such size is left out."""
    recipes = {}
    for each in filter(None, text.split("~")):
        name, n, s, factors, iterations, measure, matrices, seed = each.split(";")
        method = next(method for method in table.METHODS if method.name == name)
        sizes = tuple(map(int, factors.split("x"))) if factors and method.composite else None
        if method.exists(int(n)) and (sizes is None or prod(sizes) == int(n)):
            projector = method.make(table.Options(int(n), int(s), sizes, int(iterations)))
            count = enough(projector, measure) if matrices == settings.AUTO else int(matrices)
            recipe = Recipe(name, projector, measure, min(count, MOST_SWEPT), int(seed))
            recipes[f"{recipe.title}, {measure}, seed {seed}"] = recipe
    return recipes


def pins(lines: tuple[str, ...], window: Window) -> None:
    """Draw the button that pins, and what is pinned, side by side on one colour scale."""
    recipes = pinned(st.session_state["pins"])
    with st.container(horizontal=True, vertical_alignment="center"):
        help_text = f"Keep this setting to compare it with others, {MOST_PINNED} at most."
        st.button("Pin this picture", key="_pin", on_click=pin, help=help_text)
        if recipes:
            st.button("Unpin all", key="_unpin", on_click=unpin)
    if not recipes:
        return
    series = Series("pinned", "Pinned", recipes, lines, window)
    outcome = carried_out("pins", series.works(), st.empty(), what="The pictures take", missing="pictures are missing")
    if not (found := outcome.results):
        return
    for number, (column, (label, survey)) in enumerate(zip(st.columns(len(found)), found.items(), strict=True)):
        with column:
            st.markdown(f"**{label}**")
            with st.container(key=f"panel_pin_{number}"):
                picture = small_plane(
                    survey.density.counts,
                    survey.density.centres,
                    outlines(recipes[label].projector.n, recipes[label].projector),
                    ceiling=ceiling(found),
                    style=frame.style(),
                    window=window.square,
                )
                frame.chart(picture, f"pin_{number}", f"Pinned: {label}", fills=True, toolbar=False)
    row(take(series, found, finished=outcome.finished))
