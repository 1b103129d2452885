"""How a hunt for all cells of a map proceeds: outwards from what is known, by scouts, then into the holes left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from geometry.reach.cells import Cells
from geometry.reach.search.hunt import Hunt

LEAST = 3
"""Rounds after the first that are run in any case: some cells give in to the second or third neighbour only."""


def spread(hunt: Hunt, cell: float) -> Iterator[int]:
    """Run rounds until none solves a target: first every target, then those next to known eigenvalues."""
    for round_number in range(hunt.effort.map_rounds):
        won = 0
        for new in hunt.advance(np.inf if round_number == 0 else hunt.effort.farthest * cell):
            won += new
            yield new
        if hunt.deadline.cut or (won == 0 and round_number >= LEAST):
            return


def scout(hunt: Hunt, cell: float) -> Iterator[int]:
    """Try a few of the cells that resist, all over them, from matrices of many families; if one gives in, spread on.

    What is known near a cell may be all of one family that does not reach it: for mHC-lite of n = 5, the circulants
    that a formula gives, which end where the exception to Perfect and Mirsky begins.
    """
    resisting = np.flatnonzero(~hunt.solved.cpu().numpy())
    count = min(hunt.effort.polished, len(resisting))
    chosen = resisting[np.linspace(0, len(resisting) - 1, count).round().astype(int)] if count else resisting
    won = 0
    for new in hunt.scout(chosen, hunt.effort.stubborn):
        won += new
        yield new
    if won:
        yield from spread(hunt, cell)


def fill_holes(hunt: Hunt, sought: NDArray[np.bool_], cells: Cells) -> Iterator[int]:
    """Try the cells that resisted among solved neighbours once more, patiently."""
    for _ in range(hunt.effort.hole_rounds):
        if hunt.deadline.cut:
            return
        reached = np.zeros(sought.shape, dtype=bool)
        reached[sought] = hunt.solved.cpu().numpy()
        below = reached[1:2] if cells.mirrored else np.zeros_like(reached[:1])
        around = np.pad(np.concatenate([below, reached]), ((0, 1), (1, 1))).astype(int)
        neighbours = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        holes = (neighbours >= 3) & ~reached
        hunt.insist(torch.from_numpy(holes[sought]))
        yield from hunt.advance(hunt.effort.farthest * cells.side)
