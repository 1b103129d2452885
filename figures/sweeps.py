"""Curves of training over anything but iterations: laws over a quantity, and numbers over the runs of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.losses import Curve, band, floor_line, framed
from figures.style import LIGHT, Style, apply, inks


def law_curves(
    curves: Mapping[str, Curve],
    *,
    quantity: str,
    along: str,
    logarithmic: bool,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name over any quantity `along`, on a logarithmic axis or a plain one -> figure, upright logarithmic."""
    figure = go.Figure()
    for (name, curve), ink in zip(curves.items(), inks(curves, style).values(), strict=True):
        figure.add_trace(band(curve.iterations, curve, name, ink))
        figure.add_trace(
            go.Scatter(
                x=curve.iterations,
                y=curve.mean,
                mode="lines",
                name=name,
                legendgroup=name,
                line={"color": ink, "width": 2.4},
                hovertemplate="%{x:.3g}: %{y:.3e}<extra>" + name + "</extra>",
            )
        )
    apply(figure, style)
    scale = {"type": "log", "dtick": 1, "exponentformat": "power"} if logarithmic else {"type": "linear"}
    figure.update_xaxes(**scale, title={"text": along, "standoff": 4})
    figure.update_yaxes(type="log", title={"text": quantity, "standoff": 4}, exponentformat="power", showgrid=True)
    return framed(figure, title)


def sweep_curves(
    values: Mapping[str, Mapping[str, float]],
    labels: Sequence[str],
    *,
    quantity: str,
    floor: float | None = None,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """By method a number for some of the runs' labels -> lines over the runs, the number on a logarithmic axis."""
    figure = go.Figure()
    for (name, row), ink in zip(values.items(), inks(values, style).values(), strict=True):
        places = [label for label in labels if label in row]
        figure.add_trace(
            go.Scatter(
                x=places,
                y=[row[label] for label in places],
                mode="lines+markers",
                name=name,
                line={"color": ink, "width": 2.2},
                marker={"size": 8},
                hovertemplate="%{x}: %{y:.4g}<extra>" + name + "</extra>",
            )
        )
    apply(figure, style)
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=list(labels))
    figure.update_yaxes(
        type="log", title={"text": quantity, "standoff": 4}, exponentformat="power", dtick=1, showgrid=True
    )
    if floor:
        floor_line(figure, floor, style)
    return framed(figure, title)
