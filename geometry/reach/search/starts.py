"""The points that searches start from: random ones, and what was found since, by the eigenvalues of their matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

REAL = 1e-9
"""Largest imaginary part of what counts as real when a start is chosen."""

STRIDE = 16
"""Of the random matrices nearest to a goal, every so manieth is taken where they are to differ."""

MOST_KNOWN = 2**27
"""Bytes of the points that searches may start from."""


class Starts:
    """Points (k, ...) and the eigenvalues (k, n - 1) of their matrices; `bank` are the random ones, which come first.

    Beyond `MOST_KNOWN` bytes, those go that came first after the random ones: searches grow outwards.
    """

    def __init__(self, points: Tensor, values: NDArray[np.complex128]) -> None:
        self.parts, self._values = [points], [values]
        self._random = _Cloud(values.ravel())

    def remember(self, points: Tensor, values: NDArray[np.complex128]) -> None:
        """Let later searches start from points (b, ...) with eigenvalues (b, n - 1)."""
        self.parts.append(points)
        self._values.append(values)
        while len(self.parts) > 2 and sum(part.nbytes for part in self.parts) > MOST_KNOWN:
            del self.parts[1], self._values[1]

    @property
    def values(self) -> NDArray[np.complex128]:
        """Every eigenvalue (e,) of every point."""
        return np.concatenate([values.ravel() for values in self._values])

    @property
    def bank(self) -> tuple[NDArray[np.complex128], Tensor]:
        """The random ones: eigenvalues (b, n - 1) and points (b, ...)."""
        return self._values[0], self.parts[0]

    def nearest(self, goals: NDArray[np.complex128], count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Goals (g,) -> distances (g, count) of the nearest known eigenvalues, the numbers (g, count) of their points.

        Real eigenvalues are known for real goals and others for others, as long as there are any: a real one leaves the
        axis only where it meets another. With fewer eigenvalues than count the last is repeated, with none the distance
        is inf.
        """
        clouds = [self._random, _Cloud(np.concatenate([np.empty(0), *(part.ravel() for part in self._values[1:])]))]
        gaps = np.full((len(goals), count), np.inf)
        places = np.zeros((len(goals), count), dtype=np.int64)
        for real in (True, False):
            rows = np.flatnonzero((np.abs(goals.imag) <= REAL) == real)
            side = real if any(cloud.count(real) for cloud in clouds) else None
            if not len(rows) or not any(cloud.count(side) for cloud in clouds):
                continue
            found = [cloud.nearest(goals[rows], range(count), side) for cloud in clouds]
            both = np.concatenate([gap for gap, _ in found], -1)
            owners = np.concatenate([found[0][1], found[1][1] + clouds[0].count()], -1)
            order = np.argsort(both, axis=-1, kind="stable")[:, :count]
            gaps[rows], places[rows] = (np.take_along_axis(part, order, -1) for part in (both, owners))
        missing = np.isinf(gaps)
        last = np.maximum((~missing).sum(-1, keepdims=True) - 1, 0)
        gaps, places = (np.where(missing, np.take_along_axis(part, last, -1), part) for part in (gaps, places))
        return gaps, places // max(1, self._values[0].shape[1])

    def scattered(self, goals: NDArray[np.complex128], count: int) -> NDArray[np.int64]:
        """Goals (g,) -> the numbers (g, count) of random points ever farther from them, none like the last.

        The nearest known eigenvalues often belong to one family of matrices. One that reaches farther may be another.
        """
        values, _ = self.bank
        stride = max(1, min(STRIDE, values.size // count))
        places = np.zeros((len(goals), count), dtype=np.int64)
        for real in (True, False):
            rows = np.flatnonzero((np.abs(goals.imag) <= REAL) == real)
            side = real if self._random.count(real) else None
            _, places[rows] = self._random.nearest(goals[rows], range(0, stride * count, stride), side)
        return places // max(1, values.shape[1])


def gathered(parts: Sequence[Tensor], numbers: Tensor) -> Tensor:
    """Parts (p, ...), numbers (b,) of points in all of them -> these points (b, ...)."""
    found = parts[0].new_empty(len(numbers), *parts[0].shape[1:])
    first = 0
    for part in parts:
        here = torch.nonzero((numbers >= first) & (numbers < first + len(part)))[:, 0]
        found[here] = part[numbers[here] - first]
        first += len(part)
    return found


class _Cloud:
    """Eigenvalues (e,), and trees of those that are real, of those that are not, and of all, made when asked for."""

    def __init__(self, values: NDArray[np.complex128]) -> None:
        self._values = values
        real = np.abs(values.imag) <= REAL
        self._rows = {True: np.flatnonzero(real), False: np.flatnonzero(~real), None: np.arange(len(values))}
        self._trees: dict[bool | None, cKDTree] = {}

    def count(self, real: bool | None = None) -> int:
        """How many there are: real ones, others, or of both kinds."""
        return len(self._rows[real])

    def nearest(
        self, goals: NDArray[np.complex128], ranks: range, real: bool | None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Goals (g,), ranks (k,) from 0 -> distances (g, k) and numbers (g, k), inf where there are not so many."""
        rows = self._rows[real]
        gaps = np.full((len(goals), len(ranks)), np.inf)
        places = np.zeros((len(goals), len(ranks)), dtype=np.int64)
        within = [rank + 1 for rank in ranks if rank < len(rows)]
        if within and len(goals):
            if real not in self._trees:
                self._trees[real] = cKDTree(_coordinates(self._values[rows]))
            gaps[:, : len(within)], found = self._trees[real].query(_coordinates(goals), k=within)
            places[:, : len(within)] = rows[found]
            places[:, len(within) :] = places[:, len(within) - 1 : len(within)]
        return gaps, places


def _coordinates(z: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.column_stack([z.real, z.imag])
