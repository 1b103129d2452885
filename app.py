"""Which eigenvalues can a parameterization of the doubly stochastic matrices reach?"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from figures.plane import density_heatmap, spectral_plane
from figures.reach import gap_line, reach_cells, reach_outline
from figures.style import PAPER, Style
from geometry.regions import order3_gap
from ui import controls, frame, links, numbers, plane_exports, settings, surveys
from ui.outlines import exception_note, outlines
from ui.recipes import Recipe, measure_title
from ui.store import Paced

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from plotly.basedatatypes import BaseTraceType

    from geometry.reach import ReachMap
    from geometry.survey import Survey


def choose() -> Recipe:
    """Draw the widgets -> the recipe they describe."""
    n, s = controls.size_and_rank(rank_used=controls.rank_matters())
    method, projector = controls.method_choice(n, s)
    measure = controls.measure_choice()
    matrices = controls.sample_size("matrices", "Matrices", settings.MATRICES)
    return Recipe(method, projector, measure, matrices, controls.seed_choice())


def picture(survey: Survey | None, reach: ReachMap | None, style: Style, *, title: str | None = None) -> go.Figure:
    """What there is of density and certified reach -> both under the regions known at this n."""
    n, s = recipe.projector.n, getattr(recipe.projector, "s", None)
    layers: list[BaseTraceType] = []
    if survey is not None:
        layers = [density_heatmap(survey.density.counts, survey.density.centres, style)]
    if reach is not None and survey is not None:
        layers.append(reach_outline(reach.reached, reach.centres, style))
    elif reach is not None:
        layers = [*reach_cells(reach.reached, reach.touched, reach.residual, reach.centres, style)]
    if reach is not None and n == 3 and s is not None:
        layers.append(gap_line(*order3_gap(s), f"ε = 1/{6 * s}", style))
    regions = outlines(n, recipe.method, s)
    hidden = [role for role in settings.LINES if role not in lines] + (["exact"] if "hypocycloid" not in lines else [])
    drawn = {role: outline for role, outline in regions.items() if role not in hidden}
    return spectral_plane(layers, drawn, style=style, title=title)


def draw(survey: Survey | None, reach: ReachMap | None) -> None:
    """Show the picture and the numbers as they stand."""
    told = f"{shown.capitalize()} of {recipe.title}"
    stage = 0 if survey is None else survey.matrices
    if survey is not None:
        measured = measure_title(recipe.measure, recipe.projector)
        told = f"Eigenvalue density of {recipe.title}: {stage:,} matrices, measure {measured}"
    if reach is not None:
        told += f"; {int(reach.reached.sum()):,} cells certified"
    figure, key = picture(survey, reach, frame.style()), f"plane_{next(drawing)}"
    plot.plotly_chart(figure, theme=None, height="stretch", key=key, alt=told)
    with beside.container():
        numbers.column(recipe.projector, survey, reach)


frame.begin(
    "app.py",
    "Slide **n** and **s**: the colours show which eigenvalues a parameterization has, the lines what doubly "
    "stochastic matrices of this size reach at least (red) and stochastic ones at most (green).",
)
left, centre, right = st.columns([12, 25, 9], gap="medium")
with left:
    recipe = choose()
    lines = controls.lines_choice()
with centre:
    shown = controls.shown_choice()
    with st.container(key="square"):
        plot = st.empty()
    progress, below = st.empty(), st.empty()
links.write()
beside = right.empty()
below.caption("Downloads and the Python that makes the same data appear here when the picture is finished.")

drawing = count()
survey: Survey | None = None
reach: ReachMap | None = None
if shown != "certified reach":
    pace = Paced()
    for survey in surveys.surveys(recipe.projector, recipe.matrices, recipe.measure, recipe.seed):
        done = survey.matrices == recipe.matrices
        if pace.due() or (done and shown == "density"):
            draw(survey, None)
        if not done:
            rest = frame.duration((recipe.matrices - survey.matrices) / survey.rate)
            progress.progress(survey.matrices / recipe.matrices, f"{survey.matrices:,} matrices; {rest} to go")
if shown != "density":
    reach = surveys.mapped(recipe.projector, recipe.seed, progress, partial(draw, survey))
else:
    progress.empty()

with below.container():
    if recipe.projector.n == 5:
        st.caption(exception_note())
    drawn = partial(picture, survey, reach, PAPER)
    plane_exports.row(recipe, survey, reach, outlines(recipe.projector.n), drawn)
    frame.reading("spectral_reach")
