"""A task: one quantity of one method, with everything that its numbers depend on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2s
from typing import Any

from projectors import Projector
from projectors.table import METHODS, Options

FORMAT = 1
"""To be raised when the numbers of a quantity change: what was computed before is then computed anew."""


@dataclass(frozen=True)
class Task:
    """Quantity, method by its name in `projectors.table`, size, rank (None where it does not matter), and options.

    `options` are pairs (name, value), in the order of their names. Equal tasks have equal keys, on every machine.
    """

    quantity: str
    method: str
    n: int
    s: int | None
    seed: int
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything the result depends on, for JSON."""
        return {
            "format": FORMAT,
            "quantity": self.quantity,
            "method": self.method,
            "n": self.n,
            "s": self.s,
            "seed": self.seed,
            **dict(self.options),
        }

    @cached_property
    def key(self) -> str:
        """The name of its file: a digest of its recipe."""
        return digest(self.recipe)

    @property
    def projector(self) -> Projector:
        """What the task is about."""
        (row,) = (row for row in METHODS if row.name == self.method)
        return row.make(Options(self.n, 1 if self.s is None else self.s))

    def __str__(self) -> str:
        rank = "" if self.s is None else f", s = {self.s}"
        return f"{self.quantity} of {self.method}, n = {self.n}{rank}"


def digest(recipe: dict[str, Any]) -> str:
    """A recipe -> the name of its result's file."""
    return blake2s(json.dumps(recipe, sort_keys=True).encode(), digest_size=12).hexdigest()
