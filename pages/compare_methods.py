"""Which method reaches more at the same n?"""

from __future__ import annotations

from functools import partial
from math import log10
from typing import TYPE_CHECKING

import streamlit as st

from figures.curves import coverage_against_s
from figures.multiples import small_multiples, small_plane
from figures.style import PAPER
from geometry.regions import perfect_mirsky
from ui import comparison, controls, exports, frame, links, render, surveys
from ui.outlines import outlines

if TYPE_CHECKING:
    from geometry.survey import Survey
    from projectors import Projector

BINS = 101
PATIENCE = 20.0
"""Seconds of work that the page starts by itself; more waits for a button."""


def survey_of(name: str, projector: Projector) -> Survey:
    """Projector -> its finished survey, with progress shown on the way."""
    return surveys.finished(projector, each, measure, seed, BINS, bar, name)


def panel(place: int, name: str, survey: Survey) -> None:
    """Draw one method's spectrum under its name."""
    grid = survey.density
    with st.container(key=f"panel_{place}"):
        st.markdown(f"**{name}**")
        st.plotly_chart(
            small_plane(grid.counts, grid.centres, regions, ceiling=ceiling, style=frame.style()),
            theme=None,
            height="stretch",
            key=f"plane_{place}",
            config={"displayModeBar": False},
            alt=f"Eigenvalue density of {name} at n = {n}: {each:,} matrices, measure {measure}",
        )


def against_rank() -> None:
    """Draw coverage against s: the methods that have an s as curves, the others as levels."""
    ranks = list(range(1, links.LARGEST_RANK + 1))
    by_rank = comparison.ranked(n, links.LARGEST_RANK)
    wait = surveys.expected_seconds((projector for row in by_rank.values() for projector in row), each)
    if wait > PATIENCE and not st.button(f"Start: about {max(1, wait / 60):.0f} min", key="start"):
        return
    shares = {
        name: [
            comparison.covered(survey_of(f"{name}, s = {s}", projector), region)
            for s, projector in zip(ranks, row, strict=True)
        ]
        for name, row in by_rank.items()
    }
    levels = {name: comparison.covered(survey, region) for name, survey in results.items() if "go-mHC" not in name}
    drawn = partial(coverage_against_s, ranks, shares, levels, region=region.name.split()[-1])
    alt = f"Coverage of {region.name} against s: {each:,} matrices each, measure {measure}"
    st.plotly_chart(drawn(style=frame.style()), theme=None, key="against_rank", alt=alt)
    flat = {name: [level] * len(ranks) for name, level in levels.items()}
    columns: dict[str, list[float]] = {"s": [float(s) for s in ranks], **shares, **flat}
    table = {f"{name}, s = {s}": p for name, row in by_rank.items() for s, p in zip(ranks, row, strict=True)}
    exports.row(
        partial(drawn, style=PAPER, title=told),
        partial(render.table, list(columns), list(zip(*columns.values(), strict=True))),
        partial(render.archive, columns, recipe),
        exports.survey_snippet(table, each, measure, seed, BINS),
        f"coverage-against-s_{stem}",
    )


frame.begin(
    "pages/compare_methods.py",
    "Every method at the same **n**, from the same number of random matrices, on one colour scale: which fills more of "
    "the region, and at what cost?",
)
first, second, third, fourth = st.columns([6, 4, 5, 3], gap="medium")
with first:
    n, s = controls.size_and_rank()
with second:
    measure = controls.measure_choice()
with third:
    each = controls.sample_size("each", "Matrices of each method", links.MATRICES_EACH)
with fourth:
    seed = controls.seed_choice()
links.write()

recipe: dict[str, object] = {"n": n, "s": s, "measure": measure, "matrices": each, "seed": seed}
stem = f"n{n}_s{s}_{measure}_{each}_seed{seed}"
told = f"n = {n} — {each:,} matrices each, measure {measure}, seed {seed}"
ceiling = max(1.0, log10(20 * each * (n - 1) / BINS**2))
regions, region = outlines(n), perfect_mirsky(n)
entries = comparison.contenders(n, s)
bar = st.empty()
results: dict[str, Survey] = {}
for place, column in enumerate(st.columns(len(entries))):
    name = list(entries)[place]
    results[name] = survey_of(name, entries[name])
    with column:
        panel(place, name, results[name])
comparison.table(entries, results, region)
densities = {name: survey.density for name, survey in results.items()}
counts, centres = {name: grid.counts for name, grid in densities.items()}, densities["mHC"].centres
exports.row(
    partial(small_multiples, counts, centres, regions, ceiling=ceiling, style=PAPER, title=told),
    partial(render.cells, counts, centres),
    partial(render.archive, {**counts, "centres": centres}, recipe),
    exports.survey_snippet(entries, each, measure, seed, BINS),
    f"compare-methods_{stem}",
)
st.subheader("Coverage against s")
against_rank()
frame.reading("compare_methods")
