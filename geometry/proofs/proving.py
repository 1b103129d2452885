"""Prove a map: find parameters for every square, let the checker decide, and split what does not go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from geometry.proofs.pieces import BITS, Piece, kind
from geometry.proofs.proof import Proof
from geometry.reach import ReachMap
from geometry.reach.search.attempts import spectra
from geometry.reach.search.newton import steer
from geometry.spaces import Parameters
from geometry.stopping import to_stop
from projectors import Projector
from projectors.checks import instance, whole_number

NEAR = 0.05
"""How far from the middle of a square, in its sides, the eigenvalue may be that its parameters have."""

NEIGHBOURS, STEPS = 3, 24
CHUNK = 16
"""Squares that a process checks at a time."""

MOST_DEPTH = 8


@dataclass(eq=False)
class _Known:
    """Parameters of known eigenvalues, to start from: theta (k, p), values (k,) of the upper half plane."""

    projector: Projector
    theta: Tensor
    values: np.ndarray

    def near(self, aims: np.ndarray) -> tuple[Tensor, np.ndarray]:
        """Aims (m,) -> parameters (m, p) with an eigenvalue there, or as near as came of it, and the distance (m,)."""
        count = min(NEIGHBOURS, len(self.values))
        plane = np.stack([self.values.real, self.values.imag], -1)
        _, rows = cKDTree(plane).query(np.stack([aims.real, aims.imag], -1), k=range(1, count + 1))
        best, distance = self.theta[torch.from_numpy(rows[:, 0])], np.full(len(aims), np.inf)
        for place in range(count):
            open_ = np.flatnonzero(distance > 1e-9)
            if not len(open_):
                break
            targets = torch.from_numpy(aims[open_])
            moved = self._steered(self.theta[torch.from_numpy(rows[open_, place])], targets)
            missed = self._missed(moved, targets)
            better = missed < distance[open_]
            best[open_[better]], distance[open_[better]] = moved[better], missed[better]
        new = distance < 1e-9
        self.theta = torch.cat([self.theta, best[new]])
        self.values = np.concatenate([self.values, aims[new]])
        return best, distance

    def _steered(self, theta: Tensor, targets: Tensor) -> Tensor:
        return steer(Parameters(self.projector), theta, targets, STEPS, patience=6)[0]

    def _missed(self, theta: Tensor, targets: Tensor) -> np.ndarray:
        values, _ = spectra(self.projector, theta)
        return np.asarray((values - targets[:, None]).abs().amin(-1).nan_to_num(torch.inf).numpy())


def prove(
    reach: ReachMap,
    depth: int = 3,
    *,
    workers: int = 1,
    told: Callable[[int, int, int], object] | None = None,
) -> Proof:
    """Map with witnesses -> what of its cells is proved to consist of eigenvalues, every point of it.

    A square that does not go through at once is split in four, `depth` times at most. `workers` processes check: a
    script that asks for more than one begins with `if __name__ == "__main__":`. `told` is called with the level, the
    squares that are checked there, and those proved so far. Needs python-flint. Ends early where it is asked to stop,
    with what is proved by then. Raises ValueError for a projector that no proof is offered for, for a map without
    witnesses or of a window, for a depth above 8, and where python-flint is missing.
    """
    projector = instance(reach, ReachMap, "the map").projector
    rule, depth = kind(projector), whole_number(depth, "depth", 0, MOST_DEPTH)
    if not reach.has_witnesses or reach.centre != 0:
        raise ValueError("a proof starts from the witnesses of a map of the whole plane, searched here")
    cells, half = len(reach.centres), _half(reach)
    known = _start(reach)
    level, pieces, numbers = 0, [], []
    squares = _first(reach)
    with _checking(workers) as check:
        while squares and len(known.values) and not to_stop():
            aims = np.array([_aim(square, cells, half) for square in squares])
            theta, distance = known.near(aims)
            sides = 2 * float(half) / cells / 2**level
            close = np.flatnonzero(distance < NEAR * sides)
            given = [rule.numbers(theta[row]) for row in close]
            jobs = [
                ({**rule.about, "bits": BITS}, squares[row].sides(cells, half), each)
                for row, each in zip(close, given, strict=True)
            ]
            verdicts = dict(zip(close.tolist(), check(jobs), strict=True))
            for row, each in zip(close.tolist(), given, strict=True):
                if verdicts[row]:
                    pieces.append(squares[row])
                    numbers.append(tuple(each))
            if told is not None:
                told(level, len(jobs), len(pieces))
            if level == depth:
                break
            left = [square for row, square in enumerate(squares) if not verdicts.get(row, False)]
            squares = [child for square in left for child in square.children() if child.sides(cells, half)[3] > 0]
            level += 1
    return Proof(projector, reach.centres, half, reach.reached, tuple(pieces), tuple(numbers))


def _half(reach: ReachMap) -> Fraction:
    """Half the side of the map as the fraction that was meant."""
    cells = len(reach.centres)
    return Fraction(float(reach.centres[-1]) * cells / (cells - 1)).limit_denominator(1000)


def _start(reach: ReachMap) -> _Known:
    """The map's witnesses of cells above the axis."""
    rows = np.argwhere(reach.touched & (reach.plane.imag > reach.cell / 2) & (reach.witness >= 0))
    theta = reach.theta[torch.from_numpy(reach.witness[tuple(rows.T)])].double()
    values, _ = spectra(reach.projector, theta)
    aims = torch.from_numpy(reach.plane[tuple(rows.T)])
    nearest = values.gather(-1, (values - aims[:, None]).abs().argmin(-1, keepdim=True))[:, 0].numpy()
    return _Known(reach.projector, theta, nearest.real + 1j * np.abs(nearest.imag))


def _first(reach: ReachMap) -> list[Piece]:
    """The cells that are tried: those that are touched, and their neighbours, on the real axis and above it."""
    seen = np.pad(reach.touched, 1)
    cells, middle = len(reach.centres), len(reach.centres) // 2
    around = np.any([seen[i : i + cells, j : j + cells] for i in range(3) for j in range(3)], axis=0)
    return [Piece(0, int(row), int(column)) for row, column in np.argwhere(around) if row >= middle]


def _aim(square: Piece, cells: int, half: Fraction) -> complex:
    """Where the parameters of a square are sought: the middle of Re, and of the square of Im."""
    a, b, c, d = (float(each) for each in square.sides(cells, half))
    return complex((a + b) / 2, np.sqrt((c * c + d * d) / 2))


@contextmanager
def _checking(workers: int) -> Iterator[Callable[[Sequence[Any]], list[bool]]]:
    """What decides about squares, in so many processes."""
    if whole_number(workers, "workers", 1, 1024) == 1:
        yield lambda jobs: [decided(job) for job in jobs]
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield lambda jobs: list(pool.map(decided, jobs, chunksize=CHUNK))


def decided(job: tuple[dict[str, Any], tuple[Fraction, ...], list[int]]) -> bool:
    """What a certificate says of a square -> the checker's verdict."""
    try:
        from flint import fmpq
    except ImportError as error:
        raise ValueError("proofs need python-flint: pip install python-flint") from error
    from geometry.proofs import check

    about, sides, numbers = job
    return check.decided(about, numbers, *(fmpq(each.numerator, each.denominator) for each in sides))
