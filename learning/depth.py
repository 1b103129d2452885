"""How soon a deep stack of mixing matrices forgets: products tend to the barycentre J/n (B.4, B.5 of [goMHC2026])."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.sampling import Measure, sample
from geometry.tangent import deflate
from projectors import Projector
from projectors.checks import whole_number

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
    whole_number(count, "count, the number of stacks,", 1)
    whole_number(depth, "depth, the number of matrices in a stack,", 1)
    whole_number(depth * count * projector.n**2, "depth * count * n^2", 1, MOST_ENTRIES)
    return distances(deflate(sample(projector, depth * count, measure, seed)).unflatten(0, (depth, count)))


def distances(layers: Tensor) -> Tensor:
    """Layers (depth, t, m, m) -> Frobenius norms (depth, t) of the products of the first one, two and so on."""
    product, norms = layers[0], [layers[0].norm(dim=(-2, -1))]
    for layer in layers[1:]:
        product = product @ layer
        norms.append(product.norm(dim=(-2, -1)))
    return torch.stack(norms)
