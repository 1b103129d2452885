"""Figures for a column or a slide: as wide as asked, nothing too small to read, with their font and what they are."""

from __future__ import annotations

import io
import re

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from pypdf import PdfReader

from figures import files, fonts
from figures.spectrum.plane import density_heatmap, spectral_plane
from figures.spectrum.reach import reach_cells
from figures.style import NIGHT, PAPER, Style, untitled
from figures.widths import LEAST, PIXELS, POINTS, WIDTHS, fitted
from geometry.grid import cell_centres
from ui.outlines import outlines

ABOUT = {"Title": "O & <P>", "Subject": "http://here/?n=4&s=2", "Keywords": "seed: 0", "Creator": "Birkhoff Explorer 0"}
CENTRES = cell_centres(21)


def plane(style: Style = PAPER) -> go.Figure:
    counts = np.random.default_rng(0).integers(0, 50, (21, 21))
    layers = [density_heatmap(counts, CENTRES, style)]
    layers += reach_cells(counts > 25, counts > 10, np.full((21, 21), np.nan), CENTRES, style)
    return spectral_plane(layers, outlines(4), style=style, title="title")


def letters(figure: go.Figure) -> list[float]:
    """Every size of text that the figure names, in pixels."""
    return [float(size) for size in re.findall(r'font":\s*{[^}]*?"size":\s*([\d.]+)', figure.to_json())]


@pytest.mark.parametrize("width", [name for name, inches in WIDTHS.items() if inches])
def test_a_figure_is_as_wide_as_asked_and_readable(width: str) -> None:
    natural, figure = plane(), fitted(plane(), width)
    assert figure.layout.width == round(WIDTHS[width] * PIXELS)
    assert abs(figure.layout.height / figure.layout.width - 840 / 900) < 0.01
    assert len(letters(figure)) == len(letters(natural)) > 3
    assert min(letters(figure)) >= 7 * PIXELS / POINTS
    assert min(letters(figure)) >= LEAST * PIXELS / POINTS - 0.01
    assert 0 < figure.layout.margin.b < 60
    np.testing.assert_array_equal(figure.data[0].z, natural.data[0].z)


def test_what_is_fitted_to_the_screen_is_the_same() -> None:
    figure = plane()
    assert fitted(figure, "as on screen") is figure


def test_a_title_goes_with_its_room() -> None:
    figure = untitled(plane())
    assert not figure.layout.title.text
    assert figure.layout.margin.t == 8
    assert untitled(figure).layout.margin.t == 8
    assert plane(NIGHT).layout.template.layout.paper_bgcolor == "#0F1118"


@pytest.mark.browser
def test_files_carry_their_font_and_what_they_are() -> None:
    figure = fitted(plane(), "single column")
    pdf = PdfReader(io.BytesIO(files.image(figure, "pdf", ABOUT)))
    fonts_used = [each.get_object()["/BaseFont"] for each in pdf.pages[0]["/Resources"]["/Font"].values()]
    assert fonts_used
    assert all("STIXTwoText" in name for name in fonts_used), fonts_used
    assert {name: pdf.metadata[f"/{name}"] for name in ABOUT} == ABOUT
    assert abs(float(pdf.pages[0].mediabox.width) - 3.4 * POINTS) < 1.5
    svg = files.image(figure, "svg", ABOUT).decode()
    assert f'font-family:"{fonts.FAMILY}";src:url(data:font/woff;base64,' in svg
    assert "<title>O &amp; &lt;P&gt;</title>" in svg
    assert "http://here/?n=4&amp;s=2" in svg
    with Image.open(io.BytesIO(files.image(figure, "png", ABOUT))) as picture:
        assert {name: picture.info[name] for name in ABOUT} == ABOUT
        assert picture.size[0] == 2 * figure.layout.width
    page = files.html(figure, ABOUT).decode()
    assert '<meta name="subject" content="http://here/?n=4&amp;s=2">' in page
