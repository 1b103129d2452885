"""How far a matrix is from being doubly stochastic at all."""

from __future__ import annotations

import torch
from torch import Tensor


def exactness_residual(matrices: Tensor) -> Tensor:
    """Matrices (..., n, n) -> (...,), the largest of |row sum - 1|, |column sum - 1| and the sizes of negative entries.

    0 if and only if the matrix is doubly stochastic; a few units of rounding for methods that call themselves exact,
    and for mHC what its last Sinkhorn iteration left over. Raises ValueError for matrices that are not square.

    >>> exactness_residual(torch.tensor([[0.5, 0.5], [0.75, 0.25]]))
    tensor(0.2500)
    """
    if matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2]:
        raise ValueError(f"exactness_residual wants matrices of shape (..., n, n), not {tuple(matrices.shape)}")
    rows, columns = ((matrices.sum(axis) - 1).abs().amax(-1) for axis in (-1, -2))
    return torch.maximum(torch.maximum(rows, columns), -matrices.amin((-1, -2)))
