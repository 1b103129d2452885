"""The Cayley transform: skew matrices onto orthogonal or unitary ones, with a backward pass of two products."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from projectors.ranges import no_larger, wide
from projectors.rotations.inverses import inverse
from projectors.tracing import traced

ILL_CONDITIONED = 20.0
"""Largest |A| up to which plain elimination is orthogonal to 1e-13; beyond it the transform is polished."""

SATURATED = 1e12
"""Largest |A| told apart: at and beyond it, the transform is within 1e-12 of its limit along the ray."""


class _Cayley(torch.autograd.Function):
    """A (batch, N, N) -> Q = 2 (I + A)^-1 - I; the backward pass -1/2 (I + Q)^H G (I + Q)^H needs no second solve.

    Where A is large and not `tame`, I + Q is nearly singular, and of G only what is tangent to the rotations counts:
    the rest would leave its rounding, larger than the gradient, in what is symmetric, and is taken away before.
    """

    @staticmethod
    def forward(ctx: Any, skew: Tensor, tame: bool) -> Tensor:
        rotation = _reflected((_eliminated if _many(skew) else _inverse)(skew)) if tame else _polished(skew)
        ctx.save_for_backward(rotation)
        ctx.tame = tame
        return rotation

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (rotation,) = ctx.saved_tensors
        (along,) = gradients
        if not ctx.tame:
            along = 0.5 * (along - rotation @ along.mH @ rotation)
        outer = _plus_identity(rotation).mH
        if torch.is_grad_enabled():  # somebody wants the derivative of this, too: it goes on through Q
            return -0.5 * (outer @ along @ outer), None
        product = _product if _many(rotation) else torch.matmul
        return product(product(outer, along), outer).mul_(-0.5), None


def _tame(skew: Tensor) -> bool:
    """Whether no matrix of a batch (batch, N, N) is so large that it is to be polished, or holds a nan."""
    entries = skew.detach().permute(1, 2, 0)  # contiguous where the batch is large
    entries = torch.view_as_real(entries) if skew.is_complex() else entries
    low, high = entries.aminmax() if skew.numel() else (torch.zeros(()), torch.zeros(()))
    return bool(torch.maximum(-low, high) <= ILL_CONDITIONED)


def _many(matrices: Tensor) -> bool:
    """Whether a CPU does better to take a step of the algorithm for all matrices at once than one matrix at a time."""
    return matrices.device.type == "cpu" and len(matrices) >= 256 and matrices.shape[-1] <= 32


def _plus_identity(matrices: Tensor) -> Tensor:
    shifted = matrices.clone()
    shifted.diagonal(dim1=-2, dim2=-1).add_(1)
    return shifted


def _reflected(inverse: Tensor) -> Tensor:
    rotation = inverse.mul_(2)
    rotation.diagonal(dim1=-2, dim2=-1).sub_(1)
    return rotation


def _inverse(skew: Tensor) -> Tensor:
    return inverse(_plus_identity(skew))


def _eliminated(skew: Tensor) -> Tensor:
    """As `_inverse` by Gauss-Jordan elimination, each step for the whole batch, which is the last axis in memory.

    It needs no pivoting: every pivot is at least 1 in absolute value, because I + A and with it every Schur complement
    is the identity plus a positive semidefinite plus a skew matrix.
    """
    work = skew.permute(1, 2, 0).clone(memory_format=torch.contiguous_format)
    work.diagonal().add_(1)
    for k in range(len(work)):
        pivot = work[k, k].reciprocal()
        row, column = work[k] * pivot, work[:, k].neg()
        row[k], column[k] = pivot, 1
        work[k], work[:, k] = 0, 0
        work.addcmul_(column[:, None], row)
    return work.permute(2, 0, 1)


def _product(left: Tensor, right: Tensor) -> Tensor:
    """Matrices (batch, N, N) times matrices: a sum of N products of columns and rows, the batch last in memory."""
    left, right = (factor.permute(1, 2, 0).contiguous().resolve_conj() for factor in (left, right))
    product = left[:, :1] * right[0]
    for k in range(1, len(right)):
        product.addcmul_(left[:, k, None], right[k])
    return product.permute(2, 0, 1)


def newton_schulz(rotation: Tensor) -> Tensor:
    """Nearly orthogonal or unitary Q (batch, N, N) -> Q (3 I - Q^H Q) / 2, nearer by a Newton-Schulz step.

    Of the distance e of Q^H Q to the identity it leaves 3/4 e^2, to leading order.
    """
    correction = (rotation.mH @ rotation).mul_(-0.5)
    correction.diagonal(dim1=-2, dim2=-1).add_(1.5)
    return rotation @ correction


def _polished(skew: Tensor) -> Tensor:
    """Q made orthogonal to rounding by Newton-Schulz steps: A is in double precision, and no larger than 1e12.

    The inverse loses log10 |A| digits. Three steps take 1e-3 to rounding.
    """
    rotation = _reflected(_inverse(skew))
    for _ in range(3):
        rotation = newton_schulz(rotation)
    return rotation


def _plain(skew: Tensor) -> Tensor:
    """As `cayley` of large A, without a branch on numbers or anything in place: torch itself makes the derivatives."""
    bounded = no_larger(wide(skew), SATURATED)
    identity = torch.eye(bounded.shape[-1], dtype=bounded.dtype, device=bounded.device)
    rotation = 2 * torch.linalg.inv_ex(identity + bounded)[0] - identity
    for _ in range(3):
        rotation = rotation @ (1.5 * identity - 0.5 * rotation.mH @ rotation)
    return rotation.to(skew.dtype)


def cayley(skew: Tensor) -> Tensor:
    """Skew-symmetric or skew-Hermitian A (..., N, N) -> orthogonal or unitary Q = (I - A)(I + A)^-1 (..., N, N).

    Orthogonal to rounding for every finite A, also where I + A is ill-conditioned: a large A is polished by
    Newton-Schulz steps, and beyond |A| = 1e12 counts as its rescaling to that size. Derivatives of any order
    [Helfrich2018].
    """
    *batch, N, _ = skew.shape
    if traced(skew):
        return _plain(skew)
    flat = skew.reshape(-1, N, N)
    tame = _tame(flat)
    rotation = _Cayley.apply(flat if tame else no_larger(wide(flat), SATURATED), tame)  # type: ignore[no-untyped-call]
    return rotation.to(skew.dtype).reshape(*batch, N, N)
