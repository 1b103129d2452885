"""Certified coverage as curves: how much of a region is reached as the rank or the size grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures import marks
from figures.inks import Ink, inks
from figures.style import LIGHT, Style, apply, titled

FEW = 8
"""Numbers of an axis that are all labelled."""

Shares = Mapping[int, tuple[float, float]]
"""s or n -> the share certified and the share touched, 0 to 1."""


def coverage_curves(
    against_s: Mapping[str, Shares],
    against_n: Mapping[str, Shares],
    *,
    n: int,
    s: int,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Shares by method at this n for several s, and at this s for several n -> two panels, in per cent.

    A marker is what is certified, and its bar ends at the share in which eigenvalues were seen.
    """
    names = [f"n = {n}", f"s = {s}"]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=names)
    for name, ink in inks({**against_n, **against_s}, style).items():
        for column, curves in ((1, against_s), (2, against_n)):
            if curves.get(name):
                figure.add_trace(_curve(name, curves[name], ink, legend=column == 2), row=1, col=column)
    apply(figure, style)
    figure.update_xaxes(showgrid=False)
    for column, curves in ((1, against_s), (2, against_n)):
        figure.update_xaxes(**_ticks([place for shares in curves.values() for place in shares]), col=column)
    figure.update_xaxes(title={"text": "rank parameter s", "standoff": 4}, col=1)
    figure.update_xaxes(title={"text": "streams n", "standoff": 4}, col=2)
    figure.update_yaxes(range=[-2, 102])
    figure.update_yaxes(title="certified share of PM<sub>n</sub>, %", col=1)
    return titled(figure, title, left=60, top=(30, 70), bottom=70, height=460)


def _ticks(places: Sequence[int]) -> dict[str, object]:
    """Whole numbers on an axis -> its ticks: labels that have room on a narrow screen, between them marks alone."""
    if len(set(places)) <= FEW:
        return {"dtick": 1}
    return {"tick0": 0, "dtick": 4, "minor": {"tick0": 0, "dtick": 1, "ticks": "outside", "ticklen": 3}}


def _curve(name: str, shares: Shares, ink: Ink, *, legend: bool) -> go.Scatter:
    # A method that does not exist at a place leaves a gap there: no line leads through it.
    places = list(range(min(shares), max(shares) + 1))
    pairs = [shares.get(place, (np.nan, np.nan)) for place in places]
    certified, beyond = (
        [100 * number for number in part] for part in zip(*((a, b - a) for a, b in pairs), strict=True)
    )
    hover = "%{x}: %{customdata[0]:.1f} % certified, eigenvalues seen in %{customdata[1]:.1f} %"
    return marks.curve(name, places, certified, ink.colour, hover, dash=ink.dash, dots=7, legend=legend).update(
        error_y=marks.bars(beyond, ink.colour),
        customdata=[[100 * low, 100 * high] for low, high in pairs],
    )
