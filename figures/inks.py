"""Which method is drawn in which colour and dash: the same in every figure, whatever else is drawn there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from figures.style import Style
from projectors import table

DASHES = ("solid", "dash", "dot", "dashdot", "9px,3px,2px,3px,2px,3px")
"""Of lines of one colour, in order; all of each shows in a sample as short as that of a legend."""

COLOURS = 8
"""Of the curves of a style. Places of inks run through them solid, then dashed, and so on through DASHES."""

RANKS = {1: 4, 3: 6}
"""Places of the colours of a method's ranks, if several are drawn; s = 2 is the method's own."""

BASELINES = {"residual": 15, "HC": 20}
"""Places of what language models are compared with and that is no row of the table."""


class Ink(NamedTuple):
    """How a curve is drawn."""

    colour: str
    dash: str


def inks(names: Iterable[str], style: Style) -> dict[str, Ink]:
    """Names of curves -> an ink for each: a method's own; for other names, in their order, a colour that fewest have.

    Where one's own is taken, as by "go-mHC" where "go-mHC, s = 2" is drawn too, it gets one like the other names.
    """
    own, places = _own(), dict[str, int]()
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        place = own.get(name, _ranked(name, own))
        if place is not None and place not in places.values():
            places[name] = place
    for name in wanted:
        if name not in places:
            taken = list(places.values())
            shared = [sum(place % COLOURS == colour for place in taken) for colour in range(COLOURS)]
            colour = shared.index(min(shared))
            dashes = [dash for dash in range(len(DASHES)) if colour + COLOURS * dash not in taken]
            places[name] = colour + COLOURS * (dashes[0] if dashes else shared[colour] % len(DASHES))
    return {name: Ink(style.curves[places[name] % COLOURS], DASHES[places[name] // COLOURS]) for name in wanted}


def _own() -> dict[str, int]:
    """The place of every row of the table: the one it names, or the next that nobody does; and of the baselines."""
    named = {row.name: row.colour for row in table.METHODS if row.colour is not None} | BASELINES
    free = (place for place in count() if place not in {*named.values(), *RANKS.values()})
    return named | {row.name: next(free) for row in table.METHODS if row.colour is None}


def _ranked(name: str, own: dict[str, int]) -> int | None:
    """A name such as "go-mHC, s = 3" -> the place of that rank, None if it is not of a row of the table."""
    found = re.fullmatch(r"(.+), ([sk]) = (\d+)", name)
    if found is None or found[1] not in own:
        return None
    place, rank = own[found[1]], int(found[3])
    if found[2] == "s" and rank in RANKS:
        return RANKS[rank] + place // COLOURS * COLOURS
    return (place + COLOURS * (rank - 2)) % (COLOURS * len(DASHES))
