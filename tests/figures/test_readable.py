"""Pictures whose numbers would not be legible say less: large matrices, and curves that are one level."""

import numpy as np
import pytest

from figures.matrix import matrix_heatmap
from figures.training.losses import Curve
from figures.training.sweeps import law_curves


@pytest.mark.parametrize("n", [8, 9, 64])
def test_sums_of_a_large_matrix_are_told_as_a_span(n: int) -> None:
    matrix = np.eye(n)
    matrix[0, 0] = 0.5
    figure = matrix_heatmap(matrix)
    labels = list(figure.layout.yaxis.ticktext)
    if n == 8:
        assert labels == ["0.5000"] + ["1.0000"] * 7
        assert figure.layout.yaxis.title.text == "row sums"
    else:
        assert labels == []
        assert figure.layout.yaxis.title.text == "row sums 0.5000 to 1.0000"
        assert figure.layout.xaxis.title.text == "column sums 0.5000 to 1.0000"


def test_places_of_a_large_matrix_leave_room_for_each_other() -> None:
    figure = matrix_heatmap(np.eye(64), sums=False)
    assert list(figure.layout.xaxis.ticktext) == list(range(0, 64, 8))


def curve(level: np.ndarray) -> Curve:
    return Curve(np.arange(3.0), level, level, level)


def test_curves_that_differ_by_rounding_are_drawn_as_one_level() -> None:
    level = np.array([1, 1 + 6e-9, 1 + 1e-9])
    axis = law_curves({"mHC": curve(level)}, quantity="gain", along="L", logarithmic=False).layout.yaxis
    assert axis.range == pytest.approx((-1, 1), abs=1e-6)
    free = law_curves({"mHC": curve(level * [1, 1.1, 2])}, quantity="gain", along="L", logarithmic=False)
    assert free.layout.yaxis.range is None
