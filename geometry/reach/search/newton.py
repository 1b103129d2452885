"""Gauss-Newton steps that move an eigenvalue onto a target through the characteristic polynomial.

The equation is p(mu) = det(C - mu I) = 0 for the deflated matrix C: two real equations in many unknowns. It is a
polynomial in the entries of the matrix, smooth where eigenvalues meet, where the nearest eigenvalue is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from geometry.spaces.base import Space
from geometry.stopping import to_stop
from geometry.tangent import deflate, helmert

CONVERGED = 1e-12
"""Estimated distance from the target at which a point is left alone."""

LONGEST = 1.0
"""The first step's largest length, in the units of the space: about a radian on a rotation."""

DAMPING = 1e-9
"""Share of the trace added to the 2 x 2 system, which is singular for real targets and at the edge of the reach."""


@dataclass(frozen=True, eq=False)
class _Residual:
    """p(mu) (batch,), its derivative by mu (batch,), and its two real gradients by B (batch, 2, n, n), all scaled."""

    value: Tensor
    slope: Tensor
    gradients: Tensor


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
    V = helmert(matrices.shape[-1], matrices.dtype, matrices.device).to(targets.dtype)
    gradient = V @ adjugates.mT @ V.mT
    return _Residual(value, slope, torch.stack([gradient.real, gradient.imag], 1))


def steer(
    space: Space,
    points: Tensor,
    targets: Tensor,
    iterations: int,
    patience: int | None = None,
    trace: list[Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Points (batch, ...) and complex targets (batch,) -> points with an eigenvalue nearer, and steps used (batch,).

    Each iteration takes the shortest step that solves the linearised equation, no longer than a radius that shrinks
    where a step fails and grows where it succeeds. Points that have converged, or have gone astray, are left alone, and
    so are those whose residual has not halved within the last `patience` iterations. The points before the first and
    after every iteration are appended to `trace`.
    """
    points = points.clone()
    used = torch.zeros(len(points), dtype=torch.long, device=points.device)
    radius = torch.full((len(points),), LONGEST, dtype=torch.float64, device=points.device)
    active = torch.arange(len(points), device=points.device)
    matrices = space.matrices(points)
    residual = _residual(matrices, targets)
    value, slope, gradients = residual.value, residual.slope, residual.gradients
    sizes = [value.abs()]
    if trace is not None:
        trace.append(points.clone())
    for _ in range(iterations):
        size = sizes[-1][active]
        going = (size > CONVERGED * slope[active].abs()) & size.isfinite() & (radius[active] > 1e-9)
        if patience is not None and len(sizes) > patience:
            going &= size < 0.5 * sizes[-1 - patience][active]
        active = active[going]
        if not len(active) or to_stop():
            break
        directions = space.pull(points[active], gradients[active])
        step = _shortest(directions, value[active])
        length = torch.linalg.vector_norm(step, dim=-1)
        step = step * (radius[active] / length).clamp_max(1)[:, None]
        trial = space.move(points[active], step)
        ahead = _residual(space.matrices(trial), targets[active])
        better = ahead.value.abs() < value[active].abs()
        radius[active] = torch.where(better, 2 * radius[active], torch.minimum(radius[active], length) / 4)
        used[active] += 1
        won = active[better]
        points[won] = trial[better]
        value[won], slope[won], gradients[won] = ahead.value[better], ahead.slope[better], ahead.gradients[better]
        sizes.append(value.abs())
        if trace is not None:
            trace.append(points.clone())
    return points, used


def _shortest(directions: Tensor, value: Tensor) -> Tensor:
    """Gradients (batch, 2, q) of Re p and Im p, p (batch,) -> the shortest step (batch, q) with p + dp = 0, damped."""
    inner = torch.einsum("bkq,blq->bkl", directions, directions.conj()).real
    damped = inner + DAMPING * inner.diagonal(dim1=-2, dim2=-1).sum(-1)[:, None, None] * torch.eye(
        2, dtype=inner.dtype, device=inner.device
    )
    adjugates, determinant = adjugate(damped)
    right = torch.stack([value.real, value.imag], -1)
    weights = (adjugates @ right[..., None])[..., 0] / determinant.clamp_min(torch.finfo(inner.dtype).tiny)[:, None]
    return -torch.einsum("bk,bkq->bq", weights.to(directions.dtype), directions)
