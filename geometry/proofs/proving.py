"""Prove a map: find parameters for every piece, let the checker decide, and split what does not go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from math import log2
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.grid import EXTENT, cell_centres
from geometry.proofs.candidates import Candidates
from geometry.proofs.kinds import BITS, kind
from geometry.proofs.pieces import Piece
from geometry.proofs.proof import Proof
from geometry.reach import ReachMap
from geometry.stopping import to_stop
from projectors.checks import instance, whole_number

CHUNK = 16
"""Pieces that a process checks at a time."""

MOST_DEPTH = 8

Depth = Callable[[complex, float], int]
"""Middle and side of a square -> how often it may have been split."""

STRIPS = 2
"""How much finer strips of the real axis begin than squares."""


def prove(
    reach: ReachMap,
    depth: int | Depth = 2,
    *,
    workers: int = 1,
    told: Callable[[int, int, int], object] | None = None,
) -> Proof:
    """Map -> what of its cells is proved to consist of eigenvalues, every point of it.

    A square that does not go through at once is split in four, `depth` times at most, or as often as that says of its
    middle and its side. `workers` processes check: a script that asks for more than one begins with
    `if __name__ == "__main__":`. `told` is called with the level, the pieces that are checked there, and those proved
    so far. Needs python-flint. Ends early where it is asked to stop, with what is proved by then. Raises ValueError for
    a projector that no proof is offered for, for a map of a window, for a depth above 8, and where python-flint is
    missing.
    """
    projector = instance(reach, ReachMap, "the map").projector
    if not callable(depth):
        whole_number(depth, "depth", 0, MOST_DEPTH)
    bits = BITS if callable(depth) else _bits(len(reach.centres), depth)
    rule = kind(projector, bits)
    if reach.centre != 0 or not np.allclose(reach.centres, cell_centres(len(reach.centres)), rtol=0, atol=1e-12):
        raise ValueError("a proof starts from a map of the whole plane, not of a window")
    cells, half = len(reach.centres), Fraction(EXTENT).limit_denominator(1000)
    candidates = Candidates(projector, rule)
    level, pieces, numbers = 0, [], []
    squares = _first(reach)
    with _checking(workers) as check:
        while squares and not to_stop():
            sides = np.array([[float(side) for side in each.sides(cells, half)] for each in squares])
            tried = candidates.of(sides)
            rows = list(tried)
            jobs = [(rule.about, squares[row].sides(cells, half), tried[row]) for row in rows]
            verdicts = dict(zip(rows, check(jobs), strict=True))
            for row in rows:
                if verdicts[row]:
                    pieces.append(squares[row])
                    numbers.append(tuple(tried[row]))
            if told is not None:
                told(level, len(jobs), len(pieces))
            left = [
                square
                for row, square in enumerate(squares)
                if not verdicts.get(row, False) and level < _deepest(depth, sides[row])
            ]
            squares = [child for square in left for child in square.children()]
            level += 1
    return Proof(projector, half, reach.reached, tuple(pieces), tuple(numbers), bits)


def _bits(cells: int, depth: int) -> int:
    """Cells in a direction, depth -> the binary digits of parameters: eight more than the smallest rectangle has."""
    return max(BITS, round(log2(cells * 2**depth)) + 7)


def _deepest(depth: int | Depth, sides: NDArray[np.float64]) -> int:
    """How often a rectangle of these sides a, b, c, d may have been split."""
    if not callable(depth):
        return depth
    a, b, c, d = sides.tolist()
    return min(MOST_DEPTH, depth(complex(a + b, c + d) / 2, d - c))


def _first(reach: ReachMap) -> list[Piece]:
    """What is tried: the cells that are touched, and their neighbours, above the real axis, and strips on it."""
    seen = np.pad(reach.touched, 1)
    cells, middle = len(reach.centres), len(reach.centres) // 2
    around = np.any([seen[i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    squares = [Piece(0, row, column) for row, column in np.argwhere(around).tolist() if row > middle]
    strips = [Piece(0, middle, column, strip=True) for column in np.flatnonzero(around[middle]).tolist()]
    for _ in range(STRIPS):
        strips = [child for strip in strips for child in strip.children()]
    return squares + strips


@contextmanager
def _checking(workers: int) -> Iterator[Callable[[Sequence[Any]], list[bool]]]:
    """What decides about pieces, in so many processes."""
    if whole_number(workers, "workers", 1, 1024) == 1:
        yield lambda jobs: [decided(job) for job in jobs]
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield lambda jobs: list(pool.map(decided, jobs, chunksize=CHUNK))


def decided(job: tuple[dict[str, Any], tuple[Fraction, ...], list[int]]) -> bool:
    """What a certificate says of the set, the sides of a piece, its integers -> the checker's verdict."""
    try:
        from flint import fmpq
    except ImportError as error:
        raise ValueError("proofs need python-flint: pip install python-flint") from error
    from geometry.proofs import check

    about, sides, numbers = job
    return check.decided(about, numbers, *(fmpq(each.numerator, each.denominator) for each in sides))
