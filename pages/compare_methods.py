"""Which method reaches more at the same n?"""

from __future__ import annotations

from functools import partial
from math import log10
from typing import TYPE_CHECKING

import streamlit as st

from figures import files as render
from figures.curves import coverage_curves
from figures.multiples import small_multiples, small_plane
from figures.style import PAPER
from geometry.regions import perfect_mirsky
from ui import comparison, controls, exports, frame, links, settings, surveys
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


def certified_coverage() -> None:
    """Draw the certified coverage against s and against n, each point a bracket from a map with a witness a cell."""
    table, waiting = comparison.certified(n, s), st.empty()
    brackets = {
        name: {place: surveys.bracket(projector, waiting, name) for place, projector in row.items()}
        for name, row in table.items()
    }
    against_s = {
        name: {rank: pair for (size, rank), pair in row.items() if size == n} for name, row in brackets.items()
    }
    against_n = {
        name: {size: pair for (size, rank), pair in row.items() if rank == s} for name, row in brackets.items()
    }
    drawn = partial(coverage_curves, against_s, against_n, n=n, s=s)
    alt = f"Certified coverage of the Perfect–Mirsky region against s at n = {n} and against n at s = {s}"
    st.plotly_chart(drawn(style=frame.style()), theme=None, key="certified", alt=alt)
    rows = [(name, size, rank, *pair) for name, row in brackets.items() for (size, rank), pair in row.items()]
    columns = dict(zip(["method", "n", "s", "certified", "touched"], zip(*rows, strict=True), strict=True))
    exports.row(
        partial(drawn, style=PAPER, title="Certified reach"),
        partial(render.table, list(columns), rows),
        partial(render.archive, columns, {"resolution": surveys.RESOLUTION}),
        exports.map_snippet(table["go-mHC"][n, s], surveys.RESOLUTION, 0),
        f"certified-coverage_n{n}_s{s}",
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
    each = controls.sample_size("each", "Matrices of each method", settings.MATRICES_EACH)
with fourth:
    seed = controls.seed_choice()
links.write()

recipe: dict[str, object] = {"n": n, "s": s, "measure": measure, "matrices": each, "seed": seed}
stem = f"n{n}_s{s}_{measure}_{each}_seed{seed}"
told = f"n = {n} — {each:,} matrices each, measure {measure}, seed {seed}"
ceiling = max(1.0, log10(20 * each * (n - 1) / BINS**2))
regions, region = outlines(n), perfect_mirsky(n)
entries = comparison.contenders(n, s)
st.caption(
    f"Red: {region.name}. Green, dashed: Karpelevich region. Violet, dotted: hypocycloid. Colours: from one "
    f"eigenvalue in a cell, pale, to {10**ceiling:,.0f}. All panels share the scale."
)
bar = st.empty()
results: dict[str, Survey] = {}
wait = surveys.expected_seconds(entries.values(), each)
if wait > PATIENCE and not st.button(f"Start: about {frame.duration(wait)}", key="start"):
    st.stop()
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
st.subheader("Certified coverage against s and n")
if n == 2:
    st.markdown("At n = 2 every eigenvalue is real: the region is a segment and has no area to cover.")
elif n <= max(comparison.SIZES) or st.button("Start: maps of this size take a while", key="start_maps"):
    certified_coverage()
frame.reading("compare_methods")
