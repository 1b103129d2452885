"""Training curves on logarithmic axes: the mean over targets, its spread, when it converged, and the floor below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from figures import marks
from figures.inks import Ink, inks
from figures.style import LIGHT, Style, apply, legend_room, titled

Numbers = NDArray[np.float64]
POWERS = {"type": "log", "exponentformat": "power", "showgrid": True}
"""The vertical axis of everything that falls by orders of magnitude."""

FEWEST_DECADES, MOST_DECADES = 2, 9
"""Decades of a vertical axis of which nothing else is labelled, and that are all labelled."""

FEW = 5
"""Names that a legend has room for below a panel as it is."""


STACKED = 220
"""Pixels of a panel of a single column, of 300 beside another."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One method's numbers over x (k,), iterations or any quantity: their mean (k,), lower and upper quarter (k,).

    `converged` is the x at which it was done, if it was.
    """

    x: Numbers
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
    """Curves over iterations by name -> log-log figure; `floor`: the theoretical minimum, `iterations`: the axis' end.

    The start, iteration 0, is drawn at 0.5.
    """
    figure = go.Figure()
    for name, ink in inks(curves, style).items():
        if spread and np.any(curves[name].high > curves[name].low):
            figure.add_trace(band(_drawn(curves[name]), curves[name], name, ink.colour))
        figure.add_traces(list(_training(name, curves[name], ink, style, width=2.4)))
    apply(figure, style)
    end = np.log10(iterations or max((curve.x[-1] for curve in curves.values()), default=10.0))
    span = {"type": "log", "dtick": 1, "range": [-0.35, end + 0.05], "exponentformat": "power"}
    figure.update_xaxes(**span, title={"text": "iterations", "standoff": 4})
    figure.update_yaxes(**decades(_heights(curves)), title={"text": quantity, "standoff": 4})
    if floor:
        floor_line(figure, floor, style)
    figure.add_traces(list(_explained(curves.values(), style)))
    return framed(figure, title)


def loss_panels(
    panels: Mapping[str, Mapping[str, Curve]],
    floors: Mapping[str, float | None],
    *,
    quantity: str = "mean squared error",
    columns: int = 2,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name in panels by label, and their floors -> one figure over one legend; a name keeps its colour."""
    rows, high = -(-len(panels) // columns), 300 if columns > 1 else STACKED
    room = {"horizontal_spacing": 0.14, "vertical_spacing": (0.28 if columns > 1 else 0.36) / rows}
    figure = make_subplots(rows, columns, subplot_titles=list(panels), **room)
    colours = inks((name for curves in panels.values() for name in curves), style)
    shown: set[str] = set()
    for place, (label, curves) in enumerate(panels.items()):
        cell = {"row": place // columns + 1, "col": place % columns + 1}
        for name, curve in curves.items():
            for trace in _training(name, curve, colours[name], style, width=2.2, legend=name not in shown):
                figure.add_trace(trace, **cell)
            shown.add(name)
        if floor := floors.get(label):
            figure.add_hline(floor, line=_floor(style), **cell)
        figure.update_yaxes(**decades(float(height) for curve in curves.values() for height in curve.mean), **cell)
    figure.add_traces(list(_explained((curve for curves in panels.values() for curve in curves.values()), style)))
    if figure.layout.shapes:
        marks.name_line(figure, "theoretical minimum")
    apply(figure, style)
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    figure.update_xaxes(title={"text": "iterations", "standoff": 4}, row=rows)
    figure.update_yaxes(tickfont_size=style.font_size - 2)  # narrow enough to stand between panels on a phone
    figure.update_yaxes(title={"text": quantity, "standoff": 4}, col=1)
    return titled(figure, title, left=74, top=(40, 80), bottom=100, height=160 + high * rows)


def decades(heights: Iterable[float]) -> dict[str, object]:
    """What a logarithmic axis has to show -> the axis, with one label for so many decades that labels keep apart.

    An axis of less than two decades has labels between them too; of less than one, which may hold no power of ten,
    plotly chooses them.
    """
    shown = [height for height in heights if 0 < height < np.inf]
    if not shown:
        return POWERS | {"dtick": 1}
    span = np.log10(max(shown) / min(shown))
    if span < FEWEST_DECADES:
        return POWERS | {"dtick": "D2" if span >= 1 else None}
    return POWERS | {"dtick": max(1, int(np.ceil(span / MOST_DECADES)))}


def _heights(curves: Mapping[str, Curve]) -> Iterator[float]:
    return (
        float(height) for curve in curves.values() for part in (curve.mean, curve.low, curve.high) for height in part
    )


def framed(figure: go.Figure, title: str | None) -> go.Figure:
    """Give a figure of one panel its title, its legend below, its margins and its height; in place."""
    names = sum(trace.showlegend is not False for trace in figure.data)
    return titled(figure, title, left=84, top=(10, 44), bottom=60, height=460 + legend_room(names, FEW))


def floor_line(figure: go.Figure, floor: float, style: Style) -> None:
    """Draw the theoretical minimum with its name; in place. A logarithmic axis wants its texts in powers of ten."""
    figure.add_hline(floor, line=_floor(style))
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


def _drawn(curve: Curve) -> Numbers:
    """Curve -> where its iterations (k,) are drawn: 0 has no place on a logarithmic axis."""
    return np.maximum(curve.x, 0.5)


def _training(
    name: str, curve: Curve, ink: Ink, style: Style, *, width: float, legend: bool | None = None
) -> Iterator[go.Scatter]:
    """One method's training -> its line, and a star where it converged."""
    x, hover = _drawn(curve), "iteration %{customdata:,.0f}: %{y:.3e}"
    line = marks.curve(name, x, curve.mean, ink.colour, hover, dash=ink.dash, width=width, legend=legend)
    yield line.update(customdata=curve.x)
    if curve.converged is not None:
        where = int(np.abs(curve.x - curve.converged).argmin())
        yield _star(float(x[where]), float(curve.mean[where]), name, ink.colour, style)


def _explained(curves: Iterable[Curve], style: Style) -> Iterator[go.Scatter]:
    """Curves -> an entry of the legend for their stars, if there are any."""
    if any(curve.converged is not None for curve in curves):
        star = {"symbol": "star-open", "size": 11, "color": style.ink}
        yield go.Scatter(x=[None], y=[None], mode="markers", marker=star, name="converged")


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


def _floor(style: Style) -> dict[str, object]:
    return {"color": style.ink, "dash": "dash", "width": 1.2}
