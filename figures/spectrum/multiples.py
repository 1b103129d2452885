"""Several spectra side by side on one colour scale: the paper's Fig. 4 for any n."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from figures.spectrum.plane import LIMIT, Outline, density_heatmap, outline_traces, square_axes, unit_circle
from figures.style import LIGHT, Style, apply, titled

SIZES = re.compile("[₀-₉]+")
"""The size in the name of a region."""


def small_plane(
    counts: NDArray[np.int64],
    centres: NDArray[np.float64],
    outlines: Mapping[str, Outline],
    *,
    ceiling: float,
    style: Style = LIGHT,
    window: tuple[complex, float] | None = None,
) -> go.Figure:
    """Counts (bins, bins) -> one small panel without legend or colour bar, its colours ending at 10**ceiling."""
    centre = window[0] if window else 0j
    figure = go.Figure(density_heatmap(counts, centres, style, ceiling, scale=False, centre=centre))
    figure.add_traces([unit_circle(style), *outline_traces(outlines, style)])
    apply(figure, style)
    square_axes(figure, window)
    figure.update_xaxes(title=None, nticks=4)
    figure.update_yaxes(title=None, nticks=4, constraintoward="top")
    figure.update_layout(showlegend=False, margin={"l": 26, "r": 4, "t": 4, "b": 24})
    return figure


def small_multiples(
    panels: Mapping[str, NDArray[np.int64]],
    centres: NDArray[np.float64],
    outlines: Mapping[str, Mapping[str, Outline]],
    *,
    ceiling: float,
    columns: int = 5,
    style: Style = LIGHT,
    title: str | None = None,
    window: tuple[complex, float] | None = None,
) -> go.Figure:
    """Counts (bins, bins) and outlines by name -> labelled panels under one legend and colour bar, to 10**ceiling."""
    columns = max(1, min(columns, len(panels)))
    rows = max(1, -(-len(panels) // columns))
    letters = [f"({chr(ord('a') + place)}) {name}" for place, name in enumerate(panels)]
    room = {"horizontal_spacing": 0.15 / columns, "vertical_spacing": 0.3 / rows}
    figure = make_subplots(rows, columns, subplot_titles=letters, **room)
    centre, half = window or (0j, LIMIT)
    told: set[str] = set()
    for place, (name, counts) in enumerate(panels.items()):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        cells = density_heatmap(counts, centres, style, ceiling, scale=place == 0, centre=centre)
        figure.add_trace(cells, **cell)
        figure.add_trace(unit_circle(style), **cell)
        for role, line in zip(outlines[name], outline_traces(outlines[name], style), strict=True):
            of_any_size = (
                line.name if len({drawn[role].name for drawn in outlines.values() if role in drawn}) == 1 else None
            )
            entry = {"name": of_any_size or SIZES.sub("ₙ", line.name), "showlegend": role not in told}
            figure.add_trace(go.Scatter(line, legendgroup=role).update(entry), **cell)
            told.add(role)
    apply(figure, style)
    for place in range(len(panels)):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        span = {"tick0": 0, "nticks": 4, "showgrid": False, "constrain": "domain"}
        across, up = ([middle - half, middle + half] for middle in (centre.real, centre.imag))
        below = {"text": "Re λ", "standoff": 4} if cell["row"] == rows else None
        figure.update_xaxes(**span, range=across, title=below, **cell)
        anchor = f"x{place + 1}" if place else "x"
        beside = {"text": "Im λ", "standoff": 4} if cell["col"] == 1 else None
        figure.update_yaxes(**span, range=up, scaleanchor=anchor, title=beside, **cell)
    return titled(
        figure,
        title,
        left=60,
        top=(40, 80),
        bottom=100,
        height=180 + 290 * rows,
        width=90 + 290 * columns,
    )
