"""The search behind `solve` and `reach_map`: many targets at once, each from the nearest eigenvalue known so far."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.devices import WORKING_SET, one_thread, operations
from geometry.effort import USUAL, Deadline, Effort
from geometry.reach.known import formula, met_by_formula
from geometry.reach.search.attempts import TOLERANCE, attempt, misses, spectra, verified
from geometry.reach.search.starts import Starts, gathered
from geometry.reach.search.witnesses import Witnesses
from geometry.spaces import space_of
from geometry.spaces.base import Space
from geometry.spectra.closed_forms import spectrum
from geometry.tangent import deflate
from projectors import Projector
from projectors.checks import whole_number

FRESH = 0.9
"""A known eigenvalue counts as nearer than the last if its distance is less than this share of the last one's."""

AT_ONCE = 2048
"""Most targets steered at once: more are slower, measured at n = 4."""

FORMULA = 256
"""Targets that are met by a formula at once."""

MATRIX_OPERATIONS, MOST_OPERATIONS = 200_000_000, 4_000_000_000
"""What the random matrices that a search begins with may cost, and how much a hundred of them may cost anyway."""


class Hunt:
    """Targets (m,) with the best point found for each; `advance` improves them round by round.

    witnesses are the best matrices' free parameters, values (m, n - 1) the eigenvalues recomputed from them, distance
    (m,) that of the nearest one, inf before the first try, steps (m,) the Gauss-Newton steps taken. `deadline` says
    whether time was up. `starts` is the memory of the search, which is bounded. A try ends whose residual has not
    halved within `patience` steps, None for never. A hunt that does not keep parameters has no witnesses. It begins
    with one in `thrift` of the usual random matrices.
    Raises ValueError for a seed that is no whole number from 0 to 2^63 - 1.
    """

    def __init__(
        self,
        projector: Projector,
        targets: Tensor,
        seed: int = 0,
        effort: Effort = USUAL,
        *,
        keep: bool = True,
        thrift: int = 1,
        device: str | torch.device = "cpu",
    ) -> None:
        generator = torch.Generator(device)
        generator.manual_seed(whole_number(seed, "the seed", 0, 2**63 - 1))
        self.projector, self.targets, self.seed = projector, targets, seed
        self.effort, self.deadline = effort, Deadline(effort)
        self.space: Space = space_of(projector)
        self.patience: int | None = effort.patience
        cost = operations(projector)
        bank = max(16, min(128, MOST_OPERATIONS // cost), min(2048, MATRIX_OPERATIONS // thrift // cost))
        with torch.no_grad(), one_thread():
            points = self.space.random(bank, generator)
            values = spectrum(deflate(self.space.matrices(points).double()))
        count = len(targets)
        self.witnesses = Witnesses(projector, count, device) if keep else None
        self.distance = torch.full((count,), torch.inf, dtype=torch.float64, device=device)
        self.values = torch.full((count, projector.n - 1), torch.nan, dtype=torch.complex128, device=device)
        self.steps = torch.zeros(count, dtype=torch.long, device=device)
        self._tries = np.zeros(count, dtype=np.int64)
        self._nearest, self._hopeless = np.full(count, np.inf), np.zeros(count, dtype=bool)
        sound = values.isfinite().all(-1)
        self.starts = Starts(points[sound], values[sound].cpu().numpy())
        self._know()

    def _know(self) -> None:
        """Meet every target by theory that a formula for the projector meets: no search for those can do better."""
        z = self.targets.cpu().numpy()
        rows = torch.from_numpy(np.flatnonzero(met_by_formula(self.projector, z)))
        parts = rows.split(FORMULA) if len(rows) else ()
        for part in self.deadline.before(parts):
            theta = formula(self.projector, z[part.numpy()]).to(self.distance)
            values, errors = spectra(self.projector, theta)
            distance = misses(values, errors, self.targets[part])
            self.learn(part, theta, values, distance)
            met = distance <= TOLERANCE
            self.starts.remember(theta[met], values[met].cpu().numpy())

    @property
    def half_a_try(self) -> int:
        """The patience with those that resisted once: mostly they do so again."""
        return max(1, self.effort.iterations // 2)

    def learn(
        self, rows: Tensor, theta: Tensor | None, values: Tensor, distance: Tensor, small: Projector | None = None
    ) -> None:
        """Take what was found for the best that is known of the targets in rows (b,): see `Witnesses.put`."""
        self.values[rows], self.distance[rows] = values, distance
        if self.witnesses is not None and theta is not None:
            self.witnesses.put(rows, theta, small)

    def take(self, rows: Tensor, below: Hunt) -> None:
        """Take over what a hunt for fewer streams has newly solved of the targets in rows (b,): other streams stay."""
        met = torch.nonzero(below.solved & ~self.solved[rows])[:, 0]
        stay = torch.ones(len(met), self.projector.n - below.projector.n, dtype=below.values.dtype)
        values = torch.cat([below.values[met], stay.to(below.values.device)], -1)
        theta = None if below.witnesses is None else below.witnesses.of(met)
        self.learn(rows[met], theta, values, below.distance[met], below.projector)

    @property
    def solved(self) -> Tensor:
        """Which targets (m,) have a witness."""
        return self.distance <= TOLERANCE

    def advance(self, near: float = np.inf, at_once: int = 1) -> Iterator[int]:
        """Try every unsolved target with a known eigenvalue no farther than `near` -> newly solved, after each batch.

        A target starts from its nearest known eigenvalue; if that has not come nearer since its last try, from the
        next of a few neighbours, so many at once, every other one of which is first taken away from its edge.
        """
        most = self.effort.neighbours
        rows = np.flatnonzero(~self.solved.cpu().numpy() & ~self._hopeless)
        count = min(most, int(self._tries[rows].max(initial=0)) + at_once)
        gaps, owners = self.starts.nearest(self.targets.cpu().numpy()[rows], count)
        self._tries[rows[gaps[:, 0] < FRESH * self._nearest[rows]]] = 0
        self._nearest[rows] = np.minimum(self._nearest[rows], gaps[:, 0])
        worth = (gaps[:, 0] <= near) & np.isfinite(gaps[:, 0])
        rows, owners = rows[worth], owners[worth]
        each, number = np.nonzero(np.arange(count) - self._tries[rows, None] < at_once)
        each, number = (part[number >= self._tries[rows[each]]] for part in (each, number))
        self._tries[rows] = np.minimum(self._tries[rows] + at_once, most)
        tries = rows[each], owners[each, number], number % 2 == 1
        yield from self._from(*(torch.from_numpy(part) for part in tries))

    def fall_back(self) -> None:
        """Give targets that were not tried the parameters of the nearest matrix that is known."""
        rows = np.flatnonzero(np.isinf(self.distance.cpu().numpy()))
        gaps, owners = self.starts.nearest(self.targets.cpu().numpy()[rows], 1)
        rows, owners = rows[np.isfinite(gaps[:, 0])], owners[np.isfinite(gaps[:, 0]), 0]
        if len(rows) and self.witnesses is not None:
            points = gathered(self.starts.parts, torch.from_numpy(owners).to(self.targets.device))
            with torch.no_grad():
                self.witnesses.put(torch.from_numpy(rows), self.space.settled(self.space.parameters(points)))

    def give_up(self, hopeless: Tensor) -> None:
        """From now on try none of the hopeless targets (m,) of bool."""
        self._hopeless |= hopeless.numpy()

    def scout(self, rows: NDArray[np.int64], owners: NDArray[np.int64]) -> Iterator[int]:
        """Try each target in rows (r,) from those of `starts` in owners (r, k) -> newly solved, after each batch."""
        each = torch.from_numpy(np.repeat(rows, owners.shape[1]))
        yield from self._from(each, torch.from_numpy(owners.ravel()), torch.zeros(len(each), dtype=torch.bool))

    def insist(self, rows: NDArray[np.int64], count: int) -> Iterator[int]:
        """Try each target in rows (r,) from so many of the nearest starts at once, with the patience of half a try."""
        self.patience = self.half_a_try
        _, owners = self.starts.nearest(self.targets.cpu().numpy()[rows], count)
        each, softened = np.repeat(rows, count), np.tile(np.arange(count) % 2 == 1, len(rows))
        yield from self._from(torch.from_numpy(each), torch.from_numpy(owners.ravel()), torch.from_numpy(softened))

    def _from(self, rows: Tensor, owners: Tensor, softened: Tensor) -> Iterator[int]:
        """Rows (b,), the start's number for each, and whether to take it inwards -> newly solved, after each batch."""
        parts, size = tuple(self.starts.parts), self._batch()  # as they are: starts may be forgotten on the way
        if not len(rows) or not any(len(part) for part in parts):
            return
        batches = zip(*(each.to(self.targets.device).split(size) for each in (rows, owners, softened)), strict=True)
        for part, start, soft in self.deadline.before(batches):
            begin = gathered(parts, start)
            begin[soft] = self.space.inwards(begin[soft])
            yield self._attempt(part, begin)

    def _attempt(self, rows: Tensor, points: Tensor) -> int:
        """Steer points (b, ...) towards the targets in `rows` (b,) and keep what is better -> how many were solved.

        A target may be there several times, from one point each.
        """
        with self.deadline.watched():
            tried = attempt(
                self.space, self.projector, points, self.targets[rows], self.effort.iterations, self.patience
            )
        self.steps.index_add_(0, rows, tried.steps)
        before = int(self.solved.sum())
        numbers = rows.cpu().numpy()
        order = np.lexsort((tried.gap.cpu().numpy(), numbers))
        best = torch.from_numpy(order[np.unique(numbers[order], return_index=True)[1]]).to(rows.device)
        best = best[~(tried.gap[best] > self.distance[rows[best]])]
        found = verified(self.space, self.projector, tried.points[best], self.targets[rows[best]])
        better = found.distance < self.distance[rows[best]]
        kept = rows[best[better]]
        self.learn(kept, found.theta[better], found.values[better], found.distance[better])
        met = found.distance <= TOLERANCE
        self.starts.remember(tried.points[best[met]], found.values[met].cpu().numpy())
        return int(self.solved.sum()) - before

    def _batch(self) -> int:
        """How many targets to steer at once: bounded memory, in the caches where matrices are small."""
        points = self.starts.bank[1]
        n, point = self.projector.n, points.shape[1:].numel() * points.element_size()
        return max(1, min(AT_ONCE, 2 * WORKING_SET // (8 * point + 12 * 16 * n**2)))
