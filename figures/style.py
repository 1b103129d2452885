"""What all figures share: colours for light, dark and print, the template of each, and the room around a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import plotly.graph_objects as go


@dataclass(frozen=True)
class Style:
    """The inks of one ground: a screen in the light or in the dark, or paper.

    `roles` name what is drawn, and say in which ink; `counts` run from few to many; `curves` are told apart,
    by readers with any deficiency of colour vision too. A `plate` is what a name stands on above a picture.
    """

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
    plate: str
    font: str = '"Source Sans", sans-serif'
    font_size: int = 14

    @cached_property
    def template(self) -> go.layout.Template:
        """The fonts, grounds and axis lines of a figure."""
        axis = {"showline": True, "mirror": True, "linecolor": self.ink, "ticks": "outside", "tickcolor": self.ink}
        axis |= {"gridcolor": self.faint, "zeroline": False}
        layout = go.Layout(
            paper_bgcolor=self.ground,
            plot_bgcolor=self.ground,
            font={"family": self.font, "size": self.font_size, "color": self.ink},
            hoverlabel={"font": {"family": self.font}},
            modebar={"bgcolor": "rgba(0,0,0,0)", "color": self.roles["unit circle"], "activecolor": self.ink},
            xaxis=axis | {"automargin": "bottom"},  # a legend at the picture's lower edge keeps below its labels
            yaxis=axis,
        )
        return go.layout.Template(layout=layout)


def _roles(*, grey: str, red: str, green: str, violet: str, black: str, yellow: str) -> dict[str, str]:
    """Inks -> the ink of everything that has a fixed one: what is drawn together differs."""
    plane = {"perfect_mirsky": red, "karpelevich": green, "hypocycloid": violet, "exact": black, "exception": yellow}
    search = {"certified reach": black, "target": red, "way there": black, "proved": yellow}
    polytope = {"shadow": red, "section": green, "edges": red, "chosen point": red}
    polytope |= {"certified slice": yellow, "seen slice": yellow}
    return {"unit circle": grey, **plane, **search, **polytope}


LIGHT = Style(
    ink="#1B1F2E",
    faint="#D9DCE6",
    ground="rgba(0,0,0,0)",
    roles=_roles(grey="#8A8FA3", red="#791313", green="#097D54", violet="#6B04CF", black="#1B1F2E", yellow="#966B08"),
    counts=("#DDF2CF", "#A5DCC0", "#5CBFCB", "#2D8FC2", "#1B5EA8", "#0B2E6F"),
    curves=("#002283", "#760200", "#276F48", "#8A2D73", "#B28733", "#0E9BE5", "#E36A9E", "#2B1725"),
    reached="#5B8FC9",
    touched="#C9DCF0",
    near="#FBE3C4",
    far="#B4532A",
    plate="#FFFFFF",
)
DARK = Style(
    ink="#E7E9F2",
    faint="#333849",
    ground="rgba(0,0,0,0)",
    roles=_roles(grey="#8A90A6", red="#F3433B", green="#5AF18F", violet="#976AE3", black="#FFFFFF", yellow="#FDBE36"),
    counts=("#1D4F7A", "#1F7A9C", "#2BA7AE", "#6CCFA8", "#C4EBA5", "#FBFBD0"),
    curves=("#80B5EF", "#E46025", "#CEFFAB", "#766ADA", "#EBD21F", "#51FCDA", "#C14E96", "#98876D"),
    reached="#3F78B5",
    touched="#1F3A57",
    near="#4A3320",
    far="#F0A15E",
    plate="#0F1118",
)
PAPER = Style(
    ink="#000000",
    faint="#DDDDDD",
    ground="#FFFFFF",
    roles=_roles(grey="#808080", red="#791313", green="#097D54", violet="#6B04CF", black="#000000", yellow="#966B08"),
    counts=LIGHT.counts,
    curves=LIGHT.curves,
    reached=LIGHT.reached,
    touched=LIGHT.touched,
    near=LIGHT.near,
    far=LIGHT.far,
    plate="#FFFFFF",
    font='"STIX Two Text", "Times New Roman", serif',
    font_size=15,
)
NIGHT = replace(DARK, ground=DARK.plate, font=PAPER.font, font_size=PAPER.font_size)
"""Paper's counterpart for dark slides."""

LEGEND_LINE = 24
"""Pixels of a line of a legend."""

LEGEND_GAP = 3
"""Pixels between lines of a legend."""

DASHES = {"karpelevich": "dash", "section": "dash", "hypocycloid": "dot", "seen slice": "dot"}
"""Roles that are not drawn solid."""


def apply(figure: go.Figure, style: Style) -> go.Figure:
    """Give a figure the fonts, grounds and axis lines of a style, and return it; in place.

    They are its template: to set them one by one is slow. Without one, streamlit would put in placeholders for its own
    colours.
    """
    figure.layout.template = style.template
    return figure


def titled(
    figure: go.Figure,
    title: str | None,
    *,
    left: int,
    top: tuple[int, int],
    bottom: int,
    right: int = 10,
    legend: bool = True,
    height: int | None = None,
    width: int | None = None,
) -> go.Figure:
    """Give a figure its title, its margins, its size, and its legend below, and return it; in place.

    Margins are in pixels, the one at the top without a title and with one. `legend`: whether the figure has one. It
    stands at the picture's lower edge and takes its room from the plot, below what the axes write, at any width.
    """
    below = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom", "yref": "container"}
    below |= {"tracegroupgap": LEGEND_GAP, "maxheight": 0.9}
    # What is in no group stands in columns as wide as the longest name.
    figure.for_each_trace(_grouped, {"type": "scatter"})
    return figure.update_layout(
        meta={"top": top[0]},
        title={"text": title, "x": 0.5, "xanchor": "center"} if title else None,
        margin={"l": left, "r": right, "t": top[1] if title else top[0], "b": bottom},
        legend=below if legend else None,
        height=height,
        width=width,
    )


def _grouped(trace: go.Scatter) -> None:
    if trace.showlegend is not False and not trace.legendgroup:
        trace.legendgroup = trace.name


def legend_room(names: int, few: int) -> int:
    """How many names a legend has, and how few have room as it is -> pixels to add to a figure's height.

    On a narrow screen the legend may take a line for each of them, and what it names must keep its room.
    """
    return LEGEND_LINE * max(0, names - few)


def untitled(figure: go.Figure) -> go.Figure:
    """Take a figure's title away, and the room that `titled` made for it, and return it; in place."""
    if figure.layout.title.text:
        top = (figure.layout.meta or {}).get("top", figure.layout.margin.t)
        figure.update_layout(title=None, margin_t=top)
    return figure


def colorscale(style: Style) -> list[list[object]]:
    """Style -> plotly colour scale for counts, from few to many."""
    last = len(style.counts) - 1
    return [[place / last, colour] for place, colour in enumerate(style.counts)]
