"""Coverage as a curve: how much of a region is filled as the rank parameter grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.style import LIGHT, Style, apply


def coverage_against_s(
    ranks: Sequence[int],
    shares: Mapping[str, Sequence[float]],
    levels: Mapping[str, float],
    *,
    region: str,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Ranks s (k,), shares (k,) in [0, 1] by method with an s, one share by method without -> figure, in per cent."""
    figure = go.Figure()
    for ink, (name, values) in zip(style.curves, shares.items(), strict=False):
        figure.add_scatter(
            x=list(ranks),
            y=[100 * value for value in values],
            mode="lines+markers",
            name=name,
            line={"color": ink, "width": 2.5},
            marker={"size": 8},
            hovertemplate="s = %{x}: %{y:.1f} %<extra>" + name + "</extra>",
        )
    for ink, (name, value) in zip(style.curves[len(shares) :], levels.items(), strict=False):
        figure.add_scatter(
            x=[ranks[0], ranks[-1]],
            y=[100 * value] * 2,
            mode="lines",
            name=name,
            line={"color": ink, "width": 2, "dash": "dash"},
            hovertemplate="%{y:.1f} %<extra>" + name + "</extra>",
        )
    apply(figure, style)
    figure.update_xaxes(title={"text": "rank parameter s", "standoff": 4}, dtick=1, showgrid=False)
    figure.update_yaxes(title=f"cells of {region} reached, %", range=[0, 101])
    figure.update_layout(
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.17, "yanchor": "top"},
        margin={"l": 60, "r": 10, "t": 50 if title else 10, "b": 60},
        height=420,
    )
    return figure
