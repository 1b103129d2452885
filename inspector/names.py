"""Names of parameters: which layer and which part of it they belong to, and the order in which a signal meets them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

PARTS = {"attn": 0, "attention": 0, "self_attn": 0, "self_attention": 0, "ffn": 2, "mlp": 2, "moe": 2}
"""Words that say which half of a layer a site belongs to, and which half comes first."""

ASIDE = ("mtp",)
"""Stacks that are no part of the network's depth: heads that predict further tokens."""

UNNAMED = "layers"
"""The stack of names that begin with their number, as a Sequential's do."""

FILE = ": "
"""What stands between the name of a file and that of a tensor in it, where several files name theirs alike."""

DIGITS = re.compile(r"\d{1,9}")

LAYER_FILE = re.compile(r"(layers?|blocks?|h)[-_.]?(\d{1,9})\.\w+")
"""Names of files that say that each is a layer: ckpt_1000.npy is not."""


class Place(NamedTuple):
    """Where a site is: the stack that is numbered, the number of the layer, and the part of it."""

    stack: str
    layer: int
    site: str


class _Parts:
    """A name in parts, and which of these number a list: 10 of layers.10 and of layers_10, as in flax.

    `runs` are positions of numbers; those that follow each other directly, as in layers.10.0, are in one run. What
    comes after the name of a layer's half counts no more: lists within it are no layers.
    """

    def __init__(self, name: str) -> None:
        self.file, _, inner = name.rpartition(FILE)
        if layer := LAYER_FILE.fullmatch(self.file):
            self.file, inner = "", f"{layer[1]}_{layer[2]}.{inner}"
        self.parts = inner.split(".")
        self.masked = [f"{self.file}{FILE}{DIGITS.sub('#', each)}" for each in _prefixes(self.parts)]
        self.runs: list[list[int]] = []
        for position, part in enumerate(self.parts):
            if self.runs and _half(part):
                break
            stem, _, digits = part.rpartition("_")
            if digits.isdecimal() and len(digits) < 10 and (stem or part == digits):
                if part == digits and self.runs and self.runs[-1][-1] == position - 1:
                    self.runs[-1].append(position)
                else:
                    self.runs.append([position])

    def number(self, position: int) -> int:
        return int(self.parts[position].rpartition("_")[2])

    @property
    def stack(self) -> str:
        """What stands before the first number, the file included; empty without a number."""
        if not self.runs:
            return ""
        first = self.runs[0][0]
        before = ".".join([*self.parts[:first], *self.parts[first].split("_")[:-1]])
        return (self.file and self.file + FILE) + (before or UNNAMED)


def last(name: str) -> str:
    """Name -> its last part, the file that it is of left out.

    >>> last("layers.0.hc_attn"), last("a.pt: hc_attn")
    ('hc_attn', 'hc_attn')
    """
    return name.rpartition(FILE)[2].rpartition(".")[2]


def in_order(names: Iterable[str]) -> list[tuple[str, Place]]:
    """Names as a file has them -> the same with their places, layer by layer, h.2 before h.10, attention first.

    The number of a layer is that by which names differ, of two in a row the first: h.3 of model.0.h.3. Layers of
    stages are counted through all stages. Stacks follow each other as they first appear, those that predict further
    tokens at the end; numbers in the names of files are no layers, unless they say so, as layer_3.npy does. Names
    without a number stay where they are.

    >>> [name for name, _ in in_order(["h.10.mlp", "h.2.mlp", "h.10.attn"])]
    ['h.2.mlp', 'h.10.attn', 'h.10.mlp']
    >>> [place for _, place in in_order(["model.layers.10.attn_hc", "3-cycle"])]
    [Place(stack='model.layers', layer=10, site='attn'), Place(stack='', layer=1, site='3-cycle')]
    """
    split = {name: _Parts(name) for name in names}
    numbers = {name: number for number, name in enumerate(split)}
    appeared: dict[str, int] = {}
    several: dict[str, set[int]] = {}
    for name, given in split.items():
        for prefix in given.masked if given.runs else [name]:
            appeared.setdefault(prefix, len(appeared))
        for position in (position for run in given.runs for position in run):
            several.setdefault(given.masked[position], set()).add(given.number(position))
    levels = {name: _levels(given, several) for name, given in split.items()}
    nested = {given.stack for name, given in split.items() if len(levels[name]) > 1}
    counted: dict[str, dict[tuple[object, ...], int]] = {stack: {} for stack in nested}
    placed = []
    for name in sorted(split, key=lambda name: _key(name, split[name], appeared)):
        given, at = split[name], levels[name]
        layer = given.number(at[-1]) if at else numbers[name]
        if given.stack in nested:
            known = counted[given.stack]
            layer = known.setdefault((given.masked[at[-1]], *map(given.number, at)), len(known))
        placed.append((name, Place(given.stack, layer, _short(given.parts[at[-1] + 1 if at else 0 :]))))
    return placed


def _levels(given: _Parts, several: dict[str, set[int]]) -> list[int]:
    """Positions of the numbers that tell layers apart: in each run, the first that is not the same in all names."""
    varying = [[each for each in run if len(several[given.masked[each]]) > 1] for run in given.runs]
    return [run[0] for run in varying if run] or [run[0] for run in given.runs[-1:]]


def _key(name: str, given: _Parts, appeared: dict[str, int]) -> tuple[object, ...]:
    """What names are sorted by: part by part, halves of a layer in their order, then as they appeared, then by number.

    Before the first number no half comes first, and a name without a number is one part.
    """
    if not given.runs:
        return False, [(1, appeared[name], ())]
    first = given.runs[0][0]
    return given.parts[0] in ASIDE, [
        (_rank(part) if position > first else 1, appeared[masked], _numbers(part))
        for position, (part, masked) in enumerate(zip(given.parts, given.masked, strict=True))
    ]


def _prefixes(parts: Sequence[str]) -> list[str]:
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


@lru_cache(4096)
def _half(part: str) -> str:
    """Part of a name -> the first word in it that names half of a layer, or nothing."""
    return next((word for word in part.lower().split("_") if word in PARTS), "")


@lru_cache(4096)
def _numbers(part: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in DIGITS.findall(part))


def _rank(part: str) -> int:
    return PARTS.get(_half(part), 1)


def _short(rest: Sequence[str]) -> str:
    return next(filter(None, map(_half, rest)), "") or ".".join(rest)
