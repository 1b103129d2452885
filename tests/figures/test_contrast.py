"""Text on coloured cells can be read by everybody."""

from __future__ import annotations

import numpy as np
import pytest

from figures.contrast import between, contrast, luminance, readable, rgb
from figures.matrix import matrix_heatmap
from figures.style import DARK, LIGHT, PAPER, Style


def test_contrasts_known_from_the_guidelines() -> None:
    assert float(contrast(luminance(rgb("#000000")), luminance(rgb("#FFFFFF")))) == pytest.approx(21)
    assert float(contrast(luminance(rgb("#777777")), luminance(rgb("#FFFFFF")))) == pytest.approx(4.48, abs=0.005)
    assert float(contrast(luminance(rgb("#0000FF")), luminance(rgb("#FFFFFF")))) == pytest.approx(8.59, abs=0.005)


def test_black_or_white_can_be_read_on_every_ground() -> None:
    grounds = np.random.default_rng(0).random((100_000, 3))
    inks = np.array([rgb(ink) for ink in ("#000000", "#FFFFFF")])[(readable(grounds) == "#FFFFFF").astype(int)]
    assert contrast(luminance(grounds), luminance(inks)).min() >= 4.5


@pytest.mark.parametrize("style", [LIGHT, DARK, PAPER])
def test_every_entry_of_a_matrix_can_be_read(style: Style) -> None:
    matrix = np.linspace(0, 1, 64).reshape(8, 8)
    cells, entries = matrix_heatmap(matrix, style=style).data
    assert [float(text) for text in entries.text] == pytest.approx(matrix.ravel(), abs=5e-4)
    grounds = between([colour for _, colour in cells.colorscale], matrix.ravel())
    inks = np.array([rgb(ink) for ink in entries.textfont.color])
    assert contrast(luminance(grounds), luminance(inks)).min() >= 4.5
