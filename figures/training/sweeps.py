"""Curves of training over anything but iterations: laws over a quantity, and numbers over the runs of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from figures import marks
from figures.inks import inks
from figures.style import LIGHT, Style, apply
from figures.training.losses import POWERS, Curve, band, decades, floor_line, framed

NO_CHANGE = 1e-2
"""Decades that curves span at least: within less they are one level, whose rounding fills no picture."""


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
    for name, ink in inks(curves, style).items():
        curve = curves[name]
        figure.add_trace(band(curve.x, curve, name, ink.colour))
        figure.add_trace(
            marks.curve(name, curve.x, curve.mean, ink.colour, "%{x:.3g}: %{y:.9g}", dash=ink.dash, width=2.4)
        )
    apply(figure, style)
    scale = {"type": "log", "dtick": 1, "exponentformat": "power"} if logarithmic else {"type": "linear"}
    figure.update_xaxes(**scale, title={"text": along, "standoff": 4})
    figure.update_yaxes(**POWERS, title={"text": quantity, "standoff": 4})
    powers = np.log10([end for curve in curves.values() for end in (curve.low.min(), curve.high.max())])
    if (span := np.ptp(powers)) < NO_CHANGE:
        figure.update_yaxes(range=[powers.mean() - 1, powers.mean() + 1], dtick=1)
        figure.add_annotation(
            text=f"all that is drawn lies here, within {np.expm1(span * np.log(10)):.0e}",
            xref="paper",
            x=0.5,
            y=powers.mean(),
            yanchor="bottom",
            yshift=6,
            showarrow=False,
        )
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
    for name, ink in inks(values, style).items():
        places = [label for label in labels if label in values[name]]
        numbers = [values[name][label] for label in places]
        line = marks.curve(name, places, numbers, ink.colour, "%{x}: %{y:.4g}", dash=ink.dash, dots=8, grouped=False)
        figure.add_trace(line.update(line_width=2.2))
    apply(figure, style)
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=list(labels))
    heights = (height for numbers in values.values() for height in numbers.values())
    figure.update_yaxes(**decades(heights), title={"text": quantity, "standoff": 4})
    if floor:
        floor_line(figure, floor, style)
    return framed(figure, title)
