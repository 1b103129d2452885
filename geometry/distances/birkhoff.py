"""The doubly stochastic matrix nearest to any matrix: the Euclidean projection onto the Birkhoff polytope."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.polytope import square

ROUNDS, CONVERGED = 20_000, 1e-13
"""Rounds at most, and the error of an entry, over the size of the input, at which no further one is made."""


def birkhoff_projection(matrices: Tensor) -> Tensor:
    """Any real matrices (..., n, n) -> the nearest doubly stochastic ones (..., n, n) in the Frobenius norm.

    Dykstra's alternating projections between matrices of sums 1 and those without negative entries [BoyleDykstra1986]:
    sums are exact to rounding, negative entries at most 1e-9 where the input is of size 1. No gradient. Raises
    ValueError for anything but finite square matrices with n >= 2.

    >>> birkhoff_projection(torch.tensor([[2.0, 0], [0, 0]], dtype=torch.float64))
    tensor([[1., 0.],
            [0., 1.]], dtype=torch.float64)
    """
    given = square(matrices, "birkhoff_projection", least=2)
    if not bool(given.isfinite().all()):
        raise ValueError("birkhoff_projection wants finite matrices; there are entries that are nan or inf")
    if not given.numel():
        return given.detach()
    X = balanced = given.detach().double()
    size = X.abs().amax().clamp_min(1)
    correction = torch.zeros_like(X)
    for _ in range(ROUNDS):
        balanced = _with_sums(X)
        after = (balanced + correction).clamp_min(0)
        correction = balanced + correction - after
        # Both: the result may stand still for many rounds while what is still missing from it grows.
        error = torch.maximum((after - X).abs(), (after - balanced).abs())
        X = after
        if bool(error.amax() <= CONVERGED * size):
            break
    return _with_sums(X).to(given.dtype)


def _with_sums(matrices: Tensor) -> Tensor:
    """(..., n, n) -> the nearest matrices (..., n, n) whose rows and columns sum to 1."""
    n = matrices.shape[-1]
    rows, columns = ((1 - matrices.sum(axis, keepdim=True)) / n for axis in (-1, -2))
    total = rows.sum(-2, keepdim=True) / n
    return matrices + rows + columns - total
