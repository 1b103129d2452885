"""How far the reach goes in given directions, with a witness for every point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from geometry.effort import USUAL, Effort, Ended, reasons
from geometry.grid import cell_centres
from geometry.reach.known import by_formula, farthest, formula
from geometry.reach.search.attempts import TOLERANCE, attempt, misses, spectra, verified
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.rounds import spread
from geometry.reach.search.starts import REAL
from geometry.reach.search.targets import checked, directions
from geometry.regions import karpelevich
from projectors import Projector

SHARES = 24
"""From how many places between the outermost known eigenvalue and the origin a direction's first point is sought."""

BEYOND = 1e-4
"""How much farther than its own best a direction tries from a neighbour's point."""

LONGER, SHORTER = 1.5, 0.35
"""What a step outwards is multiplied by where it succeeds, and where it fails."""


@dataclass(frozen=True, eq=False)
class Boundary:
    """The furthest reached point in each direction: angle (m,), radius (m,), and its witness theta (m, p).

    Each point is an eigenvalue of its witness within 1e-8, so the true boundary is at least as far out. radius is 0
    where not even a point near the origin was reached. ended (m): why the search of each ended, CONVERGED where its
    steps outwards have become too short or nothing can lie farther out.
    """

    angle: NDArray[np.float64]
    radius: NDArray[np.float64]
    theta: Tensor
    ended: tuple[Ended, ...]

    @property
    def points(self) -> NDArray[np.complex128]:
        """The boundary points (m,), complex."""
        return np.asarray(self.radius * np.exp(1j * self.angle))

    @property
    def area(self) -> float:
        """Area of the star-shaped polygon through the points without those on the real axis, which are whiskers."""
        z = self.points[np.argsort(self.angle % (2 * np.pi))]
        z = z[np.abs(z.imag) > 1e-12]
        return float(0.5 * np.sum(z.real * np.roll(z.imag, -1) - z.imag * np.roll(z.real, -1)))


def boundary(
    projector: Projector,
    angles: ArrayLike,
    seed: int = 0,
    *,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> Boundary:
    """projector, angles (m,) in radians -> the furthest point reached in each direction.

    From the outermost eigenvalue of a coarse map near each direction, a witness is pushed outwards by steps that grow
    where they succeed and shrink where they fail, down to 1e-6, `effort.finest`; one that fails is tried from a
    neighbour too. So it is from `effort.tries` starts, which then go on from neighbouring directions' best points, and
    from random matrices of other families, `effort.stubborn` of them. Raises ValueError for angles that are not finite
    or not one-dimensional, for a seed that is no whole number from 0 to 2^63 - 1, and for a device that this machine
    has not.
    """
    checked(projector, effort, device)
    given = directions(angles)
    folded = np.abs((given + np.pi) % (2 * np.pi) - np.pi)  # a conjugate eigenvalue has the same witness
    wanted, place = np.unique(folded, return_inverse=True)
    push = _Push(projector, np.repeat(wanted, effort.tries), seed, effort, device)
    push.know()
    push.settle()
    push.outwards()
    for _ in range(effort.exchanges):
        if push.hunt.deadline.passed() or not (push.exchange() or push.widen()):
            break
        push.outwards()
    best = push.best()[place]
    ended = push.ended()
    return Boundary(given, push.radius[best], push.theta[best], tuple(ended[row] for row in best))


class _Push:
    """The state of the search: for each direction in [0, pi] the furthest radius so far, its point and its theta."""

    def __init__(
        self,
        projector: Projector,
        angle: NDArray[np.float64],
        seed: int,
        effort: Effort,
        device: str | torch.device,
    ) -> None:
        grid = cell_centres(effort.coarse)
        cell = float(grid[1] - grid[0])
        upper = (grid + 1j * grid[effort.coarse // 2 :, None]).ravel()
        upper = upper[karpelevich(projector.n).contains(upper)]
        self.hunt = Hunt(projector, torch.from_numpy(upper).to(device), seed, effort, device=device)
        for _ in spread(self.hunt, cell):
            pass
        self.pool = torch.cat(self.hunt.starts.parts)
        self.angle, self.cell, self.effort = angle, cell, effort
        self.radius, self.step = np.zeros_like(angle), np.full_like(angle, cell)
        self.limit = farthest(projector, angle)
        self.points = self.pool.new_zeros(len(angle), *self.pool.shape[1:])
        self.theta = torch.zeros(len(angle), projector.parameter_count, dtype=torch.float64, device=device)

    def know(self) -> None:
        """Begin at the end of what a formula reaches."""
        region = by_formula(self.hunt.projector)
        if region is None or self.hunt.deadline.passed():
            return
        rows = np.flatnonzero(np.arange(len(self.angle)) % self.effort.tries == 0)
        radius = region.radius(self.angle[rows])
        targets = radius * np.exp(1j * self.angle[rows])
        theta = formula(self.hunt.projector, targets).to(self.theta)
        met = misses(*spectra(self.hunt.projector, theta), torch.from_numpy(targets).to(theta.device)) <= TOLERANCE
        kept = torch.from_numpy(rows)[met.cpu()]
        self.points[kept], self.theta[kept], self.radius[kept.numpy()] = (
            theta[met],
            theta[met],
            radius[met.cpu().numpy()],
        )

    def best(self) -> NDArray[np.intp]:
        """The number of the try that came farthest in each direction."""
        tries = self.effort.tries
        return self.radius.reshape(-1, tries).argmax(-1) + tries * np.arange(len(self.radius) // tries)

    def exchange(self) -> bool:
        """Start the last try of every direction anew from neighbouring directions' best -> whether any comes farther.

        What is reached is a body: the best point of a direction is near that of the next, whichever search found it.
        """
        best, tries = self.best(), self.effort.tries
        improved = np.zeros(len(best), dtype=bool)
        for step in (1, -1, 2, -2):
            other = np.arange(len(best)) + step
            rows = np.flatnonzero((other >= 0) & (other < len(best)) & (self.radius[best] < self.limit[best]))
            rows = rows[self.radius[best[other[rows]]] > 0]
            if not len(rows):
                continue
            goals = np.minimum(self.radius[best[rows]] * (1 + BEYOND) + BEYOND, self.limit[best[rows]])
            slots, before = rows * tries + tries - 1, self.radius[best[rows]]
            won = self._try(slots, goals, self.points[torch.from_numpy(best[other[rows]])])
            improved[rows] |= won & (goals > before)
            best = self.best()
        slots = np.flatnonzero(improved) * tries + tries - 1
        self.step[slots] = self.cell
        return bool(improved.any())

    def widen(self) -> bool:
        """Start the last try of every direction from many random matrices -> whether any comes farther."""
        best, tries = self.best(), self.effort.tries
        rows = np.flatnonzero((self.radius[best] > 0) & (self.radius[best] < self.limit[best]))
        slots, before = rows * tries + tries - 1, self.radius[best[rows]]
        goals = np.minimum(before * (1 + BEYOND) + BEYOND, self.limit[slots])
        points = goals * np.exp(1j * self.angle[slots])
        won = np.zeros(len(slots), dtype=bool)
        for rank in range(self.effort.stubborn):
            left = np.flatnonzero(~won)
            if not len(left) or self.hunt.deadline.passed():
                break
            won[left] = self._try(slots[left], goals[left], self._afar(points[left], np.full(len(left), rank)))
        self.step[slots[won]] = self.cell
        return bool(won.any())

    def settle(self) -> None:
        """Find a first point in each direction: at the outermost known eigenvalue nearby, then ever lower."""
        known = self.hunt.starts.values
        upper, real = known.real + 1j * np.abs(known.imag), np.abs(known.imag) <= REAL
        outermost = np.zeros_like(self.radius)
        for row, angle in enumerate(self.angle):
            turned = upper * np.exp(-1j * angle)
            like = (np.abs(turned.imag) < self.cell) & (real == (np.sin(angle) <= REAL))
            outermost[row] = turned.real[like].max(initial=0)
        for number, share in enumerate(np.linspace(1, 0, SHARES, endpoint=False)):
            rows = np.flatnonzero((self.radius == 0) & (outermost > 0))
            if not len(rows) or self.hunt.deadline.passed():
                return
            goals = share * outermost[rows] * np.exp(1j * self.angle[rows])
            each = rows % self.effort.tries
            starts = self._start(goals, (number + each) % self.effort.neighbours)
            afar = np.flatnonzero(each % 2)  # every other one, so that not all belong to one family of matrices
            starts[torch.from_numpy(afar)] = self._afar(goals[afar], (number * self.effort.tries + each[afar]) // 2)
            self._try(rows, np.abs(goals), starts)

    def outwards(self) -> None:
        """Push every direction that has a point until its steps become too short."""
        failed = np.zeros(len(self.radius), dtype=np.intp)
        for _ in range(self.effort.pushes):
            rows = np.flatnonzero((self.radius > 0) & ~self._done())
            if not len(rows) or self.hunt.deadline.passed():
                return
            goals = np.minimum(self.radius[rows] + self.step[rows], self.limit[rows])
            won = self._try(rows, goals, self.points[torch.from_numpy(rows)])
            lost = rows[~won]
            if len(lost):
                points = goals[~won] * np.exp(1j * self.angle[lost])
                won[~won] = self._try(lost, goals[~won], self._start(points, failed[lost] % self.effort.neighbours))
            failed[rows] += ~won
            self.step[rows] *= np.where(won, LONGER, SHORTER)

    def ended(self) -> tuple[Ended, ...]:
        """Why the search of each direction ended."""
        if not len(self.pool):
            return (Ended.NOT_FINITE,) * len(self.angle)
        left = torch.from_numpy(np.where(self._done(), 0.0, 1.0))
        return reasons(left, 0.0, cut=self.hunt.deadline.cut)

    def _done(self) -> NDArray[np.bool_]:
        """Which directions (m,) have a point that cannot be pushed any farther."""
        return (self.radius > 0) & ((self.step <= self.effort.finest) | (self.radius >= self.limit))

    def _start(self, goals: NDArray[np.complex128], ranks: NDArray[np.intp]) -> Tensor:
        """Goals (g,), ranks (g,) -> the points (g, ...) of the map whose eigenvalues are the ranks-nearest."""
        _, owners = self.hunt.starts.nearest(goals, self.effort.neighbours)
        return self.pool[torch.from_numpy(owners[np.arange(len(goals)), ranks])]

    def _afar(self, goals: NDArray[np.complex128], ranks: NDArray[np.intp]) -> Tensor:
        """Goals (g,), ranks (g,) -> random points (g, ...) whose eigenvalues are ever farther, none like the last."""
        count = self.effort.stubborn
        owners = self.hunt.starts.scattered(goals, count)
        return self.pool[torch.from_numpy(owners[np.arange(len(goals)), ranks % count])]

    def _try(self, rows: NDArray[np.intp], radius: NDArray[np.float64], points: Tensor) -> NDArray[np.bool_]:
        targets = torch.from_numpy(radius * np.exp(1j * self.angle[rows])).to(points.device)
        hunt = self.hunt
        with hunt.deadline.watched():
            tried = attempt(hunt.space, hunt.projector, points, targets, self.effort.iterations, patience=None)
        found = verified(hunt.space, hunt.projector, tried.points, targets)
        won = found.distance <= TOLERANCE
        kept = torch.from_numpy(rows)[won.cpu()]
        self.points[kept], self.theta[kept] = tried.points[won], found.theta[won]
        self.radius[kept.numpy()] = radius[won.cpu().numpy()]
        return np.asarray(won.cpu().numpy())
