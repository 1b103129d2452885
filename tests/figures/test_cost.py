"""Figures of costs are tested by their data: curves where they belong, brackets in per cent."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest

from figures.cost import growth, reach_for_price
from figures.style import DARK, LIGHT, PAPER
from figures.training.losses import Curve, loss_panels
from learning.cost import candidates

STYLES = [LIGHT, DARK, PAPER]
CURVES = {
    "mHC": ([2, 4, 64], [4, 16, 4096]),
    "go-mHC, s = 1": ([2, 4], [1, 6]),
    "go-mHC, s = 2": ([2, 4], [6, 28]),
}
CANDIDATES = {"mHC": (16, 0.9, 1.0), "go-mHC, s = 1": (6, 0.5, 0.6), "go-mHC, s = 2": (28, 0.7, 0.7)}


@pytest.mark.parametrize("style", STYLES)
def test_growth_draws_each_curve_in_the_colour_of_its_method(style) -> None:
    figure = growth({"numbers": CURVES}, style=style)
    assert [trace.name for trace in figure.data] == list(CURVES)
    for trace, (streams, costs) in zip(figure.data, CURVES.values(), strict=True):
        assert (list(trace.x), list(trace.y)) == (streams, costs)
    colours = [trace.line.color for trace in figure.data]
    assert colours == [style.curves[0], style.curves[4], style.curves[3]]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low < log10(2) < log10(64) < high
    assert figure.layout.yaxis.title.text == "numbers"
    assert not figure.layout.shapes


def test_panels_share_one_legend_and_keep_a_curves_look() -> None:
    fewer = {"go-mHC, s = 2": CURVES["go-mHC, s = 2"], "another": ([8], [3])}
    figure = growth({"numbers": CURVES, "operations": fewer}, marked=4, title="Costs")
    drawn = [(trace.name, trace.yaxis, bool(trace.showlegend)) for trace in figure.data]
    assert drawn == [(name, "y", True) for name in CURVES] + [("go-mHC, s = 2", "y2", False), ("another", "y2", True)]
    (first, second) = (trace for trace in figure.data if trace.name == "go-mHC, s = 2")
    assert first.line == second.line
    assert figure.layout.yaxis2.title.text == "operations"
    assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(4, 4), (4, 4)]
    assert figure.layout.title.text == "Costs"


def test_panels_of_a_column_stand_one_below_the_other() -> None:
    figure = growth({"numbers": CURVES, "operations": CURVES}, columns=1)
    (left, right), (_, high) = figure.layout.xaxis2.domain, figure.layout.yaxis2.domain
    assert (left, right) == tuple(figure.layout.xaxis.domain)
    assert high < figure.layout.yaxis.domain[0]
    assert [axis.title.text for axis in (figure.layout.yaxis, figure.layout.yaxis2)] == ["numbers", "operations"]
    assert figure.layout.height > figure.layout.width


@pytest.mark.parametrize("style", STYLES)
def test_reach_for_a_price_is_in_per_cent_and_hollow_beyond_the_budget(style) -> None:
    figure = reach_for_price(CANDIDATES, {"mHC", "go-mHC, s = 1"}, price="numbers", budget=20, style=style)
    assert [trace.name for trace in figure.data] == list(CANDIDATES)
    assert [trace.x[0] for trace in figure.data] == [16, 6, 28]
    assert [trace.y[0] for trace in figure.data] == pytest.approx([90, 50, 70])
    assert [trace.error_y.array[0] for trace in figure.data] == pytest.approx([10, 10, 0])
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "circle", "circle-open"]
    assert [trace.marker.color for trace in figure.data] == [style.curves[0], style.curves[4], style.curves[3]]
    assert [line.x0 for line in figure.layout.shapes] == [20]
    assert figure.layout.xaxis.title.text == "numbers"
    far = reach_for_price(CANDIDATES, set(CANDIDATES), price="numbers", budget=10**9, style=style)
    assert far.layout.xaxis.range == figure.layout.xaxis.range
    assert log10(1) < figure.layout.xaxis.range[0] < log10(6) < log10(28) < figure.layout.xaxis.range[1] < log10(100)


@pytest.mark.parametrize("n", [2, 4, 8])
def test_no_two_candidates_look_alike(n: int) -> None:
    names = list(candidates(n))
    drawn = reach_for_price(
        {name: (place + 1, 0.5, 0.5) for place, name in enumerate(names)}, (), price="", budget=None
    )
    assert len({(trace.marker.color, trace.marker.symbol) for trace in drawn.data}) == len(names)
    lines = growth({"numbers": {name: ([2], [1]) for name in names}})
    assert len({(trace.line.color, trace.line.dash) for trace in lines.data}) == len(names)


def test_what_stands_where_another_stands_is_seen_within_it() -> None:
    beside = {"mHC": (16, 0.9, 1.0), "another": (16, 0.9, 0.9), "go-mHC, s = 1": (16, 0.5, 0.6)}
    drawn = reach_for_price(beside, (), price="", budget=None).data
    sizes = {trace.name: trace.marker.size for trace in drawn}
    assert sizes["another"] < sizes["mHC"] == sizes["go-mHC, s = 1"]
    assert [trace.name for trace in drawn].index("mHC") < [trace.name for trace in drawn].index("another")


def test_what_costs_nothing_stands_at_zero() -> None:
    figure = reach_for_price(CANDIDATES | {"identity": (0, 0.0, 0.0)}, (), price="", budget=None)
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    place = figure.data[-1].x[0]
    assert ticks["0"] == place < min(trace.x[0] for trace in figure.data[:-1])
    assert all(float(text) == value for text, value in ticks.items() if text != "0")
    assert reach_for_price(CANDIDATES, (), price="", budget=None).layout.xaxis.tickvals is None


def test_the_legend_says_what_lines_are_and_what_costs_nothing() -> None:
    names = {trace.name for trace in growth({"numbers": CURVES | {"identity": ([2, 4], [0, 0])}}).data}
    assert names == {*CURVES, "identity: 0"}
    lines = growth({"numbers": CURVES, "operations": CURVES}, marked=4).layout.shapes
    assert [(line.name, line.showlegend) for line in lines] == [("n = 4", True), (None, None)]
    (line,) = reach_for_price(CANDIDATES, (), price="", budget=20).layout.shapes
    assert (line.name, line.showlegend) == ("budget", True)
    curve = Curve(*(np.ones(2) for _ in range(4)))
    lines = loss_panels({"a": {"mHC": curve}, "b": {"mHC": curve}}, {"b": 0.5}).layout.shapes
    assert [(line.name, line.showlegend) for line in lines] == [("theoretical minimum", True)]
