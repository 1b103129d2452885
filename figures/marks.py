"""What figures are made of: lines, markers, cells of two colours, the squares that explain them, and one word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from figures.style import Style


def curve(
    name: str,
    x: ArrayLike | Sequence[str],
    y: ArrayLike,
    ink: str,
    hover: str,
    *,
    dash: str | None = None,
    width: float = 2,
    dots: float | None = None,
    legend: bool | None = None,
    grouped: bool = True,
) -> go.Scatter:
    """Name, x (k,), y (k,) -> a line that tells its numbers and its name; `dots`: the size of the markers on it.

    All that is `grouped` under one name answers to one entry of the legend; `legend` says which trace draws it.
    """
    return go.Scatter(
        x=x,
        y=y,
        mode="lines+markers" if dots else "lines",
        name=name,
        legendgroup=name if grouped else None,
        showlegend=legend,
        line={"color": ink, "width": width, "dash": dash},
        marker={"size": dots} if dots else None,
        hovertemplate=f"{hover}<extra>{name}</extra>",
    )


def outline(
    name: str, points: NDArray[np.complex128], ink: str, *, dash: str = "solid", width: float = 2
) -> go.Scatter:
    """Name, points of the plane (k,), nan where the line breaks -> a line that tells nothing."""
    return go.Scatter(
        x=points.real.astype(np.float32),
        y=points.imag.astype(np.float32),
        mode="lines",
        name=name,
        line={"color": ink, "dash": dash, "width": width},
        hoverinfo="skip",
    )


def marker(
    name: str, x: ArrayLike, y: ArrayLike, ink: str, hover: str, *, symbol: str = "circle", size: int = 9
) -> go.Scatter:
    """Name, x (k,), y (k,) -> markers that tell where they are, and their name."""
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": size, "color": ink, "line": {"width": 2, "color": ink}},
        hovertemplate=f"{hover}<extra>{name}</extra>",
    )


def own_markers(x: ArrayLike, y: ArrayLike, names: Sequence[str], style: Style, told: str = "") -> go.Scatter:
    """x (k,), y (k,), whose they are (k,) -> markers of a reader's own matrices, seen over any colour."""
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        name="your matrices",
        marker={
            "symbol": "diamond",
            "size": 9,
            "color": style.roles["exception"],
            "line": {"width": 1.5, "color": style.ink},
        },
        customdata=[str(name) for name in names],
        hovertemplate=f"%{{customdata}}<br>{told}%{{x:.4f}} %{{y:+.4f}}i<extra>your matrices</extra>",
    )


def bars(lengths: Sequence[float], ink: str) -> dict[str, object]:
    """Lengths (k,) -> bars upwards from their markers."""
    nothing = [0.0] * len(lengths)
    return {
        "array": lengths,
        "arrayminus": nothing,
        "symmetric": False,
        "color": ink,
        "thickness": 1.5,
        "width": 4,
    }


def legend_square(name: str, ink: str) -> go.Scatter:
    """Name, ink -> an entry of the legend, for cells of this colour; nothing is drawn."""
    return go.Scatter(
        x=[None], y=[None], mode="markers", marker={"symbol": "square", "size": 12, "color": ink}, name=name
    )


def name_line(figure: go.Figure, name: str) -> None:
    """Give the first line that is a shape, and stands for all of its kind, an entry of the legend; in place."""
    figure.layout.shapes[0].update(name=name, showlegend=True, legendgroup=name)


def placed(centres: NDArray[np.float64], centre: complex = 0j) -> dict[str, float]:
    """Cell centres (bins,) from the grid's own -> where a heat map's cells lie in both directions."""
    first, width = float(centres[0]), float(centres[1] - centres[0])
    return {"x0": centre.real + first, "dx": width, "y0": centre.imag + first, "dy": width}


def plane(centres: NDArray[np.float64], centre: complex = 0j) -> NDArray[np.complex128]:
    """Cell centres (bins,) from the grid's own -> those of all cells (bins, bins), row = imaginary part."""
    return np.asarray(centre + (centres + 1j * centres[:, None]))


def digits(centres: NDArray[np.float64]) -> int:
    """Cell centres (bins,) -> decimals that tell one cell from the next, at least 3."""
    return max(3, int(np.ceil(-np.log10(centres[1] - centres[0]))) + 1)


def two_colour_cells(
    full: NDArray[np.bool_],
    touched: NDArray[np.bool_],
    centres: NDArray[np.float64],
    style: Style,
    *,
    centre: complex = 0j,
    **told: Any,
) -> go.Heatmap:
    """Cells (bins, bins), centres (bins,) from the grid's own -> full ones in one colour, others touched in another.

    `told`: the trace's name, and what a cell tells, in plotly's words.
    """
    return go.Heatmap(
        z=np.where(full, 2.0, np.where(touched, 1.0, np.nan)).astype(np.float32),
        **placed(centres, centre),
        zmin=1,
        zmax=2,
        colorscale=[[0, style.touched], [0.5, style.touched], [0.5, style.reached], [1, style.reached]],
        showscale=False,
        hoverongaps=False,
        **told,
    )


PLAIN_BAR = {"outlinewidth": 0, "exponentformat": "e"}
"""Of every bar of colours: 1e-13, where plotly would write 0.1p."""


def colour_bar(title: str, length: float = 0.85) -> dict[str, object]:
    """Title, and length in heights of the plot -> the bar beside a picture that explains its colours."""
    return {"title": {"text": title, "side": "right"}, "thickness": 12, "len": length} | PLAIN_BAR


def mark_partial(figure: go.Figure, style: Style) -> go.Figure:
    """Write into a picture's upper left corner, below what names a line there, that its work is not finished; in place.

    The picture is returned.
    """
    # The plot of a plane is smaller than the paper that plotly gives it; a space has no axes to be within.
    flat = all(trace.type != "scatter3d" for trace in figure.data)
    return figure.add_annotation(
        text="partial",
        xref="x domain" if flat else "paper",
        yref="y domain" if flat else "paper",
        x=0.015,
        y=0.945,
        xanchor="left",
        yanchor="top",
        showarrow=False,
        font={"size": style.font_size + 2, "color": style.ink},
        bgcolor=style.faint,
        bordercolor=style.ink,
        borderpad=4,
    )
