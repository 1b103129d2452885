"""The search behind `solve` and `reach_map`: many targets at once, each from the nearest eigenvalue known so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from geometry.devices import WORKING_SET, one_thread, operations
from geometry.reach.attempts import TOLERANCE, attempt, spectra
from geometry.spaces import space_of
from geometry.spaces.base import Space
from projectors import Projector

NEIGHBOURS = 6
"""How many of the nearest known eigenvalues a stubborn target tries to start from."""

REAL = 1e-9
"""Largest imaginary part of what counts as real when a start is chosen."""

PATIENCE = 4
"""Iterations within which the residual of a map's cell must halve: half of the work would go to hopeless cells."""


@dataclass
class Hunt:
    """Targets (m,) with the best point found for each; `advance` improves them round by round.

    theta (m, p) are the best matrices' free parameters, values (m, n - 1) the eigenvalues recomputed from them,
    distance (m,) that of the nearest one, inf before the first try, steps (m,) the Gauss-Newton steps taken. Everything
    else is the memory of the search.
    """

    projector: Projector
    targets: Tensor
    seed: int = 0
    iterations: int = 24
    patience: int | None = PATIENCE
    device: str | torch.device = "cpu"

    def __post_init__(self) -> None:
        generator = torch.Generator(self.device)
        generator.manual_seed(self.seed)
        self.space: Space = space_of(self.projector)
        cost = operations(self.projector)
        bank = max(16, min(128, 4_000_000_000 // cost), min(4096, 200_000_000 // cost))
        with torch.no_grad(), one_thread():
            points = self.space.random(bank, generator)
            values, errors = spectra(self.projector, self.space.parameters(points))
        count, device = len(self.targets), self.device
        self.theta = torch.zeros(count, self.projector.parameter_count, dtype=torch.float64, device=device)
        self.distance = torch.full((count,), torch.inf, dtype=torch.float64, device=device)
        self.values = torch.full((count, self.projector.n - 1), torch.nan, dtype=torch.complex128, device=device)
        self.steps = torch.zeros(count, dtype=torch.long, device=device)
        self.pool: list[Tensor] = []
        self._anchors: list[NDArray[np.complex128]] = []
        self._tries = np.zeros(len(self.targets), dtype=np.int64)
        self._nearest = np.full(len(self.targets), np.inf)
        self._remember(points, values, errors.isfinite())

    @property
    def solved(self) -> Tensor:
        """Which targets (m,) have a witness."""
        return self.distance <= TOLERANCE

    @property
    def known(self) -> NDArray[np.complex128]:
        """Every eigenvalue (k,) of every matrix that searches may start from, a witness each."""
        return np.concatenate([anchors.ravel() for anchors in self._anchors])

    @property
    def owners(self) -> NDArray[np.int64]:
        """The number (k,) in `pool`, taken as one batch, of the point that each known eigenvalue belongs to."""
        return np.repeat(np.arange(sum(map(len, self.pool))), self.projector.n - 1)

    def advance(self, near: float = np.inf) -> Iterator[int]:
        """Try every unsolved target with a known eigenvalue no farther than `near` -> newly solved, after each batch.

        A target starts from its nearest known eigenvalue; if that has not come nearer since its last try, from the
        next of a few neighbours, every other one of which is first taken away from its edge.
        """
        open_targets = np.flatnonzero(~self.solved.cpu().numpy())
        gaps, owners = self.nearest(self.targets.cpu().numpy()[open_targets])
        fresh = gaps[:, 0] < 0.9 * self._nearest[open_targets]
        self._tries[open_targets] = np.where(fresh, 0, self._tries[open_targets])
        chosen = self._tries[open_targets]
        worth = (gaps[:, 0] <= near) & (chosen < NEIGHBOURS) & np.isfinite(gaps[:, 0])
        self._nearest[open_targets] = np.minimum(self._nearest[open_targets], gaps[:, 0])
        starts = owners[np.arange(len(owners)), np.minimum(chosen, NEIGHBOURS - 1)][worth]
        self._tries[open_targets[worth]] += 1
        softened = torch.from_numpy(chosen[worth] % 2 == 1)
        points = torch.cat(self.pool)
        rows = torch.from_numpy(open_targets[worth]).to(points.device)
        size = self._batch()
        parts = (rows, torch.from_numpy(starts).to(points.device), softened.to(points.device))
        for part, start, soft in zip(*(each.split(size) for each in parts), strict=True):
            begin = points[start]
            begin[soft] = self.space.inwards(begin[soft])
            if len(part):
                yield self._attempt(part, begin)

    def insist(self, wanted: Tensor) -> None:
        """From now on try none but the wanted targets (m,) of bool, and lose patience with none of those."""
        self._tries[:], self.patience = np.where(wanted.numpy(), self._tries % NEIGHBOURS, NEIGHBOURS), None

    def nearest(self, goals: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Goals (g,) -> distances (g, 6) of the nearest known eigenvalues and the numbers (g, 6) of their points.

        Real eigenvalues are known for real goals and others for others, as long as there are any: a real one leaves the
        axis only where it meets another. With fewer than 6 the last is repeated, with none the distance is inf.
        """
        gaps = np.full((len(goals), NEIGHBOURS), np.inf)
        owners = np.zeros((len(goals), NEIGHBOURS), dtype=np.int64)
        known, owner = self.known, self.owners
        for side in (True, False):
            rows = np.flatnonzero((np.abs(goals.imag) <= REAL) == side)
            like = np.flatnonzero((np.abs(known.imag) <= REAL) == side)
            like = like if len(like) else np.arange(len(known))
            if len(rows) and len(like):
                tree = cKDTree(np.column_stack([known.real, known.imag])[like])
                ranks = [*range(1, min(NEIGHBOURS, len(like)) + 1)]
                ranks += ranks[-1:] * (NEIGHBOURS - len(ranks))
                gaps[rows], places = tree.query(np.column_stack([goals.real, goals.imag])[rows], k=ranks)
                owners[rows] = owner[like[places]]
        return gaps, owners

    def _attempt(self, rows: Tensor, points: Tensor) -> int:
        """Steer points (b, ...) towards the targets in `rows` (b,) and keep what is better -> how many were solved."""
        tried = attempt(self.space, self.projector, points, self.targets[rows], self.iterations, self.patience)
        self.steps[rows] += tried.steps
        better = tried.distance < self.distance[rows]
        kept = rows[better]
        self.theta[kept], self.values[kept] = tried.theta[better], tried.values[better]
        self.distance[kept] = tried.distance[better]
        won = tried.distance <= TOLERANCE
        self._remember(tried.points, tried.values, won)
        return int(won.sum())

    def _remember(self, points: Tensor, values: Tensor, kept: Tensor) -> None:
        """Let later searches start from points (b, ...) with eigenvalues (b, n - 1), where `kept` (b,) says so."""
        self.pool.append(points[kept])
        self._anchors.append(values[kept].cpu().numpy())

    def _batch(self) -> int:
        """How many targets to steer at once: bounded memory."""
        n, point = self.projector.n, self.pool[0][0].numel() * self.pool[0].element_size()
        return max(1, 2 * WORKING_SET // (8 * point + 12 * 16 * n**2))
