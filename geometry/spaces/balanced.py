"""The space of projectors that hold Sinkhorn's iterations: parameters that these leave alone."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from geometry.sampling import edges
from geometry.sampling.distributions import uniform
from geometry.spaces.base import Parameters
from projectors import Kronecker, Mixture, Projector, Sinkhorn

SETTLING, BALANCED = 50, 1e-12
"""How often parameters are balanced at most, and the error of a sum at which they are left alone."""

REBALANCED = 4
"""How often a step of `Balanced` runs through Sinkhorn's iterations."""


class Balanced(Parameters):
    """Parameters that Sinkhorn, or every Sinkhorn in a combination, maps onto matrices balanced already.

    The logarithm of a doubly stochastic matrix is a fixed point: every step ends at the logarithm of its own matrix, so
    that Sinkhorn's iterations suffice.
    """

    def random(self, count: int, generator: Generator) -> Tensor:
        """Logarithms of matrices from the edges of the polytope inwards; for a combination, random ones, balanced."""
        if isinstance(self.projector, Sinkhorn):
            share = 10 ** uniform((count, 1, 1), generator, -3, 0)
            outer = edges(self.projector, count, generator)
            return _preimage(self.projector, (1 - share) * outer + share / self.projector.n)
        return self.settled(super().random(count, generator))

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Add, balance a few times over, and take the logarithm: nearly decomposable matrices balance slowly."""
        points = points + directions
        for _ in range(REBALANCED):
            points = balanced(self.projector, points)
        return points

    def inwards(self, points: Tensor) -> Tensor:
        """Mix every balanced matrix with some of the barycentre: the logarithm of a zero hardly moves."""
        return balanced(self.projector, points, share=0.1)

    def settled(self, theta: Tensor) -> Tensor:
        """Balance again and again, until all sums are 1 within 1e-12 or after 50 times."""
        for _ in range(SETTLING):
            matrices = self.projector.matrices(theta)
            if all(bool(((matrices.sum(axis) - 1).abs() <= BALANCED).all()) for axis in (-1, -2)):
                break
            theta = balanced(self.projector, theta)
        return theta


def balanced(projector: Projector, theta: Tensor, share: float = 0) -> Tensor:
    """projector, theta (..., p) -> theta (..., p), every Sinkhorn's part replaced by that of its own matrix.

    Of which this share is made the barycentre's.
    """
    if isinstance(projector, Sinkhorn):
        return _preimage(projector, (1 - share) * projector.matrices(theta) + share / projector.n)
    if isinstance(projector, Kronecker):
        parts = theta.split([factor.parameter_count for factor in projector.factors], -1)
        return torch.cat([balanced(*pair, share) for pair in zip(projector.factors, parts, strict=True)], -1)
    if isinstance(projector, Mixture):
        each = projector.k * projector.projector.parameter_count
        members = balanced(projector.projector, theta[..., :each].unflatten(-1, (projector.k, -1)), share)
        return torch.cat([members.flatten(-2), theta[..., each:]], -1)
    return theta


def _preimage(projector: Sinkhorn, matrices: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> the parameters (..., n^2) that stand for them.

    Raises ValueError for a convention with an epsilon, whose matrices are none.
    """
    epsilon = projector.convention.epsilon
    if epsilon:
        raise ValueError(
            f"an epsilon of {epsilon:g} keeps every sum of {projector} from 1, so that no doubly stochastic matrix is "
            "reached: ask for the convention without it"
        )
    flat = matrices.flatten(-2)
    return flat.clamp_min(1e-30).log() if projector.positive == "exp" else flat
