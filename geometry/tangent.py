"""Linear algebra of vectors of sum 0, on which a doubly stochastic matrix acts besides its Perron vector."""

from __future__ import annotations

import torch
from torch import Tensor

from projectors.tracing import constant

SMALL = 8
"""Largest order at which one product with (n-1)^2 n^2 numbers is faster than two for each matrix."""


@constant(maxsize=64)
def helmert(n: int, dtype: torch.dtype = torch.float64, device: torch.device | None = None) -> Tensor:
    """n -> orthonormal basis V (n, n - 1) of the vectors of sum 0, Helmert's. Do not write."""
    V = torch.ones(n, n - 1, dtype=torch.float64).triu()
    k = torch.arange(1, n, dtype=torch.float64)
    V[range(1, n), range(n - 1)] = -k
    return (V / (k * (k + 1)).sqrt()).to(dtype=dtype, device=device)


@constant(maxsize=16)
def tangent_basis(n: int, dtype: torch.dtype = torch.float64, device: torch.device | None = None) -> Tensor:
    """n -> orthonormal matrices ((n-1)^2, n, n) with rows and columns of sum 0, a basis of the directions inside B_n.

    Do not write.
    """
    V = helmert(n, dtype, device)
    return torch.einsum("ai,bj->ijab", V, V).flatten(0, 1).contiguous()


def deflate(matrices: Tensor) -> Tensor:
    """Matrices (..., n, n) with row and column sums 1 -> their action on vectors of sum 0, (..., n - 1, n - 1).

    The spectrum is that of the matrix with one eigenvalue 1, the Perron root, taken away: also where 1 is multiple.
    """
    n = matrices.shape[-1]
    if n <= SMALL:
        basis = tangent_basis(n, matrices.dtype, matrices.device).flatten(1)
        return (matrices.flatten(-2) @ basis.mT).unflatten(-1, (n - 1, n - 1))
    V = helmert(n, matrices.dtype, matrices.device)
    return V.mT @ (matrices @ V)


def inflate(matrices: Tensor) -> Tensor:
    """Matrices (..., n - 1, n - 1) -> matrices (..., n, n) of row and column sums 0 that act so on vectors of sum 0.

    The adjoint of `deflate`, and its inverse on these.
    """
    n = matrices.shape[-1] + 1
    if n <= SMALL:
        basis = tangent_basis(n, matrices.dtype, matrices.device).flatten(1)
        return (matrices.flatten(-2) @ basis).unflatten(-1, (n, n))
    V = helmert(n, matrices.dtype, matrices.device)
    return V @ (matrices @ V.mT)
