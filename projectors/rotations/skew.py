"""Skew-symmetric and skew-Hermitian matrices from their free parameters."""

from __future__ import annotations

import torch
from torch import Tensor

from projectors.tracing import constant


def _filled(theta: Tensor, N: int, mirror: int) -> Tensor:
    """theta (..., p) -> (..., N, N): the upper triangle row by row, mirrored with this sign; for +1, then the diagonal.

    In memory the batch is the last axis, so that what is done to one entry of every matrix runs along it.
    """
    where, sign = _pattern(N, mirror, theta.device)
    if theta.shape[-1] == 1:  # nothing to select, and inductor cannot compile the gradient of selecting from one
        return theta[..., None] * sign.reshape(N, N)
    entries = theta.reshape(-1, theta.shape[-1]).t().contiguous().index_select(0, where) * sign
    return entries.t().reshape(*theta.shape[:-1], N, N)


@constant(maxsize=128)
def _pattern(N: int, mirror: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Which parameter stands at each of the N^2 entries, (N^2,), and with which sign, (N^2, 1)."""
    row, column = torch.triu_indices(N, N, 1, device=device)
    where, sign = torch.zeros(2, N, N, dtype=torch.long, device=device)
    where[row, column] = where[column, row] = torch.arange(len(row), device=device)
    sign[row, column], sign[column, row] = 1, mirror
    if mirror == 1:
        where.diagonal().copy_(torch.arange(len(row), len(row) + N))
        sign.fill_diagonal_(1)
    return where.flatten(), sign.reshape(-1, 1)


def skew_symmetric(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N(N-1)/2) -> skew-symmetric A (..., N, N), the upper triangle filled row by row with theta."""
    return _filled(theta, N, -1)


def skew_hermitian(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N^2) -> skew-Hermitian A (..., N, N).

    The first N(N-1)/2 parameters are the real upper triangle, as many the imaginary one, the last N the diagonal.
    """
    return torch.complex(*_parts(theta, N))


def embedded(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N^2) -> the real skew-symmetric matrix (..., 2N, 2N) that acts as `skew_hermitian` does.

    Real parts X and imaginary parts Y as (X, -Y; Y, X): sums, products and inverses are those of the complex matrices.
    """
    X, Y = _parts(theta, N)
    return torch.cat([torch.cat([X, -Y], -1), torch.cat([Y, X], -1)], -2)


def _parts(theta: Tensor, N: int) -> tuple[Tensor, Tensor]:
    """Real theta (..., N^2) -> real and imaginary part (..., N, N) of the skew-Hermitian matrix."""
    p = N * (N - 1) // 2
    return _filled(theta[..., :p], N, -1), _filled(theta[..., p:], N, 1)
