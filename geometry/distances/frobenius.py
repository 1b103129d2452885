"""How far matrices are from what a parameterization reaches, each with the nearest matrix that was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

import torch
from torch import Tensor

from geometry.devices import WORKING_SET, batch_size, known_device, one_thread, operations
from geometry.distances.educated import educated
from geometry.distances.matching import match
from geometry.distances.preimages import preimage
from geometry.distances.reflections import reflected
from geometry.effort import USUAL, Deadline, Effort, Ended, reasons
from geometry.polytope import doubly_stochastic
from geometry.spaces import AveragedRotations, space_of
from projectors import Projector, Unistochastic
from projectors.checks import instance, whole_number

TOLERANCE = 1e-6
"""Largest Frobenius distance of a witness from a matrix that counts as belonging to the set."""

NEARER = 1e-3
"""Share of its distance by which a target must come nearer for this to count."""

REFLECTED = 4
"""The least n at which complex members hide in local minima."""

MORE = 4
"""How many times as many random starts averages get: their members hide, and steps are cheap."""

TOGETHER = 64
"""So many starts are made at once where there are few targets: they take no longer than one."""

MOST_STARTS = 10_000
"""What `starts` may be."""

MOST_RANDOM, MOST_OPERATIONS = 2048, 200_000_000
"""How many random matrices a search begins with, and what they may cost."""

DIRECTIONS = 8 * 2**20
"""Bytes of what is multiplied at once on a CPU: beyond its caches, it takes several times as long."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """One row a target: theta (m, p), the matrix (m, n, n) it gives, and its Frobenius distance (m,) from the target.

    Matrix and distance are recomputed from theta by the projector, so that a member is certified. A distance above the
    tolerance is an upper bound of the distance to the set, and no proof that the target is outside. How good evidence
    it is depends on the set: members of O_{n,s}, of Kronecker products of such and of U_{n,s} up to n = 6 are found,
    but for one or two in a thousand near edges; of larger U_{n,1} a few in a hundred are missed by 1e-5, as many of
    sparse averages from n = 5 on by 1e-2. nan where the matrix is not finite. ended (m): why the search of each ended,
    CONVERGED for members alone.
    """

    targets: Tensor
    theta: Tensor
    matrix: Tensor
    distance: Tensor
    ended: tuple[Ended, ...]

    @property
    def member(self) -> Tensor:
        """Which targets (m,) belong to the set, within 1e-6."""
        return self.distance <= TOLERANCE


def nearest(
    projector: Projector,
    targets: Tensor,
    seed: int = 0,
    *,
    starts: int | None = None,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> Nearest:
    """projector, doubly stochastic targets (m, n, n) -> the nearest matrices of the projector that were found.

    Levenberg-Marquardt from the nearest of some thousand random matrices, then from others. mHC and mHC-lite reach
    every positive doubly stochastic matrix: theirs come from a formula, which no effort bounds; theta of mHC-lite at
    n = 8 takes 315 kB a target. `starts` is short for an effort with so many starts. Raises ValueError for targets of
    another shape, or not doubly stochastic within 1e-6, for starts < 1, for a seed that is no whole number from 0 to
    2^63 - 1, and for a device that this machine has not.

    >>> from projectors import Orthostochastic
    >>> barycentre = torch.full((1, 3, 3), 1 / 3, dtype=torch.float64)
    >>> nearest(Orthostochastic(3, 1), barycentre).distance  # sqrt(2)/3: there is no Hadamard matrix of order 3
    tensor([0.4714], dtype=torch.float64)
    """
    instance(projector, Projector, "the projector")
    instance(effort, Effort, "the effort")
    goals = _goals(targets, projector.n).to(known_device(device))
    whole_number(seed, "the seed", 0, 2**63 - 1)
    if starts is not None:
        effort = replace(effort, starts=whole_number(starts, "the number of starts", 1, MOST_STARTS))
    return searched(projector, goals, seed, effort)


def searched(
    projector: Projector, goals: Tensor, seed: int, effort: Effort = USUAL, tolerance: float = TOLERANCE
) -> Nearest:
    """As `nearest`, of targets (m, n, n) that nobody has looked at; whatever is within the tolerance will do."""
    theta = preimage(projector, goals)
    if theta is not None:
        return judged(projector, goals, theta)
    matching = Matching(projector, goals, seed, effort, tolerance)
    for _ in matching.search(effort.starts, thorough=True):
        pass
    return matching.result()


def judged(projector: Projector, targets: Tensor, theta: Tensor, *, cut: bool = False) -> Nearest:
    """targets (m, n, n), theta (m, p) -> what theta really gives, and how far that is; `cut` if time was up."""
    with torch.no_grad(), one_thread():
        matrix = torch.cat([projector.matrices(part) for part in theta.split(batch_size(projector))])
    distance = torch.linalg.matrix_norm(matrix - targets)
    return Nearest(targets, theta, matrix, distance, reasons(distance, TOLERANCE, cut=cut))


def _goals(targets: Tensor, n: int) -> Tensor:
    """Targets of any kind -> the same in float64, or ValueError if they are not (m, n, n) and doubly stochastic."""
    goals = doubly_stochastic(targets, "nearest", n, tolerance=TOLERANCE)
    if goals.ndim != 3:
        raise ValueError(f"nearest wants targets of shape (m, {n}, {n}), not {tuple(goals.shape)}")
    return goals.detach().double()


class Matching:
    """Targets (m, n, n) with the best points found so far; the generators improve some and yield after every batch."""

    def __init__(
        self,
        projector: Projector,
        targets: Tensor,
        seed: int,
        effort: Effort = USUAL,
        tolerance: float = TOLERANCE,
    ) -> None:
        self.projector, self.targets, self.space = projector, targets, space_of(projector)
        self.tolerance = tolerance
        self.effort, self.deadline = effort, Deadline(effort)
        self._generator = torch.Generator(targets.device)
        self._generator.manual_seed(whole_number(seed, "the seed", 0, 2**63 - 1))
        with torch.no_grad(), one_thread():
            self._bank = self.space.random(
                max(16, min(MOST_RANDOM, MOST_OPERATIONS // operations(projector))), self._generator
            )
            self._matrices = self.space.matrices(self._bank)
        self.points = self._bank[:1].expand(len(targets), *self._bank.shape[1:]).clone()
        self.distance = torch.full((len(targets),), torch.inf, dtype=torch.float64, device=targets.device)

    @property
    def open(self) -> Tensor:
        """The numbers (k,) of the targets that are not members so far."""
        return torch.nonzero(self.distance > self.tolerance)[:, 0]

    def search(self, starts: int, *, thorough: bool = False) -> Iterator[int]:
        """Approach targets that are no members so far: from the nearest random matrix, from what their structure tells,
        from others, by reflections, and at last patiently those that are close; the thorough do so with all of them.
        """
        yield from self.from_nearest()
        yield from self.from_structure()
        few = self.projector.n == REFLECTED  # where members hardly hide
        reflections = max(1, self.effort.reflections // 4) if few else self.effort.reflections
        others = (starts - 1) * (MORE if isinstance(self.space, AveragedRotations) else 1)
        for more, count in ((self.from_random, others), (self.from_reflections, reflections)):
            left = count
            while left > 0 and len(self.open) and not self.deadline.cut:
                copies = min(left, max(1, TOGETHER // len(self.open)))
                yield from more(copies)
                left -= copies
        yield from self.patiently(inf if thorough else self.effort.close)

    def from_structure(self, within: float = inf) -> Iterator[int]:
        """Approach every target that is not a member from where its structure says that it would be one.

        Only from points whose matrix is nearer than `within`: farther ones are guesses like others.
        """
        for rows in self.deadline.before(self.batches(self.open)):
            for points in educated(self.projector, self.targets[rows], self.deadline.left(self.effort)):
                with torch.no_grad(), one_thread():
                    gaps = torch.linalg.matrix_norm(self.space.matrices(points) - self.targets[rows])
                good = gaps < within  # which nan is not
                if bool(good.any()):
                    yield self.approach(rows[good], points[good])

    def from_reflections(self, copies: int = 1) -> Iterator[int]:
        """Approach every target that is not a member from unitary matrices that reflections have brought near it.

        Of no use to other sets: descents alone find members of those, or their structure does.
        """
        if not isinstance(self.projector, Unistochastic) or self.projector.n < REFLECTED:
            return
        for rows, points in self._random_starts(copies):
            goals = self.targets[rows.repeat(copies)]
            with torch.no_grad(), one_thread(), self.deadline.watched():
                points = reflected(points, goals, self.projector.s)
            yield self.approach(rows, points)

    def from_nearest(self) -> Iterator[int]:
        """Approach every target that is not a member from the nearest of the random matrices."""
        for rows in self.deadline.before(self.batches(self.open)):
            yield self.approach(rows, self._bank[self._nearest_random(rows)])

    def _nearest_random(self, rows: Tensor) -> Tensor:
        """Rows (k,) -> the numbers (k,) of the random matrices that are nearest to these targets."""
        return torch.cdist(self.targets[rows].flatten(1), self._matrices.flatten(1)).argmin(1)

    def from_random(self, copies: int = 1) -> Iterator[int]:
        """Approach every target that is not a member from some of them: the nearest few all lead to one minimum."""
        for rows, points in self._random_starts(copies):
            yield self.approach(rows, points)

    def _random_starts(self, copies: int) -> Iterator[tuple[Tensor, Tensor]]:
        """So many random matrices for each target that is not a member: rows (k,), points (copies k, ...)."""
        shape, device = (copies, len(self.targets)), self.targets.device
        choice = torch.randint(len(self._bank), shape, generator=self._generator, device=device)
        for rows in self.deadline.before(self.batches(self.open)):
            yield rows, self._bank[choice[:, rows].flatten()]

    def patiently(self, close: float | None = None) -> Iterator[int]:
        """Go on with every target that is closer than this, by default the effort's `close`, but not a member."""
        rows, close = self.open, self.effort.close if close is None else close
        for part in self.deadline.before(self.batches(rows[self.distance[rows] < close])):
            yield self.approach(part, self.points[part], patiently=True)

    def approach(self, rows: Tensor, points: Tensor, *, patiently: bool = False) -> int:
        """Rows (k,), points (c k, ...) to start from -> how many came nearer by a thousandth; keeps the best points."""
        copies = len(points) // len(rows)
        goals = self.targets[rows.repeat(copies)]
        with torch.no_grad(), one_thread(), self.deadline.watched():
            tried, distances = match(self.space, points, goals, self.effort, patiently=patiently)
        distances = distances.where(distances.isfinite(), torch.inf)
        distance, copy = distances.unflatten(0, (copies, -1)).min(0)
        before = self.distance[rows]
        better = distance < before
        won = (copy * len(rows) + torch.arange(len(rows), device=rows.device))[better]
        self.points[rows[better]], self.distance[rows[better]] = tried[won], distances[won]
        return int((distance < (1 - NEARER) * before).sum())

    def batches(self, rows: Tensor) -> tuple[Tensor, ...]:
        """Rows (k,) -> parts whose directions fit into a CPU's caches, or into a GPU's memory; no parts if k = 0."""
        n = self.projector.n
        directions = self._bank.element_size() * max(n**2 * self._bank[0].numel(), n**4)
        most = DIRECTIONS if rows.device.type == "cpu" else 4 * WORKING_SET
        least = max(1, min(16, WORKING_SET // directions))  # fewer are slow; large ones fill the memory
        return rows.split(max(least, min(2048, most // directions))) if len(rows) else ()

    def result(self) -> Nearest:
        """What is known: every matrix and distance recomputed from theta. What was not tried has a random matrix."""
        for rows in self.batches(torch.nonzero(self.distance.isinf())[:, 0]):
            self.points[rows] = self._bank[self._nearest_random(rows)]
        with torch.no_grad(), one_thread():
            theta = self.space.settled(self.space.parameters(self.points))
        return judged(self.projector, self.targets, theta, cut=self.deadline.cut)
