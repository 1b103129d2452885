"""What a deep stack of mixing matrices does to signals and gradients (B.4, B.5, B.8 of [goMHC2026])."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.polytope import doubly_stochastic
from geometry.sampling import Measure, sample
from geometry.tangent import deflate
from projectors import Projector
from projectors.checks import instance, whole_number

MOST_ENTRIES = 8_000_000
"""Entries of all sampled matrices together."""


def decoupling(
    projector: Projector, depth: int, count: int = 64, measure: Measure = "initial", seed: int = 0
) -> Tensor:
    """projector, depth -> distances |B_1 ... B_L - J/n|_F (depth, count) for L = 1, 2, ...: `count` independent stacks.

    For doubly stochastic matrices the distance is that of the product's action on vectors of sum 0, in which nothing
    cancels: it stays accurate down to the smallest numbers. Raises ValueError for a depth or count below 1 or too
    large, and like `sample`.

    >>> from projectors import Orthostochastic
    >>> decoupling(Orthostochastic(4, 2), depth=30).mean(1)[-1] < 1e-3
    tensor(True)
    """
    _check(projector, depth, count)
    return distances(deflate(sample(projector, depth * count, measure, seed)).unflatten(0, (depth, count)))


def amax_gains(
    projector: Projector, depth: int, count: int = 64, measure: Measure = "initial", seed: int = 0
) -> Tensor:
    """projector, depth -> gains (2, depth, count) of the products B_L ... B_1, L = 1, 2, ...: forwards and backwards.

    Eqs. 27-28 of [goMHC2026], the Amax gain magnitude of [mHC2025]: the largest absolute row sum of the product is how
    much a signal can grow, the largest column sum how much a gradient can. 1 at every depth for exact methods. Of mHC
    one of the two is 1, that of the sums which its last half-iteration makes exact, and so the other stays below n
    however deep the stack is; it is as far from 1 as few iterations leave the sums. Raises ValueError like
    `decoupling`.

    >>> from projectors import Sinkhorn
    >>> forwards, backwards = amax_gains(Sinkhorn(4, iterations=2), depth=20)
    >>> bool(forwards[-1].mean() > 1.01), bool((backwards[-1] < 1 + 1e-12).all())  # columns are exact
    (True, True)
    """
    _check(projector, depth, count)
    layers = sample(projector, depth * count, measure, seed).unflatten(0, (depth, count))
    product, gains = torch.eye(projector.n, dtype=torch.float64), []
    for layer in layers:
        product = layer @ product
        gains.append(torch.stack([product.abs().sum(axis).amax(-1) for axis in (-1, -2)]))
    return torch.stack(gains, 1)


def repeated(matrices: Tensor, depth: int) -> Tensor:
    """Doubly stochastic matrices (t, n, n), depth -> norms (depth, t) of B^L - J/n for L = 1, 2, ...

    What is left of a gradient, apart from its mean over streams, after as many equal layers (Eq. 30 of [goMHC2026]): it
    falls like rho^L, rho the largest modulus of `geometry.spectra.eigenvalues`, in the limit (Gelfand's formula) and
    never below. Raises ValueError unless the matrices are doubly stochastic within 1e-3, and depth is from 1 to 10,000.

    >>> repeated(torch.eye(3, dtype=torch.float64).roll(1, 0)[None], 3)[:, 0]  # a permutation forgets nothing
    tensor([1.4142, 1.4142, 1.4142], dtype=torch.float64)
    """
    given = doubly_stochastic(matrices, "repeated", least=2)
    if given.ndim != 3:
        raise ValueError(f"repeated wants matrices of shape (t, n, n), not {tuple(given.shape)}")
    whole_number(depth, "depth, the number of equal layers,", 1, 10_000)
    return distances(deflate(given).expand(depth, *given.shape[:1], -1, -1))


def _check(projector: Projector, depth: int, count: int) -> None:
    instance(projector, Projector, "the projector")
    whole_number(count, "count, the number of stacks,", 1)
    whole_number(depth, "depth, the number of matrices in a stack,", 1)
    whole_number(depth * count * projector.n**2, "depth * count * n^2", 1, MOST_ENTRIES)


def distances(layers: Tensor) -> Tensor:
    """Layers (depth, t, m, m) -> Frobenius norms (depth, t) of the products of the first one, two and so on."""
    product, norms = layers[0], [layers[0].norm(dim=(-2, -1))]
    for layer in layers[1:]:
        product = product @ layer
        norms.append(product.norm(dim=(-2, -1)))
    return torch.stack(norms)
