"""Gauss-Newton steps that move an eigenvalue onto a target through the characteristic polynomial.

The equation is p(mu) = det(C - mu I) = 0 for the deflated matrix C: two real equations in many unknowns. It is a
polynomial in the entries of the matrix, smooth where eigenvalues meet, where the nearest eigenvalue is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from geometry.spaces.base import Space
from geometry.stopping import to_stop
from geometry.tangent import deflate, inflate

CONVERGED = 1e-12
"""Estimated distance from the target at which a point is left alone."""

LONGEST = 1.0
"""The first step's largest length, in the units of the space: about a radian on a rotation."""

SHORTEST = 1e-9
"""The radius below which a point has gone astray: every shorter step failed, too."""

CROWDED = 0.9
"""Share of a batch that has to move for the others to stay in it: to take rows out is as dear as to move a few."""

DAMPING = 1e-9
"""Share of the trace added to the 2 x 2 system, which is singular for real targets and at the edge of the reach."""


@dataclass(frozen=True, eq=False)
class _Residual:
    """p(mu) (batch,), its derivative by mu (batch,), and its two real gradients by B (batch, 2, n, n), all scaled."""

    value: Tensor
    slope: Tensor
    gradients: Tensor

    def only(self, rows: Tensor) -> _Residual:
        """Rows (k,) -> theirs."""
        return _Residual(*(each.index_select(0, rows) for each in (self.value, self.slope, self.gradients)))

    def unless(self, better: Tensor, other: _Residual) -> _Residual:
        """Which rows (batch,) of the other one to take -> these of it, the rest of this one."""
        pairs = (other.value, self.value), (other.slope, self.slope), (other.gradients, self.gradients)
        return _Residual(*(_where(better, new, old) for new, old in pairs))


def _where(chosen: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """Rows (batch,) of bool, two tensors (batch, ...) -> these rows of the first, the others of the second."""
    return torch.where(chosen.view(-1, *[1] * (new.ndim - 1)), new, old)


def adjugate(M: Tensor) -> tuple[Tensor, Tensor]:
    """Square matrices (..., m, m) -> their adjugates (..., m, m) and determinants (...,).

    Closed forms up to m = 3; beyond, det * inverse, whose relative error grows like the condition number.
    """
    order = M.shape[-1]
    if order == 1:
        return torch.ones_like(M), M[..., 0, 0]
    if order == 2:
        (a, b), (c, d) = (row.unbind(-1) for row in M.unbind(-2))
        return torch.stack([d, -b, -c, a], -1).unflatten(-1, (2, 2)), a * d - b * c
    if order == 3:
        first, second, third = M.unbind(-2)
        columns = [torch.linalg.cross(u, v) for u, v in ((second, third), (third, first), (first, second))]
        return torch.stack(columns, -1), (first * columns[0]).sum(-1)
    LU, pivots, _ = torch.linalg.lu_factor_ex(M)
    inverse = torch.linalg.lu_solve(LU, pivots, torch.eye(order, dtype=M.dtype, device=M.device).expand_as(M))
    swaps = (pivots != torch.arange(1, order + 1, dtype=pivots.dtype, device=M.device)).sum(-1)
    determinant = LU.diagonal(dim1=-2, dim2=-1).prod(-1) * (1 - 2 * (swaps % 2))
    return inverse * determinant[..., None, None], determinant


def _residual(matrices: Tensor, targets: Tensor) -> _Residual:
    C = deflate(matrices).to(targets.dtype)
    # Off the target by less than its tolerance: an exact hit would make the matrix singular.
    C.diagonal(dim1=-2, dim2=-1).sub_((targets + 1e-15)[:, None])
    adjugates, value = adjugate(C)
    slope = -adjugates.diagonal(dim1=-2, dim2=-1).sum(-1)
    return _Residual(value, slope, inflate(torch.view_as_real(adjugates).permute(0, 3, 2, 1)))


class Steered(NamedTuple):
    """Points (batch, ...), the steps each has taken (batch,), and about how far from its target it is (batch,).

    That is Newton's estimate |p / p'|: no more than n times too small for the nearest eigenvalue, but for rounding.
    """

    points: Tensor
    steps: Tensor
    gap: Tensor


def steer(
    space: Space,
    points: Tensor,
    targets: Tensor,
    iterations: int,
    patience: int | None = None,
    trace: list[Tensor] | None = None,
) -> Steered:
    """Points (batch, ...) and complex targets (batch,) -> points with an eigenvalue nearer.

    Each iteration takes the shortest step that solves the linearised equation, no longer than a radius that shrinks
    where a step fails and grows where it succeeds. Points that have converged, or have gone astray, are left alone, and
    so are those whose residual has not halved within the last `patience` iterations. The points before the first and
    after every iteration are appended to `trace`.
    """
    ends, used = points.clone(), torch.zeros(len(points), dtype=torch.long, device=points.device)
    gap = torch.full((len(points),), torch.inf, dtype=torch.float64, device=points.device)
    if trace is not None:
        trace.append(points.clone())
    with torch.inference_mode():  # a fifth faster than without gradients only
        course = _Course(space, points, targets, patience)
        for _ in range(iterations):
            course.stop()
            moving = int(course.moving.sum())
            if not moving or to_stop():
                break
            if moving <= CROWDED * len(course.rows):
                course.report(ends, used, gap)
                course.leave(torch.nonzero(course.moving)[:, 0])
            course.advance()
            if trace is not None:
                trace.append(ends.index_copy(0, course.rows, course.points))
        course.report(ends, used, gap)
    return Steered(ends, used, gap)


class _Course:
    """Points on their way to their targets, with what the next step needs; `moving` says which of them still move.

    rows (b,) are their numbers in the whole batch, steps (b,) how many each has taken, sizes those of the residual now
    and after each of the last `patience` steps.
    """

    def __init__(self, space: Space, points: Tensor, targets: Tensor, patience: int | None) -> None:
        self.space, self.patience = space, patience
        self.points, self.targets = points, targets
        self.rows = torch.arange(len(points), device=points.device)
        self.steps = torch.zeros_like(self.rows)
        self.moving = torch.ones_like(self.rows, dtype=torch.bool)
        self.radius = torch.full((len(points),), LONGEST, dtype=torch.float64, device=points.device)
        self.at = _residual(space.matrices(points), targets)
        self.sizes = [self.at.value.abs()]

    def stop(self) -> None:
        """Leave points alone that are there, nowhere, or tired."""
        size = self.sizes[-1]
        self.moving = (size > CONVERGED * self.at.slope.abs()) & (size < torch.inf) & (self.radius > SHORTEST)
        if self.patience is not None and len(self.sizes) > self.patience:
            self.moving &= size < 0.5 * self.sizes[0]
        self.radius = self.radius * self.moving

    def advance(self) -> None:
        """Take a step where points move, and keep it where it leads nearer."""
        step = _shortest(self.space.pull(self.points, self.at.gradients), self.at.value)
        length = torch.linalg.vector_norm(step, dim=-1)
        trial = self.space.nudge(self.points, step * (self.radius / length).clamp_max(1)[:, None])
        ahead = _residual(self.space.matrices(trial), self.targets)
        size = ahead.value.abs()
        better = size < self.sizes[-1]
        self.radius = torch.where(better, 2 * self.radius, torch.minimum(self.radius, length) / 4)
        self.points, self.at = _where(better, trial, self.points), self.at.unless(better, ahead)
        self.sizes = [*self.sizes, torch.where(better, size, self.sizes[-1])][-1 - (self.patience or 0) :]
        self.steps += self.moving

    def report(self, ends: Tensor, used: Tensor, gap: Tensor) -> None:
        """Write where the points are, how many steps they took and how far they are from their targets."""
        ends[self.rows], used[self.rows] = self.points, self.steps
        gap[self.rows] = self.sizes[-1] / self.at.slope.abs()

    def leave(self, on: Tensor) -> None:
        """Go on with these rows (k,) of the points alone."""
        mine = self.points, self.targets, self.rows, self.steps, self.radius
        self.points, self.targets, self.rows, self.steps, self.radius = (each.index_select(0, on) for each in mine)
        self.moving = self.moving.index_select(0, on)
        self.at, self.sizes = self.at.only(on), [size.index_select(0, on) for size in self.sizes]


def _shortest(directions: Tensor, value: Tensor) -> Tensor:
    """Gradients (batch, 2, q) of Re p and Im p, p (batch,) -> the shortest step (batch, q) with p + dp = 0, damped."""
    inner = (directions @ directions.mH).real
    a, b, _, c = inner.flatten(-2).unbind(-1)
    damping = DAMPING * (a + c)
    a, c, x, y = a + damping, c + damping, value.real, value.imag
    determinant = (a * c - b * b).clamp_min(torch.finfo(inner.dtype).tiny)
    weights = torch.stack([b * y - c * x, b * x - a * y], -1) / determinant[:, None]
    return (weights.to(directions.dtype)[:, None] @ directions)[:, 0]
