"""Training curves on logarithmic axes: the mean over targets, its spread, when it converged, and the floor below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from figures.style import LIGHT, Style, apply, inks

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """One method's training: iterations (k,), the mean over targets (k,), and the lower and upper quarter (k,).

    `converged` is the iteration at which it was done, if it was.
    """

    iterations: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    converged: int | None = None


def loss_curves(
    curves: Mapping[str, Curve],
    *,
    quantity: str = "mean squared error",
    floor: float | None = None,
    iterations: int | None = None,
    spread: bool = True,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name -> log-log figure; `floor` is the theoretical minimum, `iterations` where the axis ends.

    The start, iteration 0, is drawn at 0.5.
    """
    figure = go.Figure()
    for (name, curve), ink in zip(curves.items(), inks(curves, style).values(), strict=True):
        x = np.maximum(curve.iterations, 0.5)
        if spread and np.any(curve.high > curve.low):
            figure.add_trace(band(x, curve, name, ink))
        figure.add_trace(
            go.Scatter(
                x=x,
                y=curve.mean,
                mode="lines",
                name=name,
                legendgroup=name,
                line={"color": ink, "width": 2.4},
                customdata=curve.iterations,
                hovertemplate="iteration %{customdata:,.0f}: %{y:.3e}<extra>" + name + "</extra>",
            )
        )
        if curve.converged is not None:
            where = int(np.abs(curve.iterations - curve.converged).argmin())
            figure.add_trace(_star(float(x[where]), float(curve.mean[where]), name, ink, style))
    apply(figure, style)
    end = np.log10(iterations or max((curve.iterations[-1] for curve in curves.values()), default=10.0))
    span = {"type": "log", "dtick": 1, "range": [-0.35, end + 0.05], "exponentformat": "power"}
    figure.update_xaxes(**span, title={"text": "iterations", "standoff": 4})
    figure.update_yaxes(
        type="log", title={"text": quantity, "standoff": 4}, exponentformat="power", dtick=1, showgrid=True
    )
    if floor:
        floor_line(figure, floor, style)
    return framed(figure, title)


def framed(figure: go.Figure, title: str | None) -> go.Figure:
    """Give a figure of one panel its legend below, its margins and its height; in place."""
    figure.update_layout(
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.17, "yanchor": "top"},
        margin={"l": 84, "r": 10, "t": 44 if title else 10, "b": 60},
        height=460,
    )
    return figure


def floor_line(figure: go.Figure, floor: float, style: Style) -> None:
    """Draw the theoretical minimum with its name; in place. A logarithmic axis wants its texts in powers of ten."""
    figure.add_hline(floor, line={"color": style.ink, "dash": "dash", "width": 1.2})
    figure.add_annotation(
        text="theoretical minimum",
        xref="paper",
        x=0.01,
        y=np.log10(floor),
        yanchor="top",
        showarrow=False,
        font={"size": style.font_size - 2},
    )


def band(x: Numbers, curve: Curve, name: str, ink: str) -> go.Scatter:
    """The middle half of the targets, as a pale band."""
    red, green, blue = (int(ink[place : place + 2], 16) for place in (1, 3, 5))
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([curve.high, curve.low[::-1]]),
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.16)",
        line={"width": 0},
        legendgroup=name,
        showlegend=False,
        hoverinfo="skip",
        name=f"{name}, middle half of the targets",
    )


def _star(x: float, y: float, name: str, ink: str, style: Style) -> go.Scatter:
    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={"symbol": "star", "size": 13, "color": ink, "line": {"width": 1, "color": style.ink}},
        legendgroup=name,
        showlegend=False,
        hovertemplate="converged (within 5 % of its end) at %{x:,.0f}<extra>" + name + "</extra>",
        name=f"{name} converged",
    )


def loss_panels(
    panels: Mapping[str, Mapping[str, Curve]],
    floors: Mapping[str, float | None],
    *,
    quantity: str = "mean squared error",
    columns: int = 2,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name in panels by label, and their floors -> one figure under one legend; a name keeps its colour."""
    rows = -(-len(panels) // columns)
    figure = make_subplots(
        rows, columns, subplot_titles=list(panels), horizontal_spacing=0.09, vertical_spacing=min(0.14, 0.5 / rows)
    )
    colours = inks((name for curves in panels.values() for name in curves), style)
    shown: set[str] = set()
    for place, (label, curves) in enumerate(panels.items()):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        for name, curve in curves.items():
            x = np.maximum(curve.iterations, 0.5)
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=curve.mean,
                    mode="lines",
                    name=name,
                    legendgroup=name,
                    showlegend=name not in shown,
                    line={"color": colours[name], "width": 2.2},
                    hovertemplate="iteration %{x:,.0f}: %{y:.3e}<extra>" + name + "</extra>",
                ),
                **cell,
            )
            shown.add(name)
            if curve.converged is not None:
                where = int(np.abs(curve.iterations - curve.converged).argmin())
                figure.add_trace(_star(float(x[where]), float(curve.mean[where]), name, colours[name], style), **cell)
        if floor := floors.get(label):
            figure.add_hline(floor, line={"color": style.ink, "dash": "dash", "width": 1.2}, **cell)
    apply(figure, style)
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    figure.update_xaxes(title={"text": "iterations", "standoff": 4}, row=rows)
    figure.update_yaxes(type="log", exponentformat="power", dtick=1, showgrid=True)
    figure.update_yaxes(title={"text": quantity, "standoff": 4}, col=1)
    figure.update_layout(
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -60 / (300 * rows), "yanchor": "top"},
        margin={"l": 74, "r": 10, "t": 80 if title else 40, "b": 100},
        height=160 + 300 * rows,
    )
    return figure
