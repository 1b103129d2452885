"""The complex plane: a density of eigenvalues under the outlines of the regions that bound it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.basedatatypes import BaseTraceType

from figures import marks
from figures.style import DASHES, LIGHT, Style, apply, colorscale, titled

LIMIT = 1.09
"""Half the side of the drawn square: the unit circle with a margin."""


CORNERS = {
    "karpelevich": (False, True),
    "perfect_mirsky": (False, False),
    "hypocycloid": (True, False),
    "exact": (True, False),
    "exception": (True, True),
}
"""Where a line is named, by role: whether on the right, and whether on top."""


SHORT = {"exact": "exact boundary", "exception": "beyond PM₅"}
"""Names that are shorter in a corner than in a legend, by role."""


class Outline(Protocol):
    """What a region needs to be drawn: a name, a closed complex polyline, and segments that stick out of it."""

    @property
    def name(self) -> str:
        """How the legend calls it."""
        ...

    @property
    def boundary(self) -> NDArray[np.complex128]:
        """A closed polyline; nan starts a new one."""
        ...

    @property
    def whiskers(self) -> tuple[tuple[complex, complex], ...]:
        """Segments outside the body."""
        ...


def spectral_plane(
    layers: Sequence[BaseTraceType],
    outlines: Mapping[str, Outline],
    *,
    style: Style = LIGHT,
    title: str | None = None,
    window: tuple[complex, float] | None = None,
) -> go.Figure:
    """Layers from the bottom up, outlines by role -> figure of the complex plane with both.

    `window`: centre and half the side of the part to look at.
    """
    lines = [line.update(showlegend=False) for line in outline_traces(outlines, style)]
    figure = go.Figure([*layers, unit_circle(style), *lines])
    apply(figure, style)
    square_axes(figure, window)
    name_in_corners(figure, outlines, style, plates=window is not None)
    return framed(figure, style, title)


def framed(figure: go.Figure, style: Style, title: str | None) -> go.Figure:
    """Give a figure of one plane its title, its margins, and its legend below; in place."""
    titled(figure, title, left=62, top=(8, 44), bottom=50)
    return figure.update_layout(title_font_size=style.font_size + 1) if title else figure


def density_heatmap(
    counts: NDArray[np.int64],
    centres: NDArray[np.float64],
    style: Style = LIGHT,
    ceiling: float | None = None,
    *,
    scale: bool = True,
    centre: complex = 0j,
) -> go.Heatmap:
    """Counts (bins, bins), row = Im, column = Re, centres (bins,) from the grid's own -> heat map of log10 counts.

    Colours run from one eigenvalue to 10**ceiling (default: `typical_ceiling`). Hover gives λ, |λ|, arg λ, the count.
    """
    plane, digits = marks.plane(centres, centre), marks.digits(centres)
    ceiling = ceiling or typical_ceiling(off_axis(counts, centres, centre))
    with np.errstate(divide="ignore"):
        levels = np.where(counts > 0, np.log10(counts), np.nan).astype(np.float32)
    details = np.stack([counts, np.abs(plane), np.degrees(np.angle(plane))], -1).astype(np.float32)
    decades = np.arange(int(np.floor(ceiling)) + 1)
    return go.Heatmap(
        z=levels,
        **marks.placed(centres, centre),
        zmin=0,
        zmax=ceiling,
        colorscale=colorscale(style),
        showscale=scale,
        colorbar=marks.colour_bar("eigenvalues per cell")
        | {"tickvals": decades, "ticktext": [f"{10 ** int(decade):,}" for decade in decades]},
        customdata=details,
        hoverongaps=False,
        hovertemplate=f"λ = %{{x:.{digits}f}} %{{y:+.{digits}f}}i<br>"
        "|λ| = %{customdata[1]:.3f}, arg λ = %{customdata[2]:.1f}°"
        "<br>%{customdata[0]:,.0f} eigenvalues<extra></extra>",
        name="density",
    )


def off_axis(counts: NDArray[np.int64], centres: NDArray[np.float64], centre: complex = 0j) -> NDArray[np.int64]:
    """Counts (bins, bins), centres (bins,) from the grid's own -> the rows that the real axis does not pass through."""
    return counts[np.abs(centre.imag + centres) > (centres[1] - centres[0]) / 2]


def typical_ceiling(counts: NDArray[np.int64]) -> float:
    """Counts (rows, bins) off the real axis -> the decade that the colour scale ends at, at least 1.

    The axis collects a share of the eigenvalues that would drown the rest.
    """
    filled = counts[counts > 0]
    return max(1.0, float(np.log10(np.quantile(filled, 0.995)))) if filled.size else 1.0


def unit_circle(style: Style) -> go.Scatter:
    """Style -> the unit circle as a thin line."""
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 361))
    return marks.outline("|λ| = 1", circle, style.roles["unit circle"], width=1).update(showlegend=False)


def outline_traces(outlines: Mapping[str, Outline], style: Style) -> list[go.Scatter]:
    """Outlines by role -> one line each, whiskers included; roles choose colour and dash."""
    return [
        marks.outline(outline.name, _with_whiskers(outline), style.roles[role], dash=_dash(role))
        for role, outline in outlines.items()
    ]


def name_in_corners(figure: go.Figure, outlines: Mapping[str, Outline], style: Style, *, plates: bool = False) -> None:
    """Name every line in a corner of the square, which the unit circle leaves free, with a sample of it; in place.

    Where there is no circle that does, names stand on `plates`.
    """
    shapes: list[dict[str, object]] = []
    names: list[dict[str, object]] = []
    within = {"xref": "x domain", "yref": "y domain"}
    for role, outline in outlines.items():
        right, top = CORNERS[role]
        inset = 0.03 if plates else 0.021
        ink, y = style.roles[role], 1 - inset if top else inset
        near, far, text = (0.985, 0.935, 0.925) if right else (0.015, 0.065, 0.075)
        if plates:
            plate = {"x0": min(near, far) - 0.01, "x1": max(near, far) + 0.01, "y0": y - 0.02, "y1": y + 0.02}
            shapes.append({"type": "rect", "fillcolor": style.plate, "line": {"width": 0}, **plate, **within})
        sample = {"x0": near, "x1": far, "y0": y, "y1": y, "line": {"color": ink, "width": 2, "dash": _dash(role)}}
        shapes.append({"type": "line", **sample, **within})
        name = {
            "text": SHORT.get(role) or outline.name.replace(" region", ""),
            "x": text,
            "y": y,
            "xanchor": "right" if right else "left",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"color": ink, "size": style.font_size - 2},
            "bgcolor": style.plate if plates else None,
        }
        names.append(name | within)
    # All at once: plotly copies what is there already for every one that is added.
    figure.layout.shapes += tuple(shapes)
    figure.layout.annotations += tuple(names)


def _dash(role: str) -> str:
    return DASHES.get(role, "solid")


def square_axes(figure: go.Figure, window: tuple[complex, float] | None = None) -> None:
    """Label the axes Re and Im and keep the drawn square square; in place."""
    centre, half = window or (0j, LIMIT)
    span = {"tick0": 0, "nticks": 6, "showgrid": False, "constrain": "domain"}
    ranges = ([middle - half, middle + half] for middle in (centre.real, centre.imag))
    figure.update_xaxes(**span, range=next(ranges), title={"text": "Re λ", "standoff": 6})
    figure.update_yaxes(**span, range=next(ranges), title={"text": "Im λ", "standoff": 4}, scaleanchor="x")


def _with_whiskers(outline: Outline) -> NDArray[np.complex128]:
    gap = np.array([np.nan])
    parts = [outline.boundary]
    for whisker in outline.whiskers:
        parts += [gap, np.array(whisker)]
    return np.concatenate(parts).astype(np.complex128)
