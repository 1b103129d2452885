"""How far inside the Birkhoff polytope a matrix is."""

from __future__ import annotations

from torch import Tensor


def facet_distance(matrices: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> Frobenius distances (...,) to the nearest of the n^2 facets B_ij = 0.

    n/(n - 1) times the least entry: a unit matrix without its row and column means has norm (n - 1)/n. 0 on the
    boundary, 1/(n - 1) at the barycentre, negative outside.

    >>> import torch
    >>> facet_distance(torch.full((3, 3), 1 / 3)), facet_distance(torch.eye(3))
    (tensor(0.5000), tensor(0.))
    """
    n = matrices.shape[-1]
    return matrices.amin((-2, -1)) * (n / (n - 1))
