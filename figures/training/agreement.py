"""How far judges agree: a coefficient with its interval for every judge or pair, and every criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.style import LIGHT, Style, apply, titled

ROW, MARGINS = 62, 150
"""Pixels of a row, and of what is around them."""

Interval = tuple[float, float, float]
"""A coefficient and the ends of its interval; nan where it is not defined."""


def agreement_intervals(
    rows: Mapping[str, Mapping[str, Interval]],
    criteria: Sequence[str],
    *,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """By row and criterion an interval -> figure with a row each, criteria a little above each other."""
    figure, names = go.Figure(), list(rows)
    for place, name in enumerate(criteria):
        found = [rows[row][name] for row in names]
        shift = 0.22 * (place - (len(criteria) - 1) / 2)
        figure.add_trace(
            go.Scatter(
                x=[value for value, _, _ in found],
                y=[number + shift for number in range(len(names))],
                mode="markers",
                name=name,
                marker={"size": 9, "color": style.curves[place], "symbol": ("circle", "diamond", "square")[place % 3]},
                error_x={
                    "array": [high - value for value, _, high in found],
                    "arrayminus": [value - low for value, low, _ in found],
                    "color": style.curves[place],
                    "thickness": 1.8,
                    "width": 5,
                },
                customdata=[[row, low, high] for row, (_, low, high) in zip(names, found, strict=True)],
                hovertemplate="%{customdata[0]}: %{x:.3f} (%{customdata[1]:.2f} to %{customdata[2]:.2f})"
                f"<extra>{name}</extra>",
            )
        )
    apply(figure, style)
    figure.update_xaxes(range=[-1.05, 1.05], showgrid=True)
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[name if len(name) <= 40 else f"{name[:37]}..." for name in names],
        range=[len(names) - 0.5, -0.5],
        ticks="",
        automargin=True,
    )
    return titled(figure, title, left=140, top=(10, 44), bottom=64, height=MARGINS + ROW * max(1, len(names)))
