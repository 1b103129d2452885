"""The search behind `solve` and `reach_map`: many targets at once, each from the nearest eigenvalue known so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from geometry.devices import WORKING_SET, one_thread, operations
from geometry.effort import USUAL, Deadline, Effort
from geometry.reach.known import formula, has_formula, in_perfect_mirsky
from geometry.reach.search.attempts import TOLERANCE, attempt, misses, spectra
from geometry.spaces import space_of
from geometry.spaces.base import Space
from projectors import Projector
from projectors.checks import whole_number

REAL = 1e-9
"""Largest imaginary part of what counts as real when a start is chosen."""

FRESH = 0.9
"""A known eigenvalue counts as nearer than the last if its distance is less than this share of the last one's."""

MOST_KNOWN = 2**27
"""Bytes of the points that searches may start from."""

STRIDE = 16
"""Of the random matrices nearest to a goal, every so manieth is taken where they are to differ."""

FORMULA = 256
"""Targets that are met by a formula at once."""

MATRIX_OPERATIONS, MOST_OPERATIONS = 200_000_000, 4_000_000_000
"""What the random matrices that a search begins with may cost, and how much a hundred of them may cost anyway."""


class Hunt:
    """Targets (m,) with the best point found for each; `advance` improves them round by round.

    theta (m, p) are the best matrices' free parameters, values (m, n - 1) the eigenvalues recomputed from them,
    distance (m,) that of the nearest one, inf before the first try, steps (m,) the Gauss-Newton steps taken. `deadline`
    says whether time was up. Everything else is the memory of the search, which is bounded. A patient one does not give
    up targets whose residual stops falling; one that does not keep parameters has none, theta (0, p).
    Raises ValueError for a seed that is no whole number from 0 to 2^63 - 1.
    """

    def __init__(
        self,
        projector: Projector,
        targets: Tensor,
        seed: int = 0,
        effort: Effort = USUAL,
        *,
        patient: bool = False,
        keep: bool = True,
        device: str | torch.device = "cpu",
    ) -> None:
        generator = torch.Generator(device)
        generator.manual_seed(whole_number(seed, "the seed", 0, 2**63 - 1))
        self.projector, self.targets = projector, targets
        self.effort, self.deadline = effort, Deadline(effort)
        self.space: Space = space_of(projector)
        self._patience = None if patient else effort.patience
        cost = operations(projector)
        bank = max(16, min(128, MOST_OPERATIONS // cost), min(4096, MATRIX_OPERATIONS // cost))
        with torch.no_grad(), one_thread():
            points = self.space.random(bank, generator)
            values, errors = spectra(projector, self.space.parameters(points))
        count = len(targets)
        self.theta = torch.zeros(count if keep else 0, projector.parameter_count, dtype=torch.float64, device=device)
        self._keep = keep
        self.distance = torch.full((count,), torch.inf, dtype=torch.float64, device=device)
        self.values = torch.full((count, projector.n - 1), torch.nan, dtype=torch.complex128, device=device)
        self.steps = torch.zeros(count, dtype=torch.long, device=device)
        self.pool: list[Tensor] = []
        self._anchors: list[NDArray[np.complex128]] = []
        self._tries = np.zeros(count, dtype=np.int64)
        self._nearest = np.full(count, np.inf)
        self._remember(points, values, errors.isfinite())
        self._know()

    def _know(self) -> None:
        """Meet every target by theory that a formula for the projector meets: no search for those can do better."""
        if not has_formula(self.projector):
            return
        z = self.targets.cpu().numpy()
        rows = torch.from_numpy(np.flatnonzero(in_perfect_mirsky(self.projector.n, z)))
        parts = rows.split(FORMULA) if len(rows) else ()
        for part in self.deadline.before(parts):
            theta = formula(self.projector, z[part.numpy()]).to(self.theta)
            values, errors = spectra(self.projector, theta)
            distance = misses(values, errors, self.targets[part])
            self.values[part], self.distance[part] = values, distance
            if self._keep:
                self.theta[part] = theta
            self._remember(theta, values, distance <= TOLERANCE)

    @property
    def solved(self) -> Tensor:
        """Which targets (m,) have a witness."""
        return self.distance <= TOLERANCE

    @property
    def known(self) -> NDArray[np.complex128]:
        """Every eigenvalue (k,) of every matrix that searches may start from, a witness each."""
        return np.concatenate([anchors.ravel() for anchors in self._anchors])

    @property
    def bank(self) -> tuple[NDArray[np.complex128], Tensor]:
        """The random matrices that the search began with: eigenvalues (b, n - 1) and points (b, ...)."""
        return self._anchors[0], self.pool[0]

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
        goals = self.targets.cpu().numpy()[open_targets]
        gaps, owners = self.nearest(goals)
        fresh = gaps[:, 0] < FRESH * self._nearest[open_targets]
        self._tries[open_targets] = np.where(fresh, 0, self._tries[open_targets])
        chosen = self._tries[open_targets]
        neighbours = self.effort.neighbours
        worth = (gaps[:, 0] <= near) & (chosen < neighbours) & np.isfinite(gaps[:, 0])
        self._nearest[open_targets] = np.minimum(self._nearest[open_targets], gaps[:, 0])
        starts = owners[np.arange(len(owners)), np.minimum(chosen, neighbours - 1)][worth]
        self._tries[open_targets[worth]] += 1
        softened = torch.from_numpy(chosen[worth] % 2 == 1)
        pool, device = tuple(self.pool), self.targets.device
        rows = torch.from_numpy(open_targets[worth]).to(device)
        size = self._batch()
        parts = (rows, torch.from_numpy(starts).to(device), softened.to(device))
        batches = zip(*(each.split(size) for each in parts), strict=True) if len(rows) else ()
        for part, start, soft in self.deadline.before(batches):
            begin = _gathered(pool, start)
            begin[soft] = self.space.inwards(begin[soft])
            yield self._attempt(part, begin)

    def fall_back(self) -> None:
        """Give targets that were not tried the parameters of the nearest matrix that is known."""
        rows = np.flatnonzero(np.isinf(self.distance.cpu().numpy()))
        gaps, owners = self.nearest(self.targets.cpu().numpy()[rows])
        rows, owners = rows[np.isfinite(gaps[:, 0])], owners[np.isfinite(gaps[:, 0]), 0]
        if len(rows):
            points = _gathered(self.pool, torch.from_numpy(owners).to(self.targets.device))
            with torch.no_grad():
                self.theta[torch.from_numpy(rows)] = self.space.settled(self.space.parameters(points))

    def give_up(self, hopeless: Tensor) -> None:
        """From now on try none of the hopeless targets (m,) of bool."""
        self._nearest[hopeless.numpy()], self._tries[hopeless.numpy()] = 0, self.effort.neighbours

    def insist(self, wanted: Tensor) -> None:
        """From now on try none but the wanted targets (m,) of bool, and lose patience with none of those."""
        most = self.effort.neighbours
        self._tries[:], self._patience = np.where(wanted.numpy(), self._tries % most, most), None

    def scout(self, rows: NDArray[np.int64], families: int) -> Iterator[int]:
        """Try each target in `rows` (r,) from so many `scattered` points at once -> newly solved, after each batch."""
        if not self.bank[0].size or not len(rows):
            return
        starts = torch.from_numpy(self.scattered(self.targets.cpu().numpy()[rows], families))
        pool, size = tuple(self.pool), self._batch()
        parts = zip(
            torch.from_numpy(rows).split(max(1, size // families)), starts.split(max(1, size // families)), strict=True
        )
        batches = ((part, some) for part, start in parts for some in start.split(max(1, size // len(part)), dim=1))
        for part, some in self.deadline.before(batches):
            each = part.repeat_interleave(some.shape[1]).to(self.targets.device)
            yield self._attempt(each, _gathered(pool, some.ravel().to(self.targets.device)))

    def nearest(self, goals: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Goals (g,) -> distances (g, k) of the k nearest known eigenvalues and the numbers (g, k) of their points.

        Real eigenvalues are known for real goals and others for others, as long as there are any: a real one leaves the
        axis only where it meets another. k is the effort's neighbours; with fewer than k eigenvalues the last is
        repeated, with none the distance is inf.
        """
        gaps, places = _nearest(self.known, goals, range(self.effort.neighbours))
        return gaps, self.owners[places] if len(self.owners) else places

    def scattered(self, goals: NDArray[np.complex128], count: int) -> NDArray[np.int64]:
        """Goals (g,) -> the numbers (g, count) in `pool` of random matrices ever farther from them, none like the last.

        The nearest known eigenvalues often belong to one family of matrices. One that reaches farther may be another.
        """
        values, _ = self.bank
        stride = max(1, min(STRIDE, values.size // count))
        places = _nearest(values.ravel(), goals, range(0, stride * count, stride))[1]
        return places // max(1, values.shape[1])

    def _attempt(self, rows: Tensor, points: Tensor) -> int:
        """Steer points (b, ...) towards the targets in `rows` (b,) and keep what is better -> how many were solved.

        A target may be there several times, from one point each.
        """
        with self.deadline.watched():
            tried = attempt(
                self.space, self.projector, points, self.targets[rows], self.effort.iterations, self._patience
            )
        self.steps.index_add_(0, rows, tried.steps)
        before = int(self.solved.sum())
        numbers = rows.cpu().numpy()
        order = np.lexsort((tried.distance.cpu().numpy(), numbers))
        best = torch.from_numpy(order[np.unique(numbers[order], return_index=True)[1]]).to(rows.device)
        best = best[tried.distance[best] < self.distance[rows[best]]]
        kept = rows[best]
        self.values[kept], self.distance[kept] = tried.values[best], tried.distance[best]
        if self._keep:
            self.theta[kept] = tried.theta[best]
        self._remember(tried.points, tried.values, tried.distance <= TOLERANCE)
        return int(self.solved.sum()) - before

    def _remember(self, points: Tensor, values: Tensor, kept: Tensor) -> None:
        """Let later searches start from points (b, ...) with eigenvalues (b, n - 1), where `kept` (b,) says so.

        Beyond `MOST_KNOWN` bytes, those go that came first after the random ones: searches grow outwards.
        """
        self.pool.append(points[kept])
        self._anchors.append(values[kept].cpu().numpy())
        while len(self.pool) > 2 and sum(part.nbytes for part in self.pool) > MOST_KNOWN:
            del self.pool[1], self._anchors[1]

    def _batch(self) -> int:
        """How many targets to steer at once: bounded memory."""
        n, point = self.projector.n, self.pool[0].shape[1:].numel() * self.pool[0].element_size()
        return max(1, 2 * WORKING_SET // (8 * point + 12 * 16 * n**2))


def _gathered(pool: Sequence[Tensor], numbers: Tensor) -> Tensor:
    """Parts (p, ...) of a pool, numbers (b,) of points in all of them -> these points (b, ...)."""
    found = pool[0].new_empty(len(numbers), *pool[0].shape[1:])
    first = 0
    for part in pool:
        here = torch.nonzero((numbers >= first) & (numbers < first + len(part)))[:, 0]
        found[here] = part[numbers[here] - first]
        first += len(part)
    return found


def _nearest(
    known: NDArray[np.complex128], goals: NDArray[np.complex128], ranks: range
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Known eigenvalues (e,), goals (g,), ranks (k,) from 0 -> distances (g, k) and places (g, k) in `known`."""
    gaps = np.full((len(goals), len(ranks)), np.inf)
    places = np.zeros((len(goals), len(ranks)), dtype=np.int64)
    for side in (True, False):
        rows = np.flatnonzero((np.abs(goals.imag) <= REAL) == side)
        like = np.flatnonzero((np.abs(known.imag) <= REAL) == side)
        like = like if len(like) else np.arange(len(known))
        if len(rows) and len(like):
            tree = cKDTree(np.column_stack([known.real, known.imag])[like])
            within = [min(rank, len(like) - 1) + 1 for rank in ranks]
            gaps[rows], found = tree.query(np.column_stack([goals.real, goals.imag])[rows], k=within)
            places[rows] = like[found]
    return gaps, places
