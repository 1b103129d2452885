"""Text on coloured cells can be read, and curves can be told apart, by everybody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from figures.contrast import between, contrast, linear, luminance, readable, rgb
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
    cells, *entries = matrix_heatmap(matrix, style=style).data
    grounds, told = between([colour for _, colour in cells.colorscale], matrix), np.full((8, 8), "", dtype="<U8")
    for each in entries:
        text = np.asarray(each.text, dtype="<U8")
        written = text != " "
        assert (told[written] == "").all()
        told[written] = text[written]
        assert contrast(luminance(grounds[written]), luminance(rgb(each.textfont.color))).min() >= 4.5
    assert told.astype(float) == pytest.approx(matrix, abs=5e-3)


DEFICIENCIES = {
    "none": np.eye(3),
    "no long cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no medium cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no short cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Linear red, green, blue as seen with the deficiency, at its full severity: Machado, Oliveira and Fernandes (2009)."""


def lab(light: np.ndarray) -> np.ndarray:
    """Linear sRGB (3,) -> CIE L*a*b* under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ light / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize(("style", "ground"), [(LIGHT, "#FFFFFF"), (DARK, "#0F1118"), (PAPER, "#FFFFFF")])
def test_curves_can_be_told_apart_and_seen(style: Style, ground: str, deficiency: str) -> None:
    """A distance of 2.3 is just noticeable side by side; thin lines apart from each other want ten times that."""
    assert nearest(style.curves, ground, deficiency, legible=3) >= 23


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize(("style", "ground"), [(LIGHT, "#FFFFFF"), (DARK, "#0F1118"), (PAPER, "#FFFFFF")])
def test_lines_around_a_spectrum_can_be_told_apart_and_their_names_read(
    style: Style, ground: str, deficiency: str
) -> None:
    lines = ("perfect_mirsky", "karpelevich", "hypocycloid", "exact", "exception")
    assert nearest([style.roles[role] for role in lines], ground, deficiency, legible=4.5) >= 23


def nearest(colours: Sequence[str], ground: str, deficiency: str, legible: float) -> float:
    """Colours -> how far the two most alike are from each other, as seen; each must be legible on the ground."""
    seen = []
    for colour in colours:
        channels = rgb(colour)
        assert contrast(luminance(channels), luminance(rgb(ground))) >= legible
        seen.append(lab(np.clip(DEFICIENCIES[deficiency] @ linear(channels), 0, 1)))
    return min(float(np.linalg.norm(one - other)) for place, one in enumerate(seen) for other in seen[:place])
