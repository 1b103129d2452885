"""How a hunt for all cells of a map proceeds: up from smaller matrices, outwards, by scouts, then into the holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from geometry.devices import operations
from geometry.reach.cells import Cells
from geometry.reach.known import has_formula, in_perfect_mirsky, possible
from geometry.reach.search.attempts import TOLERANCE
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.orders import ladder

LEAST = 2
"""Rounds after the first that are run in any case: some cells give in to a later neighbour only."""

AROUND = 3
"""From how many starts at once a cell is tried from the third round on, and a hole: few tries at a time are slow."""

SCOUTED = 3
"""Cells that are scouted in any case."""

WAVE = 3
"""Families of matrices that scouts try at once."""

AFFORDABLE = 2**23
"""Operations of as many matrices as are tried without need: of large matrices, fewer are."""


THRIFT = 4
"""How many times fewer random matrices do where larger ones follow: as much is found in the end."""


def spread(hunt: Hunt, cell: float, first: float = np.inf) -> Iterator[int]:
    """Run rounds until none solves a target, on those near known eigenvalues: in the first nearer than `first`."""
    around = _affordable(hunt, AROUND, 1)
    for round_number in range(hunt.effort.map_rounds):
        won = 0
        near = first if round_number == 0 else hunt.effort.farthest * cell
        for new in hunt.advance(near, 1 if round_number < LEAST else around):
            won += new
            yield new
        if hunt.deadline.cut or (won == 0 and round_number >= LEAST):
            return


def climb(hunt: Hunt) -> Iterator[int]:
    """Seek what smaller matrices reach, order by order, and let it hold for those of the hunt: see `orders`."""
    for small in ladder(hunt.projector):
        open_ = np.flatnonzero(~hunt.solved.cpu().numpy())
        open_ = open_[in_perfect_mirsky(small.n, hunt.targets.cpu().numpy()[open_])]
        if not len(open_):
            continue
        if hunt.deadline.passed():
            return
        rows, effort = torch.from_numpy(open_).to(hunt.targets.device), hunt.deadline.left(hunt.effort)
        keep, device = hunt.witnesses is not None, hunt.targets.device
        below = Hunt(small, hunt.targets[rows], hunt.seed, effort, keep=keep, thrift=THRIFT, device=device)
        for new in below.advance():
            hunt.take(rows, below)
            yield new


def scout(hunt: Hunt, cell: float) -> Iterator[int]:
    """Try a few of the cells that resist, all over them, from matrices of many families; if one gives in, spread on.

    What is known near a cell may be all of one family that does not reach it: for mHC-lite of n = 5, the circulants
    that a formula gives, which end where the exception to Perfect and Mirsky begins. Where a search from random
    matrices came before, and the first few families lead nowhere, the others are left alone.
    """
    goals = hunt.targets.cpu().numpy()
    resisting = np.flatnonzero(~hunt.solved.cpu().numpy() & possible(hunt.projector, goals, TOLERANCE))
    count = min(len(resisting), _affordable(hunt, hunt.effort.polished, SCOUTED))
    chosen = resisting[np.linspace(0, len(resisting) - 1, count).round().astype(int)]
    owners = hunt.starts.scattered(goals[chosen], hunt.effort.stubborn)
    won = 0
    waves = -(-hunt.effort.stubborn // WAVE)
    for wave in range(waves):
        left = ~hunt.solved.cpu().numpy()[chosen]
        before = won
        for new in hunt.scout(chosen[left], owners[left, wave::waves]):
            won += new
            yield new
        if won == before and not has_formula(hunt.projector):
            break
    if won:
        yield from spread(hunt, cell, hunt.effort.farthest * cell)


def fill_holes(hunt: Hunt, sought: NDArray[np.bool_], cells: Cells) -> Iterator[int]:
    """Try the cells that resisted among solved neighbours once more, patiently, as long as some give in."""
    for _ in range(hunt.effort.hole_rounds):
        reached = np.zeros(sought.shape, dtype=bool)
        reached[sought] = hunt.solved.cpu().numpy()
        below = reached[1:2] if cells.mirrored else np.zeros_like(reached[:1])
        around = np.pad(np.concatenate([below, reached]), ((0, 1), (1, 1))).astype(int)
        neighbours = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        holes = (neighbours >= 3) & ~reached
        won = 0
        for new in hunt.insist(np.flatnonzero(holes[sought]), AROUND):
            won += new
            yield new
        if not won:
            return


def _affordable(hunt: Hunt, most: int, least: int) -> int:
    """How many of something to try, by what a matrix costs."""
    return max(least, min(most, AFFORDABLE // operations(hunt.projector)))
