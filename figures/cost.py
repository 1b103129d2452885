"""Prices: how they grow with the number of streams, and what reach they buy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import log10

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from figures import marks
from figures.inks import DASHES, inks
from figures.style import LIGHT, Style, apply, legend_room, titled

Costs = tuple[Sequence[float], Sequence[float]]
"""Numbers of streams, and what each costs."""

Price = tuple[float, float, float]
"""What a candidate costs, and the shares of the region, 0 to 1, that it certainly and at most reaches."""

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up")
"""Markers of one colour, one for each dash of lines."""

SIZE, WITHIN = 11, 0.55
"""Pixels of a marker, and how large one is that stands where another stands, in sizes of that."""

STACKED = 480
"""Pixels that a column of several panels is wide."""

SIZES = [2, 4, 8, 16, 32, 64]


def growth(
    panels: Mapping[str, Mapping[str, Costs]],
    *,
    marked: int | None = None,
    columns: int = 2,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Curves by name for every label of a vertical axis -> as many panels, in so many columns, both axes logarithmic.

    `marked` draws a line at one number of streams. What costs nothing has no place on such an axis: the legend says 0.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure = make_subplots(rows, columns, horizontal_spacing=0.11, vertical_spacing=0.14)
    looks = inks((name for curves in panels.values() for name in curves), style)
    nothing = {name for name in looks if not any(any(curves[name][1]) for curves in panels.values() if name in curves)}
    told: set[str] = set()
    for number, (label, curves) in enumerate(panels.items()):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        for name, (streams, costs) in curves.items():
            ink, hover = looks[name], "n = %{x}: %{y:,.4~g}"
            known = f"{name}: 0" if name in nothing else name
            line = marks.curve(known, streams, costs, ink.colour, hover, dash=ink.dash, dots=5, legend=name not in told)
            figure.add_trace(line, **place)
            told.add(name)
        figure.update_yaxes(title={"text": label, "standoff": 4}, **place)
    if marked is not None:
        figure.add_vline(marked, line={"color": style.ink, "width": 1, "dash": "dot"}, opacity=0.5)
        marks.name_line(figure, f"n = {marked}")
    apply(figure, style)
    figure.update_xaxes(
        type="log",
        range=[log10(1.8), log10(72)],
        tickvals=SIZES,
        ticktext=[str(size) for size in SIZES],
        title={"text": "streams n", "standoff": 4},
        showgrid=False,
    )
    figure.update_yaxes(type="log", dtick=1, exponentformat="power", minexponent=2)
    width = STACKED * columns if rows > 1 else None
    return _framed(figure, title, height=140 + 320 * rows + legend_room(len(looks), 6), width=width)


def reach_for_price(
    candidates: Mapping[str, Price],
    within: Collection[str],
    *,
    price: str,
    budget: float | None,
    style: Style = LIGHT,
    title: str | None = None,
) -> go.Figure:
    """Candidates by name, those `within` the budget -> shares of the region against costs, whose axis is named `price`.

    At least one candidate. A marker is the certified share, its bar ends at the share in which eigenvalues were seen;
    hollow beyond the budget, and small on top of another. What costs nothing stands at a tick of its own, left of the
    others: the axis is logarithmic. A line stands at `budget`, if there is one.
    """
    figure, taken = go.Figure(), Counter[tuple[float, int]]()
    positive = [cost for cost, *_ in candidates.values() if cost > 0] or [1]
    nothing = min(positive) / 2
    for name, ink in inks(candidates, style).items():
        cost, certified, touched = candidates[name]
        place, symbol = (cost, round(100 * certified)), SYMBOLS[DASHES.index(ink.dash)]
        figure.add_trace(
            go.Scatter(
                x=[cost or nothing],
                y=[100 * certified],
                error_y=marks.bars([100 * (touched - certified)], ink.colour),
                mode="markers",
                name=name,
                marker={
                    "color": ink.colour,
                    "size": SIZE * WITHIN ** taken[place],
                    "line": {"width": 1.5, "color": style.plate},
                    "symbol": symbol + ("" if name in within else "-open"),
                },
                hovertemplate=f"{cost:,}: {100 * certified:.1f} % certified, eigenvalues seen in {100 * touched:.1f} %"
                f"<extra>{name}</extra>",
            )
        )
        taken[place] += 1
    if budget is not None:
        figure.add_vline(budget, line={"color": style.ink, "width": 1, "dash": "dot"})
        marks.name_line(figure, "budget")
    apply(figure, style)
    least, most = min(cost or nothing for cost, *_ in candidates.values()), max(positive)
    figure.update_xaxes(
        type="log",
        range=[log10(least / 1.5), log10(most * 1.5)],  # a line far out at the budget would stretch it
        title={"text": price, "standoff": 4},
        showgrid=False,
        dtick="D2",
        tickformat=",",
    )
    if least == nothing:
        decades = range(int(log10(min(positive))), int(log10(most)) + 1)
        ticks = [digit * 10**decade for decade in decades for digit in (1, 2, 5)]
        ticks = [tick for tick in ticks if min(positive) <= tick <= 1.5 * most]
        figure.update_xaxes(tickvals=[nothing, *ticks], ticktext=["0", *(f"{tick:,}" for tick in ticks)])
    figure.update_yaxes(range=[-3, 103], title={"text": "certified share of PM<sub>n</sub>, %", "standoff": 4})
    _framed(figure, title, height=560 + legend_room(len(candidates), 8))
    return figure.update_layout(legend_itemsizing="constant")


def _framed(figure: go.Figure, title: str | None, height: int, width: int | None = None) -> go.Figure:
    return titled(figure, title, left=70, top=(20, 70), bottom=70, height=height, width=width)
