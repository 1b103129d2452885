"""What all figures share: colours for light, dark and print, and the template of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True)
class Style:
    """The inks of one ground: a screen in the light or in the dark, or paper."""

    ink: str
    faint: str
    ground: str
    roles: dict[str, str]
    counts: tuple[str, ...]
    curves: tuple[str, ...]
    reached: str
    touched: str
    near: str
    far: str
    font: str = '"Source Sans", sans-serif'
    font_size: int = 14


LIGHT = Style(
    ink="#1B1F2E",
    faint="#D9DCE6",
    ground="rgba(0,0,0,0)",
    roles={
        "unit circle": "#8A8FA3",
        "perfect_mirsky": "#C8372D",
        "karpelevich": "#1F8A4C",
        "hypocycloid": "#7A3E9D",
        "exact": "#1B1F2E",
        "exception": "#B8860B",
    },
    counts=("#DDF2CF", "#A5DCC0", "#5CBFCB", "#2D8FC2", "#1B5EA8", "#0B2E6F"),
    curves=("#1B5EA8", "#C8372D", "#1F8A4C", "#7A3E9D", "#B8860B", "#0E8C9B", "#C2478E", "#5F6B7A"),
    reached="#5B8FC9",
    touched="#C9DCF0",
    near="#FBE3C4",
    far="#B4532A",
)
DARK = Style(
    ink="#E7E9F2",
    faint="#333849",
    ground="rgba(0,0,0,0)",
    roles={
        "unit circle": "#8A90A6",
        "perfect_mirsky": "#FF7A6B",
        "karpelevich": "#57D38C",
        "hypocycloid": "#CF9BF0",
        "exact": "#FFFFFF",
        "exception": "#F2C14E",
    },
    counts=("#1D4F7A", "#1F7A9C", "#2BA7AE", "#6CCFA8", "#C4EBA5", "#FBFBD0"),
    curves=("#6BB6FF", "#FF7A6B", "#57D38C", "#CF9BF0", "#F2C14E", "#4FD5E0", "#F58CC4", "#AEB6C4"),
    reached="#3F78B5",
    touched="#1F3A57",
    near="#4A3320",
    far="#F0A15E",
)
PAPER = Style(
    ink="#000000",
    faint="#DDDDDD",
    ground="#FFFFFF",
    roles=LIGHT.roles | {"exact": "#000000", "unit circle": "#808080"},
    counts=LIGHT.counts,
    curves=LIGHT.curves,
    reached=LIGHT.reached,
    touched=LIGHT.touched,
    near=LIGHT.near,
    far=LIGHT.far,
    font="Arial, Helvetica, sans-serif",
    font_size=15,
)

DASHES = {"karpelevich": "dash", "hypocycloid": "dot"}


def apply(figure: go.Figure, style: Style) -> go.Figure:
    """Give a figure the fonts, grounds and axis lines of a style, and return it; in place.

    The template is set explicitly: streamlit replaces plotly's default one by placeholders for its own colours.
    """
    figure.update_layout(
        template="none",
        paper_bgcolor=style.ground,
        plot_bgcolor=style.ground,
        font={"family": style.font, "size": style.font_size, "color": style.ink},
        hoverlabel={"font": {"family": style.font}},
    )
    lines = {"showline": True, "linecolor": style.ink, "mirror": True, "ticks": "outside", "tickcolor": style.ink}
    figure.update_xaxes(**lines, gridcolor=style.faint, zeroline=False)
    figure.update_yaxes(**lines, gridcolor=style.faint, zeroline=False)
    return figure


def colorscale(style: Style) -> list[list[object]]:
    """Style -> plotly colour scale for counts, from few to many."""
    last = len(style.counts) - 1
    return [[place / last, colour] for place, colour in enumerate(style.counts)]


METHODS = (
    "mHC",
    "mHC-lite",
    "KromHC",
    "go-mHC, s = 2",
    "go-mHC, s = 1",
    "mHC, linear",
    "go-mHC, s = 3",
    "go-mHC, unitary",
)
"""Methods that have a colour of their own in every figure of training: the places of the curve colours, in order."""


def inks(names: Iterable[str], style: Style) -> dict[str, str]:
    """Names of curves -> a colour for each: a method's own, and for the others those that are left, in order."""
    wanted = list(dict.fromkeys(names))
    own = {name: METHODS.index(name) for name in wanted if name in METHODS}
    left = [place for place in range(len(style.curves)) if place not in own.values()] or [0]
    others = [name for name in wanted if name not in own]
    places = own | {name: left[number % len(left)] for number, name in enumerate(others)}
    return {name: style.curves[places[name]] for name in wanted}
