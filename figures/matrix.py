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
    """Matrix (n, n) with entries in [0, 1] -> heat map, first row on top, sums as the labels of rows and columns.

    Of a large one the smallest and the largest sum are told instead.
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
            xgap=1,
            ygap=1,
        )
    )
    if written:
        figure.add_trace(_entries(matrix, style))
    apply(figure, style)
    totals = [matrix.sum(axis) for axis in (0, 1)]
    told = [] if sums and not written else list(range(0, n, -(-n // WRITTEN)))
    below, beside = ([f"{each[place]:.4f}" for place in told] if sums else told for each in totals)
    labels = {"tickmode": "array", "tickvals": told, "showgrid": False, "ticks": "", "constrain": "domain"}
    figure.update_xaxes(**labels, ticktext=below)
    figure.update_yaxes(**labels, ticktext=beside, autorange="reversed", scaleanchor="x", constraintoward="top")
    if sums:
        span = [""] * 2 if written else [f" {each.min():.4f} to {each.max():.4f}" for each in totals]
        figure.update_xaxes(title={"text": f"column sums{span[0]}", "standoff": 4})
        figure.update_yaxes(title={"text": f"row sums{span[1]}", "standoff": 4})
    left, bottom = (76 if written else 36, 56) if sums else (24, 20)
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
