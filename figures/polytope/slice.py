"""A plane through the Birkhoff polytope: the shadow of a sample, the certified slice, and the outlines of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.basedatatypes import BaseTraceType

from figures import marks
from figures.inks import DASHES, inks
from figures.spectrum.plane import density_heatmap, framed, square_axes
from figures.style import DASHES as OF_ROLES
from figures.style import LIGHT, Style, apply

Cells = NDArray[np.bool_]
Line = NDArray[np.complex128]
Lines = dict[str, tuple[str, Line]]
"""Named lines by what they are: roles of the style, or "0", "1", ... for methods to compare with."""

OUTSIDE = 0.1
"""How far a corner's label is from its corner."""

LIMIT = 1.17
"""Half the side of the drawn square: the polytope with the labels of its corners."""

FREE = 3
"""Place of the first dash that no line of the plane has: solid methods are drawn in it."""


def polytope_plane(
    layers: Sequence[BaseTraceType],
    lines: Lines,
    corners: NDArray[np.float64],
    labels: Sequence[str],
    *,
    style: Style = LIGHT,
    title: str | None = None,
    window: tuple[complex, float] | None = None,
) -> go.Figure:
    """Layers from the bottom up, named lines by role, corners (m, 2) and their labels -> figure of the plane.

    Roles are those of the style, or "0", "1", ... for methods to compare with. `window`: the part to look at.
    """
    figure = go.Figure([*layers, *_lines(lines, style)])
    figure.add_trace(_corners(corners, labels, style))
    apply(figure, style)
    square_axes(figure, window or (0j, LIMIT))
    figure.update_xaxes(title_text="x")
    figure.update_yaxes(title_text="y")
    return framed(figure, style, title)


def shadow_heatmap(
    counts: NDArray[np.int64],
    centres: NDArray[np.float64],
    told: NDArray[np.str_] | None,
    style: Style = LIGHT,
    *,
    centre: complex = 0j,
) -> go.Heatmap:
    """Counts (bins, bins), centres (bins,) from the grid's own, words of each cell's matrix -> map of log10."""
    return density_heatmap(counts, centres, style, centre=centre).update(
        colorbar_title_text="matrices per cell",
        customdata=counts[..., None].astype(np.float32),
        text=told,
        hovertemplate=f"{_place(centres)}<br>%{{customdata[0]:,.0f}} matrices"
        + ("" if told is None else "%{text}")
        + "<extra></extra>",
    )


def slice_cells(
    member: Cells,
    touched: Cells,
    distance: NDArray[np.float64],
    centres: NDArray[np.float64],
    told: NDArray[np.str_] | None,
    style: Style = LIGHT,
    *,
    centre: complex = 0j,
) -> list[go.Heatmap | go.Scatter]:
    """Members (bins, bins), touched cells, distances, centres (bins,) from the grid's own, words -> heat maps, legend.

    Members in one colour, cells that the set only passes through in another, the rest by its distance.
    """
    away = np.where(touched | ~(distance < np.inf), np.nan, distance)
    hover = _place(centres) + ("" if told is None else "%{text}")
    rest = go.Heatmap(
        z=away.astype(np.float32),
        **marks.placed(centres, centre),
        zmin=0,
        colorscale=[[0, style.near], [1, style.far]],
        colorbar=marks.colour_bar("distance to the set"),
        showscale=bool(np.isfinite(away).any()),
        text=told,
        hoverongaps=False,
        hovertemplate=hover + "<br>%{z:.4f} from the set<extra></extra>",
        name="distance",
    )
    cells = marks.two_colour_cells(
        member,
        touched,
        centres,
        style,
        centre=centre,
        customdata=np.where(member, "certified: in the set", "seen: the set passes through this cell"),
        text=told,
        hovertemplate=hover + "<br>%{customdata}<extra></extra>",
        name="slice",
    )
    squares = marks.legend_square("certified", style.reached), marks.legend_square("seen", style.touched)
    return [rest, cells, *squares]


def told_grid(centres: NDArray[np.float64], told: NDArray[np.str_], centre: complex = 0j) -> go.Scattergl:
    """Centres (bins,) from the grid's own, words (bins, bins) -> unseen markers all over the disk that tell them."""
    z = marks.plane(centres, centre)
    inside = np.abs(z) <= 1.0
    return go.Scattergl(
        x=z[inside].real.astype(np.float32),
        y=z[inside].imag.astype(np.float32),
        mode="markers",
        marker={"opacity": 0, "size": 7},
        text=told[inside],
        hovertemplate=f"{_place(centres)}%{{text}}<extra></extra>",
        showlegend=False,
        name="cells",
    )


def _place(centres: NDArray[np.float64]) -> str:
    """Cell centres (bins,) -> where the pointer is, in plotly's words, as finely as the cells are."""
    digits = marks.digits(centres)
    return f"x = %{{x:.{digits}f}}, y = %{{y:.{digits}f}}"


def chosen_point(x: float, y: float, landed: NDArray[np.float64] | None, style: Style = LIGHT) -> list[go.Scatter]:
    """A chosen point, and the shadow (2,) of the nearest matrix if there is one -> their markers."""
    hover, ink = "%{x:.6f}, %{y:.6f}", style.roles["chosen point"]
    chosen = marks.marker("chosen point", [x], [y], ink, hover, symbol="x-thin-open", size=15)
    if landed is None:
        return [chosen]
    return [chosen, marks.marker("shadow of the nearest matrix", landed[:1], landed[1:], style.ink, hover)]


def _corners(corners: NDArray[np.float64], labels: Sequence[str], style: Style) -> go.Scatter:
    """Corners (m, 2) -> their labels, each outside its corner; of more than sixteen, every second or third."""
    every = -(-len(labels) // 16)
    outside = corners * (1 + OUTSIDE / np.maximum(np.linalg.norm(corners, axis=1, keepdims=True), OUTSIDE))
    return go.Scatter(
        x=outside[::every, 0],
        y=outside[::every, 1],
        mode="text",
        text=list(labels)[::every],
        textfont={"color": style.ink},
        showlegend=False,
        hoverinfo="skip",
        name="corners",
    )


def _lines(lines: Lines, style: Style) -> Iterator[go.Scatter]:
    """Named lines by role -> their traces; methods in their own colours, in dashes that no other line has."""
    methods = {role: name.removesuffix(" (partial)") for role, (name, _) in lines.items() if role.isdigit()}
    own = inks(methods.values(), style)
    for role, (name, points) in lines.items():
        if role in methods:
            ink, dash = own[methods[role]]
            yield marks.outline(name, points, ink, dash=DASHES[(DASHES.index(dash) + FREE) % len(DASHES)])
        else:
            yield marks.outline(name, points, style.roles[role], dash=OF_ROLES.get(role, "solid"))
