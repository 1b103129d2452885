"""A doubly stochastic matrix as a heat map, with its row and column sums where the axes are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.contrast import between, readable
from figures.style import LIGHT, Style, apply, colorscale, titled

WRITTEN = 8
"""Largest size at which entries are written into their cells."""


def matrix_heatmap(
    matrix: NDArray[np.float64], *, style: Style = LIGHT, title: str | None = None, sums: bool = True
) -> go.Figure:
    """Matrix (n, n) with entries in [0, 1] -> heat map, first row on top, sums as the labels of rows and columns."""
    n = len(matrix)
    places = list(range(n))
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
            xgap=1,
            ygap=1,
        )
    )
    if written:
        figure.add_trace(_entries(matrix, style))
    apply(figure, style)
    below, beside = ([f"{total:.4f}" for total in matrix.sum(axis)] if sums else places for axis in (0, 1))
    labels = {"tickmode": "array", "tickvals": places, "showgrid": False, "ticks": "", "constrain": "domain"}
    figure.update_xaxes(**labels, ticktext=below)
    figure.update_yaxes(**labels, ticktext=beside, autorange="reversed", scaleanchor="x", constraintoward="top")
    if sums:
        figure.update_xaxes(title={"text": "column sums", "standoff": 4})
        figure.update_yaxes(title={"text": "row sums", "standoff": 4})
    left, bottom = (76, 56) if sums else (20, 20)
    return titled(figure, title, left=left, top=(8, 40), bottom=bottom, legend=None)


def _entries(matrix: NDArray[np.float64], style: Style) -> go.Scatter:
    """The entries as text in the middle of their cells, dark or light as the cell wants it."""
    row, column = np.indices(matrix.shape).reshape(2, -1)
    entries = matrix.ravel()
    inks = readable(between(style.counts, entries))
    return go.Scatter(
        x=column,
        y=row,
        mode="text",
        name="entries",
        text=[f"{entry:.3f}" for entry in entries],
        textfont={"color": inks.tolist(), "size": style.font_size - 1},
        hoverinfo="skip",
        showlegend=False,
    )
