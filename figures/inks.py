"""Which method is drawn in which colour: each keeps its own in every figure, and none is shared while some are left.

Where they run out, the dash tells methods of one colour apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from figures.style import Style
from projectors import table

RANKS = {1: 4, 3: 6}
"""Places of the colours of a ranked method's ranks, if several are drawn; s = 2 has the method's own."""


DASHES = ("solid", "dash", "dot", "dashdot", "9px,3px,2px,3px,2px,3px")
"""Of lines of one colour, in order; all of each shows in a sample as short as that of a legend."""


class Ink(NamedTuple):
    """How a curve is drawn."""

    colour: str
    dash: str


def inks(names: Iterable[str], style: Style) -> dict[str, Ink]:
    """Names of curves -> an ink for each: a method's own colour, for the others in their order one that fewest have."""
    places: dict[str, int] = {}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        place = _own(name)
        if place is not None and place not in places.values():
            places[name] = place
    owners = list(places)
    users = [list(places.values()).count(place) for place in range(len(style.curves))]
    for name in wanted:
        if name not in places:
            places[name] = users.index(min(users))
            users[places[name]] += 1
    drawn: dict[str, Ink] = {}
    for name in [*owners, *(name for name in wanted if name not in owners)]:  # whose colour it is has it solid
        colour = style.curves[places[name] % len(style.curves)]
        shared = sum(ink.colour == colour for ink in drawn.values())
        drawn[name] = Ink(colour, DASHES[shared % len(DASHES)])
    return {name: drawn[name] for name in wanted}


def families() -> list[str]:
    """Return the names of the paper's methods: their ranks and kinds, named after a comma, share one colour."""
    return [row.name for row in table.METHODS if not row.variant]


def _own(name: str) -> int | None:
    """Name of a curve, "go-mHC" or "go-mHC, s = 1" -> the place of its own colour, None if it has none."""
    for row in table.METHODS:
        if row.name == name:
            return row.colour
        method, _, rank = name.rpartition(", s = ")
        if row.ranked and row.name == method and rank.isdecimal():
            return row.colour if rank == "2" else RANKS.get(int(rank))
    return None
