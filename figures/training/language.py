"""Curves of language models while they train: losses, differences of them, and what their mixing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures import marks
from figures.inks import inks
from figures.style import LIGHT, Style, apply
from figures.training.losses import POWERS, framed

Numbers = NDArray[np.float64]
FAINT = 0.45
FEWEST = 3
"""Numbers of a curve whose first is not what the axis is made for."""


@dataclass(frozen=True, eq=False)
class Along:
    """Numbers y (k,) at iterations x (k,); `faint` (j,) at `faint_x` are drawn behind them, where there are some."""

    x: Numbers
    y: Numbers
    faint_x: Numbers
    faint: Numbers


def training_curves(
    curves: Mapping[str, Along],
    *,
    quantity: str,
    logarithmic: bool = False,
    level: tuple[float, str] | None = None,
    behind: str = "",
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name over iterations -> figure, upright plain or logarithmic.

    `level` is a line with its name, `behind` says what the faint lines are, where there are any. Zeros are left out of
    a logarithmic figure; a curve of nothing else is in its legend alone, which says so.
    """
    figure = go.Figure()
    for name, ink in inks(curves, style).items():
        each = curves[name]
        y = np.where(each.y == 0, np.nan, each.y) if logarithmic else each.y
        told = name if each.y.any() or not logarithmic else f"{name}: 0 throughout"
        hover = "iteration %{x:,.0f}: %{y:.4g}"
        if len(each.faint):
            faint = marks.curve(name, each.faint_x, each.faint, ink.colour, hover, width=1, legend=False)
            figure.add_trace(faint.update(opacity=FAINT, hovertemplate=f"{hover}<extra>{name}, {behind}</extra>"))
        dots = 6 if len(each.x) <= 30 else None
        figure.add_trace(marks.curve(told, each.x, y, ink.colour, hover, dash=ink.dash, width=2.2, dots=dots))
    if any(len(each.faint) for each in curves.values()):
        figure.add_trace(
            marks.curve(f"thin: {behind}", [np.nan], [np.nan], style.ink, "", width=1).update(opacity=FAINT)
        )
    apply(figure, style)
    figure.update_xaxes(title={"text": "iteration", "standoff": 4}, rangemode="tozero")
    figure.update_yaxes(title={"text": quantity, "standoff": 4}, **(POWERS if logarithmic else {"showgrid": True}))
    seen = [each.y[1:] for each in curves.values() if len(each.y) > FEWEST]
    if not logarithmic and len(seen) == len(curves) > 0:
        # What comes before the first turn is the same for all, and would leave no room for what is not.
        ends = np.concatenate(seen)
        low, high = float(ends.min()), float(ends.max())
        room = 0.06 * (high - low)
        figure.update_yaxes(range=[low - room, high + room])
    if level is not None:
        height, words = level
        figure.add_hline(height, line={"color": style.ink, "dash": "dash", "width": 1.2})
        figure.add_annotation(
            text=words,
            xref="paper",
            x=0.99,
            xanchor="right",
            y=np.log10(height) if logarithmic else height,
            yanchor="bottom",
            showarrow=False,
            font={"size": style.font_size - 2},
        )
    return framed(figure, title)
