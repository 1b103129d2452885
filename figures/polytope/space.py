"""A view of the Birkhoff polytope in space: sampled matrices as points, coloured by how deep inside they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Protocol

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures import marks
from figures.style import LIGHT, Style, apply, titled

Points = NDArray[np.float64]
MEMBER = 0.004
"""The share of the colour scale that only members have."""

HALF = 1.15
"""Half the side of the drawn cube, which plotly's camera takes for 1/2."""

LABEL = 1.08
"""How far the label of a corner is from the middle, in distances of the corner."""

CONE = 0.92 * sin(radians(22.5))
"""Sine of the angle that what is drawn fills, from the middle: the camera sees 45 degrees, and labels have a length."""


class Solid(Protocol):
    """What the polytope needs to be drawn in space."""

    @property
    def corners(self) -> Points:
        """Where its corners are, (m, 3)."""
        ...

    @property
    def edges(self) -> Sequence[tuple[int, int]]:
        """Pairs of corners that an edge joins."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """The corners' names."""
        ...


@dataclass(frozen=True, eq=False)
class Sample:
    """Matrices as points (k, 3) with a distance (k,) each: to the nearest facet, or of `members` to a set.

    Of the distances to a set, 0 means a member. Colours run from 0 to `deepest`; `words` (k,) are what points tell.
    """

    points: Points
    distance: Points
    deepest: float
    members: bool = False
    words: Sequence[str] | None = None

    @property
    def measured(self) -> str:
        """What the distance is to."""
        return "distance to the set" if self.members else "distance to the nearest facet"


def polytope_space(
    sample: Sample,
    solid: Solid,
    *,
    turn: float = 35.0,
    tilt: float = 20.0,
    own: tuple[Points, Sequence[str]] | None = None,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Points with their distances, the polytope -> figure in space; turn and tilt of the eye are in degrees.

    `own`: points (k, 3) of a reader's own matrices, and their names.
    """
    edges, corners = _edges(solid.corners, solid.edges, style), _corners(solid.corners, solid.labels, style)
    figure = go.Figure([edges, corners, _matrices(sample, style), *([_own(*own, style)] if own else [])])
    apply(figure, style)
    hidden = {"visible": False, "range": [-HALF, HALF]}
    axes = {"xaxis": hidden, "yaxis": hidden, "zaxis": hidden, "aspectmode": "cube", "bgcolor": style.ground}
    figure.update_layout(
        scene={**axes, "camera": {"eye": _eye(solid.corners, radians(turn), radians(tilt))}}, showlegend=False
    )
    return titled(figure, title, left=0, right=0, top=(0, 44), bottom=0, legend=False)


def _eye(corners: Points, turn: float, tilt: float) -> dict[str, float]:
    """Corners (m, 3), turn and tilt in radians -> where the eye is: no corner can turn out of its sight."""
    away = LABEL * float(np.linalg.norm(corners, axis=1).max()) / (2 * HALF) / CONE
    return {"x": away * cos(turn) * cos(tilt), "y": away * sin(turn) * cos(tilt), "z": away * sin(tilt)}


def _matrices(sample: Sample, style: Style) -> go.Scatter3d:
    """Points with their distances -> markers coloured by them; near is not yet a member."""
    last = len(style.counts) - 1
    shades, scale = sample.distance, [[place / last, ink] for place, ink in enumerate(style.counts[::-1])]
    if sample.members:
        shades = np.where(shades > 0, np.maximum(shades, 1.01 * MEMBER * sample.deepest), 0.0)
        scale = [[0, style.reached], [MEMBER, style.reached], [MEMBER, style.near], [1, style.far]]
    x, y, z = sample.points.astype(np.float32).T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        marker={
            "size": 2.2,
            "color": shades.astype(np.float32),
            "cmin": 0,
            "cmax": sample.deepest,
            "colorscale": scale,
            "colorbar": marks.colour_bar(sample.measured, 0.8),
        },
        customdata=sample.distance.astype(np.float32),
        text=sample.words,
        hovertemplate=f"(%{{x:.3f}}, %{{y:.3f}}, %{{z:.3f}})<br>{sample.measured} %{{customdata:.4f}}%{{text}}"
        "<extra></extra>",
        name="matrices",
    )


def _own(points: Points, names: Sequence[str], style: Style) -> go.Scatter3d:
    """A reader's own matrices as diamonds."""
    x, y, z = points.T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        name="your matrices",
        marker={
            "symbol": "diamond",
            "size": 5,
            "color": style.roles["exception"],
            "line": {"width": 1, "color": style.ink},
        },
        customdata=[str(name) for name in names],
        hovertemplate="%{customdata}<br>(%{x:.3f}, %{y:.3f}, %{z:.3f})<extra>your matrices</extra>",
    )


def _edges(corners: Points, edges: Sequence[tuple[int, int]], style: Style) -> go.Scatter3d:
    """Corners (m, 3) and pairs of them -> one trace of all segments, with gaps between."""
    gap = np.full(3, np.nan)
    path = np.array([place for first, second in edges for place in (corners[first], corners[second], gap)])
    return go.Scatter3d(
        x=path[:, 0],
        y=path[:, 1],
        z=path[:, 2],
        mode="lines",
        line={"color": style.roles["edges"], "width": 3},
        hoverinfo="skip",
        name="edges",
    )


def _corners(corners: Points, labels: Sequence[str], style: Style) -> go.Scatter3d:
    """Corners (m, 3) -> their labels; those that fall together share one."""
    shared: dict[tuple[float, ...], list[str]] = {}
    for corner, label in zip(corners, labels, strict=True):
        shared.setdefault(tuple((corner.round(6) + 0.0).tolist()), []).append(label)
    places = LABEL * np.array(list(shared))
    return go.Scatter3d(
        x=places[:, 0],
        y=places[:, 1],
        z=places[:, 2],
        mode="text",
        text=[", ".join(names) for names in shared.values()],
        textfont={"color": style.ink, "size": style.font_size},
        hoverinfo="skip",
        name="corners",
    )
