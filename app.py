"""Which eigenvalues can a parameterization of the doubly stochastic matrices reach?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from figures.plane import spectral_plane
from figures.style import PAPER, Style
from geometry.regions import perfect_mirsky
from ui import controls, exports, frame, links, render, surveys
from ui.outlines import outlines

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from geometry.survey import Survey


def choose() -> controls.Recipe:
    """Draw the widgets -> the recipe they describe."""
    n, s = controls.size_and_rank(rank_used=controls.rank_matters())
    method, projector = controls.method_choice(n, s)
    measure = controls.measure_choice()
    matrices = controls.sample_size("matrices", "Matrices", links.MATRICES)
    return controls.Recipe(method, projector, measure, matrices, controls.seed_choice())


def picture(recipe: controls.Recipe, survey: Survey, style: Style, *, title: str | None = None) -> go.Figure:
    """Recipe and survey -> the density of eigenvalues under the regions known at this n."""
    regions = outlines(recipe.projector.n, recipe.method, getattr(recipe.projector, "s", None))
    return spectral_plane(survey.density.counts, survey.density.centres, regions, style=style, title=title)


def numbers(recipe: controls.Recipe, survey: Survey) -> None:
    """Draw what lets a reader trust the picture."""
    from geometry.coverage import coverage
    from geometry.devices import describe

    region = perfect_mirsky(recipe.projector.n)
    share = coverage(survey.density, region)
    text = f"{100 * share.share:.1f} %" if share.cells else "no area"
    st.metric(
        f"{region.name.split()[-1]} covered",
        text,
        help=f"Cells of side {share.bin_width:.4f} inside the Perfect–Mirsky region, off the real axis, that hold an "
        "eigenvalue. A lower bound that grows with the number of matrices.",
    )
    st.metric("Largest |λ|", f"{survey.largest:.4f}", help="Besides the Perron root 1, taken away once per matrix.")
    st.metric("Real eigenvalues", f"{100 * survey.real_share:.1f} %")
    rows = {
        "Matrices": f"{survey.matrices:,}",
        "Eigenvalues": f"{survey.eigenvalues:,}",
        "Parameters each": f"{recipe.projector.parameter_count:,}",
        "FLOPs each": frame.stacked(recipe.projector.flops),
        "Row or column error": f"{survey.row_error:.1e}" + ("" if recipe.projector.exact else " (not exact)"),
        "Matrices per second": frame.stacked(survey.rate),
        "Seconds": f"{survey.seconds:.2f}",
        "Device": describe(survey.device),
    }
    st.table(rows, border="horizontal")


def archive(recipe: controls.Recipe, survey: Survey) -> bytes:
    """Recipe and survey -> NPZ of the counts, their edges, and the outlines."""
    lines = outlines(recipe.projector.n, recipe.method, getattr(recipe.projector, "s", None))
    arrays = {role: outline.boundary for role, outline in lines.items()}
    told = {"projector": repr(recipe.projector), "measure": recipe.measure, "seed": recipe.seed}
    grid = {"counts": survey.density.counts, "edges": survey.density.edges}
    return render.archive({**grid, **arrays}, {**told, "matrices": survey.matrices})


frame.begin(
    "app.py",
    "Slide **n** and **s**: the colours show where a parameterization's eigenvalues fall, the lines "
    "how far any doubly stochastic (red) or stochastic (green) matrix of this size is known to reach.",
)
left, centre, right = st.columns([12, 25, 9], gap="medium")
with left:
    recipe = choose()
links.write()
with centre:
    with st.container(key="square"):
        plot = st.empty()
    progress, below = st.empty(), st.container()
beside = right.empty()

pace = surveys.Paced()
for survey in surveys.stream(recipe.projector, recipe.matrices, recipe.measure, recipe.seed):
    finished = survey.matrices == recipe.matrices
    if finished or pace.due():
        told = f"Eigenvalue density of {recipe.title}: {survey.matrices:,} matrices, measure {recipe.measure}"
        drawn = picture(recipe, survey, frame.style())
        plot.plotly_chart(drawn, theme=None, height="stretch", key=f"plane_{survey.matrices}", alt=told)
        with beside.container():
            numbers(recipe, survey)
    if not finished:
        remaining = (recipe.matrices - survey.matrices) / survey.rate
        progress.progress(survey.matrices / recipe.matrices, f"{survey.matrices:,} matrices; {remaining:.0f} s to go")
progress.empty()

with below:
    paper_title = f"{recipe.title} — {recipe.matrices:,} matrices, measure {recipe.measure}, seed {recipe.seed}"
    exports.row(
        partial(picture, recipe, survey, PAPER, title=paper_title),
        partial(render.cells, {recipe.title: survey.density.counts}, survey.density.centres),
        partial(archive, recipe, survey),
        exports.survey_snippet({recipe.method: recipe.projector}, recipe.matrices, recipe.measure, recipe.seed),
        "spectral-reach_" + recipe.file_name,
    )
    frame.reading("spectral_reach")
