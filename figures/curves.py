"""Certified coverage as curves: how much of a region is reached as the rank or the size grows."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures.style import LIGHT, Style, apply

Brackets = Mapping[int, tuple[float, float]]
"""s or n -> the share certified and the share touched, 0 to 1."""


def coverage_curves(
    against_s: Mapping[str, Brackets],
    against_n: Mapping[str, Brackets],
    *,
    n: int,
    s: int,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Brackets by method at this n for several s, and at this s for several n -> two panels, in per cent.

    A marker is the middle of its bracket, a bar the bracket.
    """
    names = [f"n = {n}", f"s = {s}"]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=names)
    for ink, name in zip(style.curves, {**against_n, **against_s}, strict=False):
        for column, curves in ((1, against_s), (2, against_n)):
            if curves.get(name):
                figure.add_trace(_curve(name, curves[name], ink, legend=column == 2), row=1, col=column)
    apply(figure, style)
    figure.update_xaxes(showgrid=False, dtick=1)
    figure.update_xaxes(title={"text": "rank parameter s", "standoff": 4}, col=1)
    figure.update_xaxes(title={"text": "streams n", "standoff": 4}, col=2)
    figure.update_yaxes(range=[-2, 102])
    figure.update_yaxes(title="reached share of PM<sub>n</sub>, %", col=1)
    figure.update_layout(
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.17, "yanchor": "top"},
        margin={"l": 60, "r": 10, "t": 70 if title else 30, "b": 70},
        height=460,
    )
    return figure


def _curve(name: str, brackets: Brackets, ink: str, *, legend: bool) -> go.Scatter:
    places = sorted(brackets)
    middle = [50 * sum(brackets[place]) for place in places]
    half = [50 * (brackets[place][1] - brackets[place][0]) for place in places]
    return go.Scatter(
        x=places,
        y=middle,
        error_y={"array": half, "color": ink, "thickness": 1.5, "width": 4},
        mode="lines+markers",
        name=name,
        legendgroup=name,
        showlegend=legend,
        line={"color": ink, "width": 2},
        marker={"size": 7},
        customdata=[[100 * brackets[place][0], 100 * brackets[place][1]] for place in places],
        hovertemplate="%{x}: %{customdata[0]:.1f} to %{customdata[1]:.1f} %<extra>" + name + "</extra>",
    )
