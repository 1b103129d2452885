"""Layers of the complex plane that show a target eigenvalue and how near a matrix comes."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.marks import marker
from figures.style import LIGHT, Style


def target_layers(
    target: complex,
    nearest: complex,
    spectrum: NDArray[np.complex128],
    path: NDArray[np.complex128] | None,
    style: Style = LIGHT,
    *,
    reached: bool,
) -> list[go.Scatter]:
    """Target, nearest eigenvalue found, spectrum (n - 1,), path (k,) if it is shown -> their lines and markers.

    `reached`: whether that eigenvalue is the target.
    """
    hover, accent = "%{x:.6f} %{y:+.6f}i", style.roles["way there"]
    way = []
    if path is not None:
        way = [marker("way there", path.real, path.imag, accent, hover, size=5)]
        way[0].update(mode="lines+markers", line={"color": accent, "width": 1.5})
    return [
        *way,
        marker("spectrum of the witness", spectrum.real, spectrum.imag, style.ink, hover, symbol="circle-open", size=9),
        marker("reached" if reached else "nearest found", [nearest.real], [nearest.imag], style.ink, hover, size=10),
        marker("target", [target.real], [target.imag], style.roles["target"], hover, symbol="x-thin-open", size=15),
    ]
