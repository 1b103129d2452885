"""Where training starts when it starts near a vertex of the polytope, the identity (B.10 of [goMHC2026])."""

from __future__ import annotations

from functools import singledispatch
from math import expm1, log, log1p, sqrt

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import dirichlet
from projectors import (
    Circulant,
    Identity,
    IteratedOrthostochastic,
    Kronecker,
    Mixture,
    PermutationMixture,
    Projector,
    Rotational,
    Sinkhorn,
)
from projectors.base import normal

SPREAD = 0.1
"""Standard deviation of logits around those of the identity, so that no two starts are the same."""


@singledispatch
def near_identity(projector: Projector, distance: float, count: int, generator: Generator) -> Tensor:
    """Parameters (count, p) of random matrices whose diagonal entries are 1 - distance on average, or about that.

    Of a projector that is not described here they are searched for: its nearest to random matrices with just these
    entries on the diagonal. That takes seconds, and comes only as near to the identity as the projector does.
    """
    from geometry.distances import nearest  # and with it scipy, which nothing else here needs

    seed = int(torch.randint(2**62, (), generator=generator))
    return nearest(projector, _mostly_identity(projector.n, distance, count, generator), seed, starts=2).theta


def _mostly_identity(n: int, distance: float, count: int, generator: Generator) -> Tensor:
    """Random doubly stochastic matrices (count, n, n), every diagonal entry 1 - distance.

    The rest is shared out among the powers of an n-cycle, a random one for each matrix.
    """
    rest = dirichlet((count, n - 1), generator)
    shares = torch.cat([rest.new_full((count, 1), 1 - distance), distance * rest], -1)
    place = torch.rand(count, n, generator=generator).argsort(-1)
    power = (place[:, None, :] - place[:, :, None]) % n  # which one takes row i to column j
    return shares.gather(-1, power.flatten(1)).unflatten(-1, (n, n))


def _off_by(distance: float, others: int) -> float:
    """The logit that gives one of 1 + `others` choices the weight 1 - distance, where the others have logit 0."""
    return log((1 - distance) / distance * others)


@near_identity.register(Circulant)
@near_identity.register(PermutationMixture)
def _(projector: Projector, distance: float, count: int, generator: Generator) -> Tensor:
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
def _(projector: Rotational, distance: float, count: int, generator: Generator) -> Tensor:
    # Near A = 0, Q is I - 2A to first order: a block off the diagonal holds s^2 entries with one or two squares (2A)^2
    # each, averaged to 4s or 8s.
    size = sqrt(distance / (4 * projector.numbers_per_entry * projector.s * (projector.n - 1)))
    return size * normal((count, projector.parameter_count), generator, torch.float64, None)


@near_identity.register
def _(projector: Kronecker, distance: float, count: int, generator: Generator) -> Tensor:
    each = -expm1(log1p(-distance) / len(projector.factors))  # 1 - (1 - distance)^(1/k), however small it is
    return torch.cat([near_identity(factor, each, count, generator) for factor in projector.factors], -1)


@near_identity.register
def _(projector: Mixture, distance: float, count: int, generator: Generator) -> Tensor:
    terms = near_identity(projector.projector, distance, count * projector.k, generator).reshape(count, -1)
    return terms if projector.weights is not None else torch.cat([terms, terms.new_zeros(count, projector.k)], -1)


@near_identity.register
def _(projector: IteratedOrthostochastic, distance: float, count: int, generator: Generator) -> Tensor:
    # To first order, the rotation nearest to I + X is I plus the skew part of X, whose entries have half its variance.
    n, size = projector.n, sqrt(2 * distance / (projector.n - 1))
    moved = torch.eye(n, dtype=torch.float64) + size * normal((count, n, n), generator, torch.float64, None)
    return moved.flatten(1)


@near_identity.register
def _(projector: Identity, distance: float, count: int, generator: Generator) -> Tensor:
    return torch.empty(count, 0, dtype=torch.float64)
