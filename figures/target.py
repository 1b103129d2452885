"""Layers of the complex plane that show a target eigenvalue, how near a matrix comes, and where a click may land."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.style import LIGHT, Style


def target_layers(
    target: complex,
    reached: complex,
    spectrum: NDArray[np.complex128],
    path: NDArray[np.complex128],
    style: Style = LIGHT,
) -> list[go.Scatter]:
    """Target, reached eigenvalue, spectrum (n - 1,), path (k,) -> their lines and markers."""
    ink, accent = style.ink, style.roles["exception"]
    hover = "%{x:.6f} %{y:+.6f}i<extra>"
    return [
        _marks("way there", path, accent, hover, mode="lines+markers", size=5),
        _marks("spectrum of the witness", spectrum, ink, hover, symbol="circle-open", size=9),
        _marks("reached", np.array([reached]), ink, hover, symbol="circle", size=10),
        _marks("target", np.array([target]), style.roles["perfect_mirsky"], hover, symbol="x-thin-open", size=15),
    ]


def click_grid(centres: NDArray[np.float64]) -> go.Scattergl:
    """Cell centres (bins,) -> invisible markers on every cell of the unit disk: heat maps answer no clicks."""
    plane = (centres + 1j * centres[:, None]).ravel()
    plane = plane[np.abs(plane) <= 1.0]
    return go.Scattergl(
        x=plane.real.astype(np.float32),
        y=plane.imag.astype(np.float32),
        mode="markers",
        marker={"opacity": 0, "size": 7},
        unselected={"marker": {"opacity": 0}},
        selected={"marker": {"opacity": 0}},
        showlegend=False,
        hovertemplate="click: λ = %{x:.3f} %{y:+.3f}i<extra></extra>",
        name="cells",
    )


def _marks(
    name: str,
    points: NDArray[np.complex128],
    colour: str,
    hover: str,
    *,
    mode: str = "markers",
    symbol: str = "circle",
    size: int = 8,
) -> go.Scatter:
    return go.Scatter(
        x=points.real,
        y=points.imag,
        mode=mode,
        name=name,
        marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}},
        line={"color": colour, "width": 1.5},
        hovertemplate=f"{hover}{name}</extra>",
    )
