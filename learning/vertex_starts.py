"""Where training starts when it starts near a vertex of the polytope, the identity (B.10 of [goMHC2026])."""

from __future__ import annotations

from functools import singledispatch
from math import log, sqrt

import torch
from torch import Generator, Tensor

from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Projector, Sinkhorn, Unistochastic
from projectors.base import normal

SPREAD = 0.1
"""Standard deviation of logits around those of the identity, so that no two starts are the same."""


@singledispatch
def near_identity(projector: Projector, distance: float, count: int, generator: Generator) -> Tensor:
    """Parameters (count, p) of random matrices whose diagonal entries are 1 - distance on average, or about that."""
    raise TypeError(f"no start near the identity is known for {projector}")


def _off_by(distance: float, others: int) -> float:
    """The logit that gives one of 1 + `others` choices the weight 1 - distance, where the others have logit 0."""
    return log((1 - distance) / distance * others)


@near_identity.register
def _(projector: PermutationMixture, distance: float, count: int, generator: Generator) -> Tensor:
    theta = SPREAD * normal((count, projector.parameter_count), generator, torch.float64, None)
    theta[:, 0] += _off_by(distance, projector.parameter_count - 1)  # the first permutation is the identity
    return theta


@near_identity.register
def _(projector: Sinkhorn, distance: float, count: int, generator: Generator) -> Tensor:
    n = projector.n
    logits = SPREAD * normal((count, n, n), generator, torch.float64, None)
    logits.diagonal(dim1=-2, dim2=-1).add_(_off_by(distance, n - 1))
    return (logits if projector.positive == "exp" else logits.softmax(-1)).flatten(1)


@near_identity.register
def _(projector: Orthostochastic, distance: float, count: int, generator: Generator) -> Tensor:
    # Near A = 0, Q is I - 2A to first order: a block off the diagonal holds s^2 squares (2A)^2, averaged to 4s.
    size = sqrt(distance / (4 * projector.s * (projector.n - 1)))
    return size * normal((count, projector.parameter_count), generator, torch.float64, None)


@near_identity.register
def _(projector: Unistochastic, distance: float, count: int, generator: Generator) -> Tensor:
    size = sqrt(distance / (8 * projector.s * (projector.n - 1)))  # as above, with two squares an entry
    return size * normal((count, projector.parameter_count), generator, torch.float64, None)


@near_identity.register
def _(projector: Kronecker, distance: float, count: int, generator: Generator) -> Tensor:
    each = 1 - (1 - distance) ** (1 / len(projector.factors))
    return torch.cat([near_identity(factor, each, count, generator) for factor in projector.factors], -1)


@near_identity.register
def _(projector: Mixture, distance: float, count: int, generator: Generator) -> Tensor:
    terms = near_identity(projector.projector, distance, count * projector.k, generator).reshape(count, -1)
    return terms if projector.weights is not None else torch.cat([terms, terms.new_zeros(count, projector.k)], -1)
