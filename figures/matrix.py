"""A doubly stochastic matrix as a heat map, with its row and column sums where the axes are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.contrast import between, readable
from figures.marks import PLAIN_BAR
from figures.style import LIGHT, Style, apply, colorscale, titled

WRITTEN = 8
"""Largest size at which entries are written into their cells."""

FEW = 4
"""Largest size at which they have three decimals: two leave larger letters in smaller cells."""

CLEAR = "rgba(0,0,0,0)"

BAR = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "thickness": 10} | PLAIN_BAR
"""The bar of colours below a matrix without written entries: beside it would take the width from a narrow one."""


def matrix_heatmap(
    matrix: NDArray[np.float64], *, style: Style = LIGHT, title: str | None = None, sums: bool = True
) -> go.Figure:
    """Matrix (n, n) with entries in [0, 1] -> heat map, first row on top, sums as the labels of rows and columns.

    Sums that are all the same are told once; of a large matrix the smallest and the largest.
    """
    n = len(matrix)
    written = n <= WRITTEN
    figure = go.Figure(
        go.Heatmap(
            z=matrix,
            name="matrix",
            zmin=0,
            zmax=1,
            colorscale=colorscale(style),
            hovertemplate="row %{y}, column %{x}: %{z:.6f}<extra></extra>",
            showscale=not written,
            colorbar=BAR | {"tickvals": [0, 0.5, 1]},
            xgap=1,
            ygap=1,
        )
    )
    if written:
        figure.add_traces(_entries(matrix, style))
    apply(figure, style)
    totals = [matrix.sum(axis) for axis in (1, 0)]
    rows, columns = ([f"{total:.4f}" for total in each] for each in totals)
    each = sums and written and len({*rows, *columns}) > 1
    places = list(range(n)) if each else [] if sums else list(range(0, n, -(-n // WRITTEN)))
    labels = {"tickmode": "array", "tickvals": places, "showgrid": False, "ticks": "", "constrain": "domain"}
    below, beside = (columns, rows) if each else (places, places)
    figure.update_xaxes(**labels, ticktext=below, autotickangles=[0, 90])
    figure.update_yaxes(**labels, ticktext=beside, autorange="reversed", scaleanchor="x", constraintoward="top")
    lines = 0
    if each:
        figure.update_xaxes(title={"text": "column sums", "standoff": 4})
        figure.update_yaxes(title={"text": "row sums", "standoff": 4})
    elif sums:
        across, down = map(_span, totals)
        told = [f"all sums {across}"] if across == down else [f"row sums {across}", f"column sums {down}"]
        lines = len(told)
        figure.update_xaxes(title={"text": "<br>".join(told), "standoff": 4, "font_size": style.font_size})
    left, bottom = (76, 56) if each else (24, 20 + 20 * lines)
    return titled(figure, title, left=left, top=(8, 40), bottom=bottom + (0 if written else 30), legend=False)


def _span(sums: NDArray[np.float64]) -> str:
    """Sums (n,) -> the smallest and the largest of them, or the one that all are, as written."""
    low, high = f"{sums.min():.4f}", f"{sums.max():.4f}"
    return low if low == high else f"{low} to {high}"


def _entries(matrix: NDArray[np.float64], style: Style) -> list[go.Heatmap]:
    """The entries as text in the middle of their cells, dark or light as the cell wants it.

    Text of a heat map is as large as its cells have room for, whatever width the picture gets. It has one ink, so that
    there is a clear heat map for each, which writes a space where the other one writes: cells without text would not
    count when the room is measured.
    """
    decimals = 3 if len(matrix) <= FEW else 2
    inks = readable(between(style.counts, matrix))
    written = np.array([[f"{entry:.{decimals}f}" for entry in row] for row in matrix])
    return [
        go.Heatmap(
            z=np.zeros_like(matrix),
            name="entries",
            text=np.where(inks == ink, written, " "),
            texttemplate="%{text}",
            textfont={"color": ink},
            colorscale=[[0, CLEAR], [1, CLEAR]],
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )
        for ink in ("#000000", "#FFFFFF")
    ]
