"""A figure for a given place: a column of a paper, or a slide; its text no smaller than can be read there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from figures.fonts import FILE
from figures.style import LEGEND_GAP

if TYPE_CHECKING:
    from PIL import ImageFont

WIDTHS = {"as on screen": 0.0, "single column": 3.4, "double column": 6.8, "slide": 10.0}
"""Inches; 0: the figure's own size."""

PIXELS, POINTS = 96, 72
"""Of an inch, in a browser and on paper."""

LEAST = 7.2
"""Points of the smallest text."""

NATURAL = (900, 840)
"""Width and height in pixels of a figure that has none of its own."""

BELOW = 56
"""Pixels that labels and title of an axis take below the plot."""

SAMPLE, ENTRY = 45, 16
"""Pixels of a legend's entry beside its name, and its least height: plotly's own, in any width."""

TITLE, AXIS_TITLE = 1.4, 1.2
"""Sizes of titles that have none of their own, in sizes of the text: plotly's."""

PANEL = 0.8
"""Share of its part of the width that a panel beside others has at least: the rest is between them, and bars'."""

FONT_SIZE = 100
"""Size at which the length of text is measured."""

THINNEST = 0.55
"""By which lines and markers are made smaller at most."""


def fitted(figure: go.Figure, width: str) -> go.Figure:
    """Figure, one of WIDTHS -> the figure in that width: all of it smaller, its text only as far as it can be read.

    Text that is too wide is broken into lines. The figure is as high as its plot, its title and its legend need.
    """
    if (inches := WIDTHS[width]) == 0:
        return figure
    natural = figure.layout.width or NATURAL[0], figure.layout.height or NATURAL[1]
    scale = inches * PIXELS / natural[0]
    # Not figure.to_plotly_json(), which packs arrays.
    spec = {"data": [trace.to_plotly_json() for trace in figure.data], "layout": figure.layout.to_plotly_json()}
    sizes = [holder["size"] for holder in _fonts(spec["layout"]) if "size" in holder]
    sizes += [holder["size"] for trace in spec["data"] for holder in _fonts(trace) if "size" in holder]
    letters = max(scale, LEAST * PIXELS / POINTS / min(sizes))
    across, up = _plot(spec, natural, 1)
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
    size = round(inches * PIXELS), natural[1]
    # Squares stay square; curves get higher, as their text does.
    up *= _plot(spec, size, letters)[0] / across if _square(spec["layout"]) else letters
    _wrapped(spec["layout"], size[0], up)
    height = size[1] + up - _plot(spec, size, letters)[1]
    spec["layout"] |= {"width": size[0], "height": round(height)}
    return go.Figure(spec)


def _plot(spec: dict[str, Any], size: tuple[float, float], letters: float) -> tuple[float, float]:
    """A figure of some size, how large its text is -> pixels of its plot across and up, its legend left out."""
    layout = spec["layout"]
    margin = layout.get("margin", {})
    across = size[0] - margin.get("l", 80) - margin.get("r", 80)
    below = margin.get("b", 80)
    names = [trace.get("name", "") for trace in spec["data"] if trace.get("showlegend") is not False]
    names += [shape.get("name", "") for shape in layout.get("shapes", []) if shape.get("showlegend")]
    if layout.get("legend") and layout.get("showlegend") is not False and len(names) > 1:
        below = max(below, BELOW * letters + _legend(names, across, _text(layout)))
    return across, size[1] - margin.get("t", 100) - below


def _legend(names: Sequence[str], across: float, text: float) -> float:
    """Names, pixels that there are across, size of the text -> pixels of height of the legend, as plotly sets it."""
    lines, used = 1, 0.0
    for name in names:
        entry = SAMPLE + _long(name, text)
        lines, used = (lines + 1, entry) if used and used + entry > across else (lines, used + entry)
    return lines * (max(ENTRY, 1.3 * text) + 3 + LEGEND_GAP) + 10


def _wrapped(layout: dict[str, Any], across: float, up: float) -> None:
    """Break the titles of a figure and of its axes into lines, and make room for them; in place."""
    margin, text = layout.get("margin", {}), _text(layout)
    holders = [(layout.get("title"), across, "t", TITLE)]
    for name, axis in layout.items():
        if name.startswith("yaxis"):
            low, high = axis.get("domain", (0, 1))
            holders.append((axis.get("title"), up * (high - low), "l", AXIS_TITLE))
    panel = PANEL * (across - margin.get("l", 80) - margin.get("r", 80)) / _columns(layout)
    for note in layout.get("annotations", []):
        if note.get("yanchor") == "bottom":  # above a panel
            note["text"], _ = _lines(note["text"], panel, note.get("font", {}).get("size", text))
    added: dict[str, float] = {}
    for holder, room, side, larger in holders:
        if isinstance(holder, dict) and holder.get("text"):
            letter = holder.get("font", {}).get("size", larger * text)
            holder["text"], more = _lines(holder["text"], room, letter)
            added[side] = max(added.get(side, 0.0), 1.3 * letter * more)
    for side, pixels in added.items():
        margin[side] = round(margin.get(side, 80) + pixels)


def _lines(words: str, room: float, letter: float) -> tuple[str, int]:
    """A text, pixels that it may be wide, the size of its letters -> the text in lines, and how many were added."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and _long(f"{lines[-1]} {word}", letter) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines), len(lines) - 1


def _long(text: str, size: float) -> float:
    """Text with its marks, size of its letters -> how many pixels it is long in the figures' font."""
    return _font().getlength(re.sub("<[^>]*>", "", text)) * size / FONT_SIZE


@cache
def _font() -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(FILE), FONT_SIZE)


def _text(layout: dict[str, Any]) -> float:
    """Layout of a figure -> the size of its text."""
    for each in (layout, layout.get("template", {}).get("layout", {})):
        if "size" in each.get("font", {}):
            return float(each["font"]["size"])
    return 12.0


def _columns(layout: dict[str, Any]) -> int:
    """Layout of a figure -> how many panels stand side by side."""
    return len({tuple(axis.get("domain", ())) for name, axis in layout.items() if name.startswith("xaxis")}) or 1


def _square(layout: dict[str, Any]) -> bool:
    """Whether a figure is of planes, of a matrix or of a space, which are not to be stretched."""
    return "scene" in layout or any("scaleanchor" in part for name, part in layout.items() if name.startswith("yaxis"))


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
