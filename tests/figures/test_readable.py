"""Pictures whose numbers would not be legible say less: large matrices, and curves that are one level."""

import numpy as np
import plotly.graph_objects as go
import pytest

from figures.marks import colour_bar
from figures.matrix import matrix_heatmap
from figures.sites.by_layer import composite, strips
from figures.spectrum.curves import coverage_curves
from figures.training.language import Along, training_curves
from figures.training.losses import Curve, loss_curves, loss_panels
from figures.training.sweeps import law_curves, sweep_curves


@pytest.mark.parametrize("n", [8, 9, 64])
def test_sums_of_a_large_matrix_are_told_as_a_span(n: int) -> None:
    matrix = np.eye(n)
    matrix[0, 0] = 0.5
    axes = matrix_heatmap(matrix).layout
    if n == 8:
        assert list(axes.yaxis.ticktext) == ["0.5000"] + ["1.0000"] * 7
        assert axes.yaxis.title.text == "row sums"
    else:
        assert list(axes.yaxis.ticktext) == []
        assert axes.xaxis.title.text == "all sums 0.5000 to 1.0000"
        matrix[0, 1] = 0.25
        assert matrix_heatmap(matrix).layout.xaxis.title.text == (
            "row sums 0.7500 to 1.0000<br>column sums 0.5000 to 1.2500"
        )


@pytest.mark.parametrize("n", [2, 8, 9])
def test_equal_sums_are_told_once_and_leave_the_matrix_their_room(n: int) -> None:
    axes = matrix_heatmap(np.full((n, n), 1 / n)).layout
    assert axes.xaxis.title.text == "all sums 1.0000"
    assert axes.xaxis.tickvals == axes.yaxis.tickvals == ()
    assert axes.margin.l < 30


@pytest.mark.parametrize("n", [2, 4, 5, 8])
def test_entries_are_as_large_as_their_cells_have_room_for(n: int) -> None:
    """Plotly sizes text that has no size by the distance of labels: so every cell has one, be it a space."""
    _, *entries = matrix_heatmap(np.eye(n)).data
    assert entries
    for each in entries:
        assert each.type == "heatmap"
        assert each.textfont.size is None
        assert np.shape(each.text) == (n, n)
        assert all(text for row in each.text for text in row)


def test_places_of_a_large_matrix_leave_room_for_each_other() -> None:
    figure = matrix_heatmap(np.eye(64), sums=False)
    assert list(figure.layout.xaxis.ticktext) == list(range(0, 64, 8))


def curve(level: np.ndarray) -> Curve:
    return Curve(np.arange(3.0), level, level, level)


def test_curves_that_differ_by_rounding_are_drawn_as_one_level() -> None:
    level = np.array([1, 1 + 6e-9, 1 + 1e-9])
    layout = law_curves({"mHC": curve(level)}, quantity="gain", along="L", logarithmic=False).layout
    assert layout.yaxis.range == pytest.approx((-1, 1), abs=1e-6)
    assert [note.text for note in layout.annotations] == ["all that is drawn lies here, within 6e-09"]
    free = law_curves({"mHC": curve(level * [1, 1.1, 2])}, quantity="gain", along="L", logarithmic=False)
    assert free.layout.yaxis.range is None
    assert not free.layout.annotations


@pytest.mark.parametrize(("lowest", "step"), [(0.95, None), (0.2, None), (0.05, "D2"), (0.005, 1)])
def test_an_axis_of_less_than_two_decades_has_labels_between_them(lowest: float, step: object) -> None:
    """From 0.98 to 0.95 there is no power of ten at all."""
    falling = {"mHC": curve(np.array([0.98, lowest]))}
    figures = [loss_curves(falling), loss_panels({"one": falling}, {})]
    figures += [sweep_curves({"mHC": {"one": 0.98, "two": lowest}}, ["one", "two"], quantity="final loss")]
    assert [figure.layout.yaxis.dtick for figure in figures] == [step] * 3


@pytest.mark.parametrize("decades", [4, 12, 35, 300])
def test_decades_are_labelled_so_sparsely_that_labels_keep_apart(decades: int) -> None:
    """B.10 ends at 1e-33: a label for each of 35 decades wrote them over each other."""
    falling = {"mHC": curve(np.array([1.0, 0.5, 10.0**-decades]))}
    figures = [
        loss_curves(falling),
        loss_panels({"one": falling}, {}),
        sweep_curves({"mHC": {"one": 1.0, "two": 10.0**-decades}}, ["one", "two"], quantity="final loss"),
    ]
    for figure in figures:
        step = figure.layout.yaxis.dtick
        assert decades / step <= 9
        assert step == 1 or decades > 9


def test_losses_of_nothing_have_an_axis_too() -> None:
    assert loss_curves({}).layout.yaxis.dtick == 1
    assert loss_curves({"mHC": curve(np.zeros(3))}).layout.yaxis.dtick == 1


def test_bars_of_colours_write_powers_as_numbers_and_not_in_units_of_nothing() -> None:
    """By itself plotly calls 1e-13 "0.1p"."""
    drawn = strips({"error of sums": (np.array([[1e-13]]), 0.0, 1e-13)}, ["attn"], [0])
    for bar in (drawn.data[0].colorbar, go.heatmap.ColorBar(colour_bar("distance"))):
        assert bar.exponentformat == "e"


def test_what_panels_side_by_side_hold_stands_above_them() -> None:
    figure = composite(["a", "b", "c"], np.array([1.0, 0.5, 0.1]), np.ones((2, 3)))
    assert [note.text for note in figure.layout.annotations] == ["share of differences", "largest absolute sum"]
    assert figure.layout.yaxis.title.text is None
    assert figure.layout.yaxis2.title.text is None
    assert figure.layout.xaxis.dtick == 1  # no tick between two sites


def test_many_sizes_have_a_mark_each_and_few_labels() -> None:
    shares = dict.fromkeys(range(3, 17), (0.5, 0.6))
    layout = coverage_curves({"mHC": {1: (0.5, 0.6), 4: (0.5, 0.6)}}, {"mHC": shares}, n=4, s=2).layout
    assert layout.xaxis.dtick == 1
    assert (layout.xaxis2.dtick, layout.xaxis2.minor.dtick) == (4, 1)


def test_panels_of_a_single_column_stand_below_each_other_and_are_lower() -> None:
    falling = {"mHC": curve(np.array([1.0, 0.5, 0.1]))}
    beside, below = (loss_panels(dict.fromkeys("abcd", falling), {}, columns=columns) for columns in (2, 1))
    assert beside.layout.xaxis.domain != beside.layout.xaxis2.domain
    assert {below.layout[f"xaxis{number}"].domain for number in ("", 2, 3, 4)} == {(0, 1)}
    assert below.layout.height < 2 * beside.layout.height


def test_zeros_have_no_place_on_a_logarithmic_axis_and_are_said_in_the_legend() -> None:
    iterations, nothing = np.arange(3.0), np.zeros(0)
    curves = {
        name: Along(iterations, np.array(y), nothing, nothing)
        for name, y in (("identity", [0.0, 0, 0]), ("TBP-mHC", [0.0, 1e-3, 1e-2]))
    }
    silent, learning = training_curves(curves, quantity="gradient", logarithmic=True).data
    assert silent.name == "identity: 0 throughout"
    assert not np.isfinite(silent.y).any()
    np.testing.assert_array_equal(learning.y, [np.nan, 1e-3, 1e-2])
    assert [line.name for line in training_curves(curves, quantity="gradient").data] == list(curves)
