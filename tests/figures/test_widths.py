"""Figures for a column or a slide: as wide as asked, nothing too small to read, with their font and what they are."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image, ImageFont
from pypdf import PdfReader

from figures import files, fonts
from figures.cost import reach_for_price
from figures.matrix import matrix_heatmap
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


def prices(names: int) -> go.Figure:
    """Candidates with long names: their legend is higher than a column is wide."""
    candidates = {f"orthostochastic, Newton–Schulz, {k}": (k + 1, 0.5, 0.6) for k in range(names)}
    words = "n = 4, 100,000 matrices each, measure edges, that is seed 0, iterations 20, and a word more"
    return reach_for_price(candidates, (), price="numbers", budget=None, style=PAPER, title=words)


def drawn(figure: go.Figure) -> ElementTree.Element:
    return ElementTree.fromstring(files.image(figure, "svg").decode())


def boxes(picture: ElementTree.Element) -> tuple[float, float, float, float]:
    """A drawn picture -> lower edge and height of its plot, the place of its axis' title, upper edge of the legend."""
    named = {part.get("class"): part for part in picture.iter()}
    top, legend = (float(named[name].get("transform", "").strip(")").split(",")[1]) for name in ("xy", "legend"))
    high = float(named["plotclip"][0].get("height", 0))
    return top + high, high, float(named["xtitle"].get("y", 0)), legend


def shape(figure: go.Figure) -> float:
    """Height by width of the room of a plane of a figure with two entries in one line of its legend."""
    layout = figure.layout
    room = (layout.height or 840) - layout.margin.t - 1.6 * layout.margin.b
    return room / ((layout.width or 900) - layout.margin.l - layout.margin.r)


@pytest.mark.browser
@pytest.mark.parametrize("width", ["420 pixels", *WIDTHS])
def test_a_legend_of_many_leaves_the_plot_its_room_at_any_width(width: str) -> None:
    figure = fitted(prices(15), width) if width in WIDTHS else prices(15).update_layout(width=420)
    edge, high, words, legend = boxes(drawn(figure))
    assert edge < words < legend
    assert high > 200


@pytest.mark.browser
def test_the_bar_of_a_large_matrix_is_below_its_labels() -> None:
    matrix = matrix_heatmap(np.full((16, 16), 1 / 16), style=PAPER, sums=False)
    parts = list(drawn(matrix.update_layout(width=300, height=320)).iter())
    labels = [float(part[0].get("y", 0)) for part in parts if part.get("class") == "xtick"]
    (shift,) = (part.get("transform", "") for part in parts if part.get("class", "").endswith(" colorbar"))
    (bar,) = (float(part.get("y", 0)) for part in parts if part.get("class") == "cboutline")
    assert max(labels) < bar + float(shift.strip(")").split(",")[1])


@pytest.mark.parametrize("width", [name for name, inches in WIDTHS.items() if inches])
def test_titles_are_broken_where_they_are_too_wide(width: str) -> None:
    natural, figure = prices(2), fitted(prices(2), width)
    assert figure.layout.title.text.replace("<br>", " ") == natural.layout.title.text
    letter = 1.4 * figure.layout.template.layout.font.size
    for line in figure.layout.title.text.split("<br>"):
        assert ImageFont.truetype(str(fonts.FILE), 100).getlength(line) * letter / 100 < figure.layout.width
    assert ("<br>" in figure.layout.title.text) == (width == "single column")


@pytest.mark.parametrize("width", [name for name, inches in WIDTHS.items() if inches])
def test_a_figure_is_as_wide_as_asked_and_readable(width: str) -> None:
    natural, figure = plane(), fitted(plane(), width)
    assert figure.layout.width == round(WIDTHS[width] * PIXELS)
    assert abs(shape(figure) / shape(natural) - 1) < 0.15
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
