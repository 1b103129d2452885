"""Several spectra side by side on one colour scale: the paper's Fig. 4 for any n."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from figures.spectrum.plane import Outline, density_heatmap, outline_traces, square_axes, unit_circle
from figures.style import LIGHT, Style, apply, titled


def small_plane(
    counts: NDArray[np.int64],
    centres: NDArray[np.float64],
    outlines: Mapping[str, Outline],
    *,
    ceiling: float,
    style: Style = LIGHT,
) -> go.Figure:
    """Counts (bins, bins) -> one small panel without legend or colour bar, its colours ending at 10**ceiling."""
    figure = go.Figure(density_heatmap(counts, centres, style, ceiling, scale=False))
    figure.add_traces([unit_circle(style), *outline_traces(outlines, style)])
    apply(figure, style)
    square_axes(figure)
    figure.update_xaxes(title=None, tickvals=[-1, 0, 1])
    figure.update_yaxes(title=None, tickvals=[-1, 0, 1], constraintoward="top")
    figure.update_layout(showlegend=False, margin={"l": 26, "r": 4, "t": 4, "b": 24})
    return figure


def small_multiples(
    panels: Mapping[str, NDArray[np.int64]],
    centres: NDArray[np.float64],
    outlines: Mapping[str, Outline],
    *,
    ceiling: float,
    columns: int = 5,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Counts (bins, bins) by name -> one figure of labelled panels under one legend and colour bar, to 10**ceiling."""
    columns = max(1, min(columns, len(panels)))
    rows = max(1, -(-len(panels) // columns))
    letters = [f"({chr(ord('a') + place)}) {name}" for place, name in enumerate(panels)]
    figure = make_subplots(rows, columns, subplot_titles=letters, horizontal_spacing=0.03, vertical_spacing=0.12)
    lines = [unit_circle(style), *outline_traces(outlines, style)]
    for place, counts in enumerate(panels.values()):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        figure.add_trace(density_heatmap(counts, centres, style, ceiling, scale=place == 0), **cell)
        for line in lines:
            shown = place == 0 and line.showlegend is not False
            figure.add_trace(go.Scatter(line, legendgroup=line.name, showlegend=shown), **cell)
    apply(figure, style)
    for place in range(len(panels)):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        span = {"range": [-1.09, 1.09], "tickvals": [-1, 0, 1], "showgrid": False, "constrain": "domain"}
        figure.update_xaxes(**span, title={"text": "Re λ", "standoff": 4} if cell["row"] == rows else None, **cell)
        anchor = f"x{place + 1}" if place else "x"
        figure.update_yaxes(**span, scaleanchor=anchor, title="Im λ" if cell["col"] == 1 else None, **cell)
    return titled(
        figure,
        title,
        left=60,
        top=(40, 80),
        bottom=100,
        legend=-55 / (290 * rows),
        height=180 + 290 * rows,
        width=90 + 290 * columns,
    )
