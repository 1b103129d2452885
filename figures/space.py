"""A view of the Birkhoff polytope in space: sampled matrices as points, coloured by how deep inside they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.style import LIGHT, Style, apply

Points = NDArray[np.float64]
MEMBER = 0.004
"""The share of the colour scale that only members have."""

AWAY = 1.5
"""How far the eye is from the middle, in half widths of the drawn cube."""


def polytope_space(
    points: Points,
    depth: Points,
    corners: Points,
    edges: Sequence[tuple[int, int]],
    labels: Sequence[str],
    *,
    deepest: float,
    turn: float = 35.0,
    tilt: float = 20.0,
    words: Sequence[str] | None = None,
    members: bool = False,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Points (k, 3) with a value (k,) each, corners (m, 3), pairs of them, labels -> figure in space.

    The value is a matrix's distance to the nearest facet or, for `members`, to a set, of which 0 means a member.
    Colours run from 0 to `deepest`; turn and tilt of the eye are in degrees.
    """
    depth_title = "distance to the set" if members else "distance to the nearest facet"
    inks = style.counts[::-1]
    shades = depth
    scale = [[place / (len(inks) - 1), ink] for place, ink in enumerate(inks)]
    if members:
        scale = [[0, style.reached], [MEMBER, style.reached], [MEMBER, style.near], [1, style.far]]
        shades = np.where(depth > 0, np.maximum(depth, 1.01 * MEMBER * deepest), 0.0)  # near is not yet a member
    figure = go.Figure([_edges(corners, edges, style), _corners(corners, labels, style)])
    figure.add_trace(
        go.Scatter3d(
            x=points[:, 0].astype(np.float32),
            y=points[:, 1].astype(np.float32),
            z=points[:, 2].astype(np.float32),
            mode="markers",
            marker={
                "size": 2.2,
                "color": shades.astype(np.float32),
                "cmin": 0,
                "cmax": deepest,
                "colorscale": scale,
                "colorbar": {
                    "title": {"text": depth_title, "side": "right"},
                    "thickness": 12,
                    "outlinewidth": 0,
                    "len": 0.8,
                },
            },
            customdata=depth.astype(np.float32),
            text=words,
            hovertemplate="(%{x:.3f}, %{y:.3f}, %{z:.3f})<br>"
            + depth_title
            + " %{customdata:.4f}%{text}<extra></extra>",
            name="matrices",
        )
    )
    apply(figure, style)
    hidden = {"visible": False, "range": [-1.15, 1.15]}
    eye = {
        "x": AWAY * cos(radians(turn)) * cos(radians(tilt)),
        "y": AWAY * sin(radians(turn)) * cos(radians(tilt)),
        "z": AWAY * sin(radians(tilt)),
    }
    figure.update_layout(
        scene={
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "aspectmode": "cube",
            "camera": {"eye": eye},
            "bgcolor": style.ground,
        },
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        margin={"l": 0, "r": 0, "t": 44 if title else 0, "b": 0},
        showlegend=False,
    )
    return figure


def _edges(corners: Points, edges: Sequence[tuple[int, int]], style: Style) -> go.Scatter3d:
    """Corners (m, 3) and pairs of them -> one trace of all segments, with gaps between."""
    gap = np.full(3, np.nan)
    path = np.array([place for first, second in edges for place in (corners[first], corners[second], gap)])
    return go.Scatter3d(
        x=path[:, 0],
        y=path[:, 1],
        z=path[:, 2],
        mode="lines",
        line={"color": style.roles["perfect_mirsky"], "width": 3},
        hoverinfo="skip",
        name="edges",
    )


def _corners(corners: Points, labels: Sequence[str], style: Style) -> go.Scatter3d:
    """Corners (m, 3) -> their labels; those that fall together share one."""
    shared: dict[tuple[float, ...], list[str]] = {}
    for corner, label in zip(corners, labels, strict=True):
        shared.setdefault(tuple((corner.round(6) + 0.0).tolist()), []).append(label)
    places = 1.08 * np.array(list(shared))
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
