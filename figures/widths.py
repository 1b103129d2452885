"""A figure for a given place: a column of a paper, or a slide; its text no smaller than can be read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go

WIDTHS = {"as on screen": 0.0, "single column": 3.4, "double column": 6.8, "slide": 10.0}
"""Inches; 0: the figure's own size."""

PIXELS, POINTS = 96, 72
"""Of an inch, in a browser and on paper."""

LEAST = 7.2
"""Points of the smallest text."""

NATURAL = (900, 840)
"""Width and height in pixels of a figure that has none of its own."""

WIDE = 1.3
"""Width by height from which a figure is of curves or of several panels."""

THINNEST = 0.55
"""By which lines and markers are made smaller at most."""


def fitted(figure: go.Figure, width: str) -> go.Figure:
    """Figure, one of WIDTHS -> the figure in that width: all of it smaller, its text only as far as it can be read."""
    if (inches := WIDTHS[width]) == 0:
        return figure
    natural = figure.layout.width or NATURAL[0], figure.layout.height or NATURAL[1]
    scale = inches * PIXELS / natural[0]
    # Not figure.to_plotly_json(), which packs arrays.
    spec = {"data": [trace.to_plotly_json() for trace in figure.data], "layout": figure.layout.to_plotly_json()}
    sizes = [holder["size"] for holder in _fonts(spec["layout"]) if "size" in holder]
    sizes += [holder["size"] for trace in spec["data"] for holder in _fonts(trace) if "size" in holder]
    letters = max(scale, LEAST * PIXELS / POINTS / min(sizes))
    strokes = max(scale, THINNEST)
    for holder in _fonts(spec["layout"]):
        _scaled(holder, "size", letters)
    margin = spec["layout"].get("margin", {})
    for side in margin:
        margin[side] = round(margin[side] * letters)
    for part in [*spec["data"], *spec["layout"].get("shapes", [])]:
        _scaled(part.get("line"), "width", strokes)
    for trace in spec["data"]:
        for holder in _fonts(trace):
            _scaled(holder, "size", letters)
        _scaled(trace.get("marker"), "size", strokes)
        _scaled(trace.get("colorbar"), "thickness", letters)
    for name, axis in spec["layout"].items():
        if name.startswith(("xaxis", "yaxis")) and isinstance(axis.get("title"), dict):
            _scaled(axis["title"], "standoff", letters)
    # A square plane stays square; curves get higher, as their text does, for the room that it takes below them.
    tall = letters if natural[0] > WIDE * natural[1] else scale
    spec["layout"] |= {"width": round(inches * PIXELS), "height": round(natural[1] * tall)}
    return go.Figure(spec)


def _fonts(part: Any) -> Iterator[dict[str, Any]]:
    """A part of a figure -> every font that it names, on any level; numbers of cells are not looked through."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("font", "textfont", "tickfont", "title_font") and isinstance(value, dict):
                yield value
            elif isinstance(value, dict | list | tuple):
                yield from _fonts(value)
    elif isinstance(part, list | tuple) and part and isinstance(part[0], dict):
        for each in part:
            yield from _fonts(each)


def _scaled(holder: Any, name: str, by: float) -> None:
    """Make a number under a name so many times as large, if it is there and one number; in place."""
    if isinstance(holder, dict) and isinstance(holder.get(name), int | float):
        holder[name] = round(holder[name] * by, 2)
