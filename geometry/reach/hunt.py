"""The search behind `solve` and `reach_map`: many targets at once, each from the nearest eigenvalue known so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from geometry.devices import WORKING_SET
from geometry.reach.newton import steer
from geometry.reach.spaces import Space, space_of
from geometry.spectra import deflate
from projectors import Projector

TOLERANCE = 1e-8
"""Largest distance of an eigenvalue of the witness from a target that counts as solved."""

NEIGHBOURS = 6
"""How many of the nearest known eigenvalues a stubborn target tries to start from."""


def spectra(projector: Projector, theta: Tensor) -> Tensor:
    """theta (batch, p) -> eigenvalues (batch, n - 1) besides the Perron root, from theta by LAPACK in float64."""
    with torch.no_grad():
        return torch.linalg.eigvals(deflate(projector(theta).double()))


@dataclass(frozen=True, eq=False)
class Attempt:
    """Where steering ended: points (b, ...), theta (b, p), their eigenvalues (b, n - 1), the nearest one's distance."""

    points: Tensor
    theta: Tensor
    values: Tensor
    distance: Tensor
    steps: Tensor


def attempt(space: Space, projector: Projector, points: Tensor, targets: Tensor, iterations: int) -> Attempt:
    """Points (b, ...), targets (b,) -> the points steered towards them, judged by the spectrum recomputed from theta.

    The distance is inf where the parameters are not finite, or the matrix is not doubly stochastic within 1e-8: a
    projector that is not exact is held to that.
    """
    with torch.no_grad():
        points, steps = steer(space, points, targets, iterations)
        theta = space.parameters(points)
        matrices = projector(theta)
    values = spectra(projector, theta)
    distance = (values - targets[:, None]).abs().amin(-1).nan_to_num(torch.inf)
    distance[(matrices.sum(-1) - 1).abs().amax(-1) > TOLERANCE] = torch.inf
    return Attempt(points, theta, values, distance, steps)


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
    iterations: int = 12
    device: str | torch.device = "cpu"

    def __post_init__(self) -> None:
        generator = torch.Generator(self.device)
        generator.manual_seed(self.seed)
        self.space: Space = space_of(self.projector)
        bank = max(128, min(4096, 2_000_000_000 // (self.projector.flops + 25 * self.projector.n**3) // 10))
        with torch.no_grad():
            self.pool = [self.space.random(bank, generator)]
        self.theta = torch.zeros(len(self.targets), self.projector.parameter_count, dtype=torch.float64)
        self.distance = torch.full((len(self.targets),), torch.inf, dtype=torch.float64)
        self.values = torch.full((len(self.targets), self.projector.n - 1), torch.nan, dtype=torch.complex128)
        self.steps = torch.zeros(len(self.targets), dtype=torch.long)
        self._anchors: list[NDArray[np.complex128]] = []
        self._tries = np.zeros(len(self.targets), dtype=np.int64)
        self._nearest = np.full(len(self.targets), np.inf)
        self._remember(spectra(self.projector, self.space.parameters(self.pool[0])))

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
        next of a few neighbours.
        """
        anchors = self.known
        open_targets = np.flatnonzero(~self.solved.cpu().numpy())
        goals = self.targets.cpu().numpy()[open_targets]
        count = min(NEIGHBOURS, len(anchors))
        tree = cKDTree(np.column_stack([anchors.real, anchors.imag]))
        gaps, places = tree.query(np.column_stack([goals.real, goals.imag]), k=count)
        gaps, places = gaps.reshape(-1, count), places.reshape(-1, count)
        fresh = gaps[:, 0] < 0.9 * self._nearest[open_targets]
        self._tries[open_targets] = np.where(fresh, 0, self._tries[open_targets])
        chosen = self._tries[open_targets]
        worth = (gaps[:, 0] <= near) & (chosen < count)
        self._nearest[open_targets] = np.minimum(self._nearest[open_targets], gaps[:, 0])
        starts = self.owners[places[np.arange(len(goals)), np.minimum(chosen, count - 1)]][worth]
        self._tries[open_targets[worth]] += 1
        points = torch.cat(self.pool)
        rows = torch.from_numpy(open_targets[worth])
        size = self._batch()
        for part, start in zip(rows.split(size), torch.from_numpy(starts).split(size), strict=True):
            yield self._attempt(part, points[start.to(points.device)])

    def _attempt(self, rows: Tensor, points: Tensor) -> int:
        """Steer points (b, ...) towards the targets in `rows` (b,) and keep what is better -> how many were solved."""
        tried = attempt(self.space, self.projector, points, self.targets[rows], self.iterations)
        self.steps[rows] += tried.steps
        better = tried.distance < self.distance[rows]
        kept = rows[better]
        self.theta[kept], self.values[kept] = tried.theta[better], tried.values[better]
        self.distance[kept] = tried.distance[better]
        won = tried.distance <= TOLERANCE
        self.pool.append(tried.points[won])
        self._remember(tried.values[won])
        return int(won.sum())

    def _remember(self, values: Tensor) -> None:
        self._anchors.append(values.cpu().numpy())

    def _batch(self) -> int:
        """How many targets to steer at once: bounded memory."""
        n, point = self.projector.n, self.pool[0][0].numel() * self.pool[0].element_size()
        return max(1, 2 * WORKING_SET // (8 * point + 12 * 16 * n**2))
