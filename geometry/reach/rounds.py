"""How a hunt for all cells of a map proceeds: outwards from what is known, then into the holes that are left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from geometry.reach.hunt import Hunt

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


def fill_holes(hunt: Hunt, sought: NDArray[np.bool_], cell: float) -> Iterator[int]:
    """Try the cells that resisted among solved neighbours once more, patiently."""
    for _ in range(hunt.effort.hole_rounds):
        if hunt.deadline.cut:
            return
        reached = np.zeros(sought.shape, dtype=bool)
        reached[sought] = hunt.solved.cpu().numpy()
        around = np.pad(np.concatenate([reached[1:2], reached]), ((0, 1), (1, 1))).astype(int)
        neighbours = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        holes = (neighbours >= 3) & ~reached
        hunt.insist(torch.from_numpy(holes[sought]))
        yield from hunt.advance(hunt.effort.farthest * cell)
