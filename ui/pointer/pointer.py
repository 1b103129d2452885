"""The component that tells what a reader does to charts, mounted without showing anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import streamlit as st

from ui.link import links

_listener = st.components.v2.component("pointer", js=(Path(__file__).parent / "pointer.js").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Click:
    """Where a chart was clicked, or Enter pressed in its middle: the key of its container, and the point."""

    chart: str
    x: float
    y: float


@dataclass(frozen=True)
class Look:
    """What a reader looks at: ranges of both axes, or the eye of a camera; neither: everything there is."""

    chart: str
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    eye: tuple[float, float, float] | None = None


def watch(
    name: str,
    charts: Sequence[str],
    *,
    on_click: Callable[[Click], None] | None = None,
    on_look: Callable[[Look], None] | None = None,
    plane: bool = False,
    zoomed: bool = False,
    grip: complex | None = None,
) -> None:
    """Watch the charts in the containers of these keys; `name` is the watcher's own.

    `plane`: views of a plane are told, and keys move them: arrows, + and -, 0 for everything, Enter for a click. A
    double click shows everything; `zoomed` if that is not what is shown already. A point that is a `grip` can be
    dragged: wherever it is on its way, it counts as clicked there, but only where it is let go is a place for the link
    and the browser's history. What a browser sends may be anything: it is taken for a click or a look, or for nothing.
    """

    def clicked() -> None:
        sent = _sent("clicked")
        if on_click is not None and (click := _click(sent, charts)) is not None:
            links.hold(moving=sent.get("moving") is True)
            on_click(click)

    def viewed() -> None:
        if on_look is not None and (look := _look(_sent("viewed"), charts)) is not None:
            on_look(look)

    def _sent(what: str) -> Any:
        return getattr(st.session_state.get(name), what, None)

    _listener(
        key=name,
        data={
            "charts": list(charts),
            "plane": plane,
            "zoomed": zoomed,
            "grip": None if grip is None else {"x": grip.real, "y": grip.imag},
        },
        height=1,
        on_clicked_change=clicked,
        on_viewed_change=viewed,
    )


def _click(sent: Any, charts: Sequence[str]) -> Click | None:
    """What a browser sent -> a click, if it is one."""
    point = _numbers([sent.get("x"), sent.get("y")]) if _is_of(sent, charts) else None
    return Click(sent["chart"], *point) if point is not None else None


def _look(sent: Any, charts: Sequence[str]) -> Look | None:
    """What a browser sent -> a view, if it is one."""
    if not _is_of(sent, charts):
        return None
    x, y, eye = _numbers(sent.get("x")), _numbers(sent.get("y")), sent.get("eye")
    if x is not None and y is not None and len(x) == len(y) == 2 and x[0] < x[1] and y[0] < y[1]:
        return Look(sent["chart"], x=(x[0], x[1]), y=(y[0], y[1]))
    place = _numbers([eye.get(axis) for axis in "xyz"]) if isinstance(eye, Mapping) else None
    if place is not None:
        return Look(sent["chart"], eye=(place[0], place[1], place[2]))
    return Look(sent["chart"]) if sent.get("whole") is True else None


def _is_of(sent: Any, charts: Sequence[str]) -> bool:
    return isinstance(sent, Mapping) and sent.get("chart") in charts


def _numbers(values: Any) -> list[float] | None:
    """What a browser sent -> numbers of moderate size, or None if it is not a few of them."""
    if not isinstance(values, list) or len(values) > 3:
        return None
    plain = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return plain if len(plain) == len(values) and all(isfinite(v) and abs(v) < 1e6 for v in plain) else None
