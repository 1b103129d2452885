"""How many dimensions of the Birkhoff polytope a parameterization's matrices span, mixed in any way."""

from __future__ import annotations

import torch

from geometry.sampling import sample
from geometry.tangent import deflate
from projectors import Projector
from projectors.checks import instance

INDEPENDENT = 1e-9
"""A direction counts if the sample's spread along it is at least this share of the largest."""


def affine_dimension(projector: Projector, seed: int = 0) -> int:
    """projector -> the dimension of the smallest flat that holds all its matrices, at most (n - 1)^2.

    The numerical rank of twice (n - 1)^2 + 1 random matrices less their mean. No weighted mean of the projector's
    matrices, of however many terms, leaves that flat: where it is thinner than the polytope, averages never fill it.
    For Kronecker products it is prod(1 + (i_k - 1)^2) - 1, for what contains all permutations (n - 1)^2. Where sums are
    not exact, what they are off by is no dimension. Raises ValueError for what is no projector, and for a seed that is
    none.

    >>> from projectors import Kronecker, Orthostochastic, PermutationMixture
    >>> affine_dimension(Orthostochastic(4, 1)), affine_dimension(Kronecker((PermutationMixture(2),) * 2))
    (9, 3)
    """
    instance(projector, Projector, "the projector")
    matrices = sample(projector, 2 * (projector.n - 1) ** 2 + 2, "initial", seed)
    matrices = deflate(matrices).flatten(1)
    spread = torch.linalg.svdvals(matrices - matrices.mean(0))
    return int((spread > INDEPENDENT * spread[0]).sum())
