"""Numbers of sites over the depth of a network: a strip of cells for each number, and the curves of the composite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from figures import marks
from figures.style import LIGHT, Style, apply, colorscale, titled

FEW_LAYERS = 12
"""So many have a tick each."""

FEW_SITES = 8
"""So many sites passed have a tick each."""

STRIP, MARGINS = 40, 150
"""Pixels of a row of cells, and of what is around them."""

Strips = Mapping[str, tuple[NDArray[np.float64], float, float]]
"""Numbers (parts, layers) by what they are, nan where there is no site, and the ends of their colours."""


def strips(
    panels: Strips, parts: Sequence[str], layers: Sequence[int], *, style: Style = LIGHT, title: str | None = None
) -> go.Figure:
    """Panels of numbers (parts, layers) -> one below the other, layers to the right, each with its own colours."""
    figure = make_subplots(len(panels), 1, shared_xaxes=True, vertical_spacing=0.16, subplot_titles=list(panels))
    for number, (name, (values, low, high)) in enumerate(panels.items()):
        length, spacing = (1 - 0.16 * (len(panels) - 1)) / len(panels), 0.16
        middle = 1 - number * (length + spacing) - length / 2
        figure.add_trace(
            go.Heatmap(
                z=values,
                x=layers,
                y=list(parts),
                zmin=low,
                zmax=high,
                colorscale=colorscale(style),
                xgap=1,
                ygap=1,
                hoverongaps=False,
                colorbar={"len": length, "y": middle, "thickness": 10, "nticks": 3} | marks.PLAIN_BAR,
                hovertemplate=f"layer %{{x}}, %{{y}}<br>{name}: %{{z:.4f}}<extra></extra>",
                name=name,
            ),
            row=number + 1,
            col=1,
        )
    apply(figure, style)
    figure.update_annotations(font_size=style.font_size - 1)
    figure.update_yaxes(autorange="reversed", ticks="", type="category")
    figure.update_xaxes(showgrid=False, ticks="", showticklabels=False)
    ticks = {"tickvals": list(layers)} if len(layers) <= FEW_LAYERS else {"nticks": FEW_LAYERS}
    figure.update_xaxes(title={"text": "layer", "standoff": 4}, showticklabels=True, **ticks, row=len(panels), col=1)
    height = MARGINS + len(panels) * (STRIP * max(1, len(parts)) + 46)
    return titled(figure, title, left=70, top=(30, 60), bottom=50, legend=False, height=height)


def composite(
    names: Sequence[str],
    left: NDArray[np.float64],
    gains: NDArray[np.float64],
    *,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Names of sites in order (L,), what is left of differences (L,), gains (2, L) -> their curves over the depth."""
    # What the axes hold stands above: on a narrow screen there is no room for it between the panels.
    names_of = ["share of differences", "largest absolute sum"]
    figure = make_subplots(1, 2, horizontal_spacing=0.14, subplot_titles=names_of)
    steps = np.arange(1, len(left) + 1)
    first, second, third = style.curves[0], style.curves[1], style.curves[2]
    hover = [f"after {name}" for name in names]
    line = marks.curve("differences left", steps, np.maximum(left, 1e-16), first, "%{text}: %{y:.3g}", dots=6)
    figure.add_trace(line.update(text=hover), row=1, col=1)
    for name, values, ink in (("gain of a signal", gains[0], second), ("gain of a gradient", gains[1], third)):
        curve = marks.curve(name, steps, values, ink, "%{text}: %{y:.5g}", dots=6)
        figure.add_trace(curve.update(text=hover), row=1, col=2)
    apply(figure, style)
    figure.update_annotations(font_size=style.font_size - 1)
    ticks = {"dtick": 1} if len(steps) <= FEW_SITES else {"nticks": FEW_SITES}
    figure.update_xaxes(title={"text": "sites passed", "standoff": 4}, showgrid=False, **ticks)
    figure.update_yaxes(type="log", exponentformat="power", row=1, col=1, nticks=5)
    figure.update_yaxes(row=1, col=2, rangemode="tozero")
    return titled(figure, title, left=50, top=(30, 60), bottom=100, height=380)
