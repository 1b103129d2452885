"""Layers of the complex plane that show a target eigenvalue, how near a matrix comes, and where a click may land."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.marks import marker
from figures.style import LIGHT, Style


def target_layers(
    target: complex,
    reached: complex,
    spectrum: NDArray[np.complex128],
    path: NDArray[np.complex128],
    style: Style = LIGHT,
) -> list[go.Scatter]:
    """Target, reached eigenvalue, spectrum (n - 1,), path (k,) -> their lines and markers."""
    hover, accent = "%{x:.6f} %{y:+.6f}i", style.roles["way there"]
    way = marker("way there", path.real, path.imag, accent, hover, size=5)
    return [
        way.update(mode="lines+markers", line={"color": accent, "width": 1.5}),
        marker("spectrum of the witness", spectrum.real, spectrum.imag, style.ink, hover, symbol="circle-open", size=9),
        marker("reached", [reached.real], [reached.imag], style.ink, hover, size=10),
        marker("target", [target.real], [target.imag], style.roles["target"], hover, symbol="x-thin-open", size=15),
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
