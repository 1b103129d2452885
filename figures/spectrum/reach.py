"""The certified reach as layers of the complex plane: cells with a witness, their outline, and the gap to the edge."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures import marks
from figures.style import LIGHT, Style

Cells = NDArray[np.bool_]


def reach_cells(
    reached: Cells,
    touched: Cells,
    residual: NDArray[np.float64],
    centres: NDArray[np.float64],
    style: Style = LIGHT,
    *,
    centre: complex = 0j,
) -> list[go.Heatmap | go.Scatter]:
    """Cells (bins, bins), distances (bins, bins), centres (bins,) from the grid's own -> two colours, and a legend."""
    plane, digits = marks.plane(centres, centre), marks.digits(centres)
    words = np.where(reached, "certified: a matrix has this eigenvalue", "seen: an eigenvalue was found in this cell")
    details = np.stack(
        [np.abs(plane), np.degrees(np.angle(plane)), np.where(np.isfinite(residual), residual, np.nan)], -1
    )
    cells = marks.two_colour_cells(
        reached,
        touched,
        centres,
        style,
        customdata=details.astype(np.float32),
        text=words,
        centre=centre,
        hovertemplate=f"λ = %{{x:.{digits}f}} %{{y:+.{digits}f}}i<br>"
        "|λ| = %{customdata[0]:.3f}, arg λ = %{customdata[1]:.1f}°"
        "<br>%{text}<br>nearest eigenvalue found: %{customdata[2]:.1e} away<extra></extra>",
        name="reach",
    )
    return [cells, marks.legend_square("certified", style.reached), marks.legend_square("seen", style.touched)]


def reach_outline(
    reached: Cells, centres: NDArray[np.float64], style: Style = LIGHT, *, centre: complex = 0j
) -> go.Contour:
    """Cells (bins, bins), centres (bins,) from the grid's own -> the line around certified cells, over a density."""
    return go.Contour(
        z=reached.astype(np.float32),
        x=centre.real + centres,
        y=centre.imag + centres,
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        line={"color": style.roles["certified reach"], "width": 1.8, "smoothing": 0, "dash": "dot"},
        showscale=False,
        hoverinfo="skip",
        showlegend=True,
        name="certified reach",
    )


def proved_outline(outline: NDArray[np.complex128], style: Style = LIGHT) -> go.Scatter:
    """Lines (m,), nan between one and the next -> the outline of what is proved to be reached, over certified cells."""
    return go.Scatter(
        x=outline.real.astype(np.float32),
        y=outline.imag.astype(np.float32),
        mode="lines",
        line={"color": style.roles["proved"], "width": 1.2},
        hoverinfo="skip",
        name="proved",
    )


def gap_line(edge: complex, reached: complex, label: str, style: Style = LIGHT) -> go.Scatter:
    """Two points -> a labelled line between them: how far the reach stays away from the edge."""
    return go.Scatter(
        x=[edge.real, reached.real],
        y=[edge.imag, reached.imag],
        mode="lines+markers+text",
        text=[label, ""],
        textposition="top right",
        textfont={"color": style.ink},
        marker={"symbol": "line-ns", "size": 9, "angleref": "previous", "line": {"width": 2, "color": style.ink}},
        line={"color": style.ink, "width": 2},
        hoverinfo="skip",
        name=label,
        showlegend=False,
    )
