"""Free parameters of a given doubly stochastic matrix, for the parameterizations that reach all of them."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from projectors import EuclideanProjection, PermutationMixture, Projector, Sinkhorn, TransportationWalk
from projectors.averages.permutation import permutation_matrices

FLOOR = 1e-30
"""What a zero is replaced by before its logarithm is taken."""


@singledispatch
def preimage(projector: Projector, matrices: Tensor) -> Tensor | None:
    """projector, doubly stochastic matrices (m, n, n) -> theta (m, p) that it maps onto them; None: no formula known.

    Exact for positive matrices, and within 1e-14 for those with zeros, which are limits.
    """
    return None


@preimage.register
def _(projector: Sinkhorn, matrices: Tensor) -> Tensor:
    """A doubly stochastic matrix is balanced already."""
    flat = matrices.flatten(-2).clamp_min(0)
    return flat.clamp_min(FLOOR).log() if projector.positive == "exp" else flat


@preimage.register
def _(projector: PermutationMixture, matrices: Tensor) -> Tensor:
    """Birkhoff's theorem: the logarithms of the weights of a decomposition into permutation matrices."""
    rows = [birkhoff_decomposition(matrix) for matrix in matrices.cpu().numpy()]
    places = permutation_matrices(projector.n).argmax(-1).numpy()
    numbers = {tuple(order): number for number, order in enumerate(places.tolist())}
    theta = torch.full((len(rows), projector.parameter_count), FLOOR, dtype=torch.float64)
    for row, terms in enumerate(rows):
        for weight, order in terms:
            theta[row, numbers[order]] += weight
    return theta.log().to(matrices.device)


@preimage.register
def _(projector: TransportationWalk, matrices: Tensor) -> Tensor:
    """The shares of the room that every entry had."""
    return projector.parameters(matrices)


@preimage.register
def _(projector: EuclideanProjection, matrices: Tensor) -> Tensor:
    """What is in the polytope is its own projection."""
    return matrices.flatten(-2)


def birkhoff_decomposition(
    matrix: NDArray[np.float64], tolerance: float = 1e-15
) -> list[tuple[float, tuple[int, ...]]]:
    """Doubly stochastic matrix (n, n) -> at most (n-1)^2 + 1 weights of sum 1 and permutations that combine to it.

    Each step takes away as much as possible of the permutation whose entries have the largest product, so that at least
    one entry becomes zero. Entries below the tolerance count as zero [Birkhoff1946].

    >>> birkhoff_decomposition(np.array([[0.25, 0.75], [0.75, 0.25]]))
    [(0.75, (1, 0)), (0.25, (0, 1))]
    """
    rest = matrix.clip(0).astype(np.float64)
    n = len(rest)
    terms: list[tuple[float, tuple[int, ...]]] = []
    for _ in range(n * n):
        with np.errstate(divide="ignore"):
            row, column = linear_sum_assignment(np.where(rest > tolerance, -np.log(rest.clip(tolerance)), 1e6))
        weight = float(rest[row, column].min())
        if weight <= tolerance:
            break
        terms.append((weight, tuple(int(place) for place in column)))
        rest[row, column] -= weight
    total = sum(weight for weight, _ in terms)
    return [(weight / total, order) for weight, order in terms]
