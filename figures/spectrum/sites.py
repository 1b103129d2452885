"""Layers of the complex plane that show the eigenvalues of mixing sites, coloured from the first layer to the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures import marks
from figures.style import LIGHT, Style, colorscale

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross")
"""Of the parts of a layer, in the order in which they first appear."""


def site_layers(
    eigenvalues: NDArray[np.complex128],
    names: Sequence[str],
    depth: Sequence[int],
    parts: Sequence[str],
    *,
    chosen: int | None = None,
    style: Style = LIGHT,
    scale: bool = True,
) -> list[go.Scatter]:
    """Eigenvalues (sites, k), a row a site; its name, its number from the first and its part -> markers of them all.

    Colours follow the number, symbols the part; a ring is around those of the `chosen` site. `scale` draws the bar that
    explains the colours, where there are several.
    """
    kinds = list(dict.fromkeys(parts))
    last = max(depth, default=0)
    layers = []
    for place, kind in enumerate(kinds[: len(SYMBOLS)]):
        rows = [
            row
            for row, part in enumerate(parts)
            if part == kind or (place == len(SYMBOLS) - 1 and part in kinds[place:])
        ]
        values = eigenvalues[rows].ravel()
        each = eigenvalues.shape[1]
        layers.append(
            go.Scatter(
                x=values.real,
                y=values.imag,
                mode="markers",
                name=kind if len(kinds) <= len(SYMBOLS) or place < len(SYMBOLS) - 1 else "others",
                showlegend=len(kinds) > 1,
                marker={
                    "symbol": SYMBOLS[place],
                    "size": 9,
                    "color": np.repeat([depth[row] for row in rows], each),
                    "cmin": 0,
                    "cmax": max(last, 1),
                    "colorscale": colorscale(style),
                    "showscale": scale and last > 0 and place == 0,
                    "colorbar": marks.colour_bar("site, from the first to the last") | {"dtick": -(-last // 6)}
                    if last > 0
                    else None,
                    "line": {"width": 1, "color": style.ink},
                },
                customdata=np.stack([np.repeat([names[row] for row in rows], each), np.abs(values).round(4)], -1),
                hovertemplate="%{customdata[0]}<br>λ = %{x:.4f} %{y:+.4f}i, |λ| = %{customdata[1]}<extra></extra>",
            )
        )
    if chosen is not None:
        ring = eigenvalues[chosen]
        layers.append(
            marks.marker(
                "chosen", ring.real, ring.imag, style.roles["target"], names[chosen], symbol="circle-open", size=16
            ).update(showlegend=False, hoverinfo="skip", hovertemplate=None)
        )
    return layers
