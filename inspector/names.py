"""Names of parameters: which layer and which part of it they belong to, and the order in which a signal meets them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

PARTS = {"attn": 0, "attention": 0, "self_attn": 0, "self_attention": 0, "ffn": 2, "mlp": 2, "moe": 2}
"""Words that say which half of a layer a site belongs to, and which half comes first."""

ASIDE = ("mtp",)
"""Stacks that are no part of the network's depth: heads that predict further tokens."""


UNNAMED = "layers"
"""The stack of names that begin with their number, as a Sequential's do."""


class Place(NamedTuple):
    """Where a site is: the stack that is numbered, the number of the layer, and the part of it."""

    stack: str
    layer: int
    site: str


def place(name: str, number: int) -> Place:
    """Name, its number among all -> its place; a name without a number is a layer of its own.

    >>> place("model.layers.10.attn_hc", 0), place("3-cycle", 5)
    (Place(stack='model.layers', layer=10, site='attn'), Place(stack='', layer=5, site='3-cycle'))
    """
    parts = name.split(".")
    for position, part in enumerate(parts):
        stem, _, digits = part.rpartition("_")
        if part.isdecimal() and len(part) < 10:
            return Place(".".join(parts[:position]) or UNNAMED, int(part), _short(parts[position + 1 :]))
        if stem and digits.isdecimal() and len(digits) < 10:  # layers_3, as in flax
            return Place(".".join([*parts[:position], stem]), int(digits), _short(parts[position + 1 :]))
    return Place("", number, _short(parts))


def _numbers(name: str) -> list[int]:
    """The numbers in a name: of two in one layer, they tell which comes first."""
    return [int(digits) for digits in re.findall(r"\d{1,9}", name)]


def _short(rest: list[str]) -> str:
    words = [word for part in rest for word in part.split("_")]
    known = [word for word in words if word.lower() in PARTS]
    return known[0].lower() if known else ".".join(rest)


def in_order(names: Iterable[str]) -> list[tuple[str, Place]]:
    """Names as a file has them -> the same with their places, layer by layer, h.2 before h.10, attention first.

    Stacks follow each other as they first appear, those that predict further tokens at the end. Names without a number
    stay where they are.

    >>> [name for name, _ in in_order(["h.10.mlp", "h.2.mlp", "h.10.attn"])]
    ['h.2.mlp', 'h.10.attn', 'h.10.mlp']
    """
    placed = [(name, place(name, number)) for number, name in enumerate(names)]
    stacks: dict[str, int] = {}
    for _, where in placed:
        stacks.setdefault(where.stack, len(stacks))
    return sorted(
        placed,
        key=lambda each: (
            each[1].stack.split(".")[0] in ASIDE,
            stacks[each[1].stack],
            each[1].layer,
            PARTS.get(each[1].site, 1),
            _numbers(each[0]),
        ),
    )
