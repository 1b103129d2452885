"""Figures are tested by their data, not their pixels."""

from __future__ import annotations

import numpy as np
import pytest

from figures.inks import inks
from figures.spectrum.curves import coverage_curves
from figures.spectrum.multiples import small_multiples, small_plane
from figures.spectrum.plane import density_heatmap, spectral_plane, typical_ceiling
from figures.spectrum.reach import reach_cells, reach_outline
from figures.style import DARK, LIGHT, PAPER
from geometry.regions import hypocycloid, karpelevich, perfect_mirsky

CENTRES = np.linspace(-1, 1, 21)
STYLES = [LIGHT, DARK, PAPER]


def counts(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 50, (21, 21))


@pytest.mark.parametrize("style", STYLES)
def test_the_plane_shows_counts_and_outlines_where_they_are(style) -> None:
    regions = {"perfect_mirsky": perfect_mirsky(3), "karpelevich": karpelevich(3), "hypocycloid": hypocycloid(3)}
    figure = spectral_plane([density_heatmap(counts(), CENTRES, style)], regions, style=style, title="title")
    heat, circle, *lines = figure.data
    levels = np.asarray(heat.z)
    np.testing.assert_allclose(10 ** levels[counts() > 0], counts()[counts() > 0], rtol=1e-5)
    assert np.isnan(levels[counts() == 0]).all()
    assert (heat.x0, heat.dx, heat.y0) == (-1, pytest.approx(0.1), -1)
    np.testing.assert_allclose(np.hypot(circle.x, circle.y), 1, rtol=1e-6)
    assert [line.name for line in lines] == [region.name for region in regions.values()]
    for line, region in zip(lines, regions.values(), strict=True):
        drawn = np.asarray(line.x) + 1j * np.asarray(line.y)
        np.testing.assert_allclose(drawn[: len(region.boundary)], region.boundary, atol=1e-6)
        assert np.isnan(drawn).sum() == len(region.whiskers)
    assert len({line.line.color for line in lines}) == len(lines)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.template == style.template
    assert style.template.layout.font.color == style.ink


def test_hover_details_are_modulus_and_argument_of_the_cell() -> None:
    details = np.asarray(density_heatmap(counts(), CENTRES).customdata)
    row, column = 3, 17
    z = complex(CENTRES[column], CENTRES[row])
    np.testing.assert_allclose(
        details[row, column], [counts()[row, column], abs(z), np.degrees(np.angle(z))], rtol=1e-5
    )


def test_the_colour_scale_ignores_the_real_axis_and_survives_no_counts() -> None:
    crowded = counts()
    crowded[10] = 10**6
    assert density_heatmap(crowded, CENTRES).zmax == typical_ceiling(np.delete(crowded, 10, axis=0)) < 5
    beside = density_heatmap(crowded, CENTRES, centre=5j)  # where row 10 is none of the axis
    assert beside.zmax == typical_ceiling(crowded)
    assert typical_ceiling(np.zeros((21, 21), dtype=int)) == 1


def test_multiples_share_one_scale() -> None:
    panels = {name: counts(seed) for seed, name in enumerate(["a", "b", "c", "d", "e", "f", "g"])}
    figure = small_multiples(
        panels, CENTRES, {name: {"perfect_mirsky": perfect_mirsky(4)} for name in panels}, ceiling=2.5, columns=4
    )
    heats = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [heat.zmax for heat in heats] == [2.5] * 7
    assert [heat.showscale for heat in heats] == [True] + [False] * 6
    assert sum(bool(trace.showlegend) for trace in figure.data if trace.name == perfect_mirsky(4).name) == 1
    assert [note.text for note in figure.layout.annotations] == [f"({letter}) {letter}" for letter in "abcdefg"]
    assert small_plane(counts(), CENTRES, {}, ceiling=2.5).data[0].zmax == 2.5


@pytest.mark.parametrize("style", STYLES)
def test_coverage_is_what_is_certified_and_what_was_seen_in_per_cent(style) -> None:
    curves = {"go-mHC": {1: (0.4, 0.6), 2: (0.7, 0.8)}, "mHC": {1: (0.9, 1.0)}}
    figure = coverage_curves(curves, {"go-mHC": {4: (0.5, 0.5)}}, n=4, s=2, style=style)
    first, other, against_n = figure.data[0], figure.data[2], figure.data[1]
    assert (list(first.x), list(first.y), list(first.error_y.array)) == ([1, 2], [40, 70], pytest.approx([20, 10]))
    assert (against_n.name, against_n.xaxis, list(against_n.y)) == ("go-mHC", "x2", [50])
    assert first.line.color == against_n.line.color != other.line.color


def test_reach_has_one_colour_for_certified_and_one_for_touched() -> None:
    reached = np.zeros((21, 21), dtype=bool)
    reached[5, 7] = True
    touched = reached.copy()
    touched[6, 7] = True
    cells, *legend = reach_cells(reached, touched, np.full((21, 21), np.nan), CENTRES)
    levels = np.asarray(cells.z)
    assert (levels[5, 7], levels[6, 7], np.isnan(levels).sum()) == (2, 1, 439)
    assert [entry.name for entry in legend] == ["certified", "seen"]
    outline = reach_outline(reached, CENTRES)
    assert outline.z[5, 7] == 1
    assert np.sum(outline.z) == 1


def test_methods_that_share_a_colour_have_dashes_of_their_own() -> None:
    drawn = inks([f"method {number}" for number in range(20)] + ["mHC"], LIGHT)
    assert len(set(drawn.values())) == 21
    colours = [ink.colour for ink in drawn.values()]
    assert max(map(colours.count, colours)) == -(-21 // len(LIGHT.curves))
    assert {ink.dash for ink in inks(["mHC", "mHC-lite", "KromHC", "go-mHC"], LIGHT).values()} == {"solid"}
    crowded = inks([*(f"method {number}" for number in range(9)), "mHC"], LIGHT)
    assert crowded["mHC"] == (LIGHT.curves[0], "solid")
    assert list(crowded)[-1] == "mHC"
