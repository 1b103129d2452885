"""How far one matrix is inside the Birkhoff polytope, or outside."""

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


def facet_distance(matrices: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> Frobenius distances (...,) to the nearest of the n^2 facets B_ij = 0.

    n/(n - 1) times the least entry: a unit matrix without its row and column means has norm (n - 1)/n. 0 on the
    boundary, 1/(n - 1) at the barycentre, negative outside.

    >>> facet_distance(torch.full((3, 3), 1 / 3)), facet_distance(torch.eye(3))
    (tensor(0.5000), tensor(0.))
    """
    n = matrices.shape[-1]
    return matrices.amin((-2, -1)) * (n / (n - 1))
