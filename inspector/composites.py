"""What layers do together: the product of H_res over the depth of a network, forwards and backwards."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from geometry.polytope import in_memory, square
from geometry.tangent import deflate
from inspector.conventions.layout import LARGEST
from inspector.site import Collection, Site
from projectors.checks import instance, whole_number

MIXED = 0.05
"""Share of their differences below which streams count as mixed."""


@dataclass(frozen=True, eq=False)
class Depth:
    """A stack of L layers: composites H_l ... H_1 (L, n, n) of the first l, and what is left of the streams after them.

    `left` (L) is the Frobenius norm of the composite's action on differences of streams over that of the identity,
    sqrt(n - 1): how much of them stays. For doubly stochastic layers it is the distance from J/n over that of I.
    `gains` (2, L): the largest absolute row sum of the composite and its largest absolute column sum, how much a signal
    can grow and how much a gradient can, Eqs. 27 and 28 of [goMHC2026]. `backwards` (L, n, n): products H_L ... H_l of
    the last layers, through which the gradient of layer l goes.
    """

    names: tuple[str, ...]
    composites: Tensor
    backwards: Tensor
    left: Tensor
    gains: Tensor

    @property
    def mixed_after(self) -> int | None:
        """The number of layers after which less than a twentieth of the differences is left; None if that never is."""
        below = (self.left <= MIXED).nonzero()
        return int(below[0, 0]) + 1 if len(below) else None


def depth(matrices: Tensor, names: tuple[str, ...] = ()) -> Depth:
    """H_res of layers (L, n, n), the first first, and what to call them -> what they do together.

    Raises ValueError for anything but finite square matrices, for none, and for names that are not as many.

    >>> found = depth(torch.full((3, 2, 2), 0.5, dtype=torch.float64))
    >>> found.mixed_after, found.gains[:, -1].tolist()
    (1, [1.0, 1.0])
    """
    given = in_memory(square(matrices, "depth", least=2), "depth").detach().double()
    if given.ndim != 3 or not len(given) or not bool(given.isfinite().all()):
        raise ValueError(f"depth wants finite matrices of shape (L, n, n) with L >= 1, not {tuple(given.shape)}")
    if not isinstance(names, tuple | list) or not {str} >= set(map(type, names)) or len(names) not in (0, len(given)):
        raise ValueError(f"depth wants a tuple of {len(given)} names or of none, not {names!r}")
    n = given.shape[-1]
    forwards, product = [], torch.eye(n, dtype=torch.float64)
    for layer in given:
        product = layer @ product
        forwards.append(product)
    backwards, product = [], torch.eye(n, dtype=torch.float64)
    for layer in given.flip(0):
        product = product @ layer
        backwards.append(product)
    composites = torch.stack(forwards)
    left = torch.linalg.matrix_norm(deflate(composites)) / sqrt(n - 1)
    gains = torch.stack([composites.abs().sum(axis).amax(-1) for axis in (-1, -2)])
    return Depth(tuple(names), composites, torch.stack(backwards[::-1]), left, gains)


def stacks(collection: Collection, n: int | None = None) -> dict[str, Depth]:
    """Collection -> its stacks of at least two layers of one n, this one or any, by the names before numbers.

    Matrices of one array, or of one text, are numbered and follow each other too; those with names alone follow each
    other in no depth, and make no stack. Nor do layers of which one is not finite: `gaps` names it. Of dynamic sites
    the mean over tokens is taken, which is not what any one token sees.
    """
    found = {
        key: (torch.stack([_mean(site) for site in sites]), sites) for key, sites in _layers(collection, n).items()
    }
    return {
        key: depth(matrices, tuple(site.name for site in sites))
        for key, (matrices, sites) in found.items()
        if bool(matrices.isfinite().all())
    }


def gaps(collection: Collection, n: int | None = None) -> dict[str, str]:
    """Collection -> what would be a stack but for a layer that is not finite, and the name of the first such layer."""
    wrong = {
        key: [site.name for site in sites if not bool(site.matrix.isfinite().all())]
        for key, sites in _layers(collection, n).items()
    }
    return {key: names[0] for key, names in wrong.items() if names}


def _layers(collection: Collection, n: int | None) -> dict[str, list[Site]]:
    """Collection -> the sites of each stack of at least two layers, in order. ValueError for anything else."""
    instance(collection, Collection, "the collection")
    found: dict[str, list[Site]] = {}
    several, n = len(collection.sizes) > 1, None if n is None else whole_number(n, "n", 1, LARGEST)
    for site in collection:
        if site.stack and n in (None, site.n):
            found.setdefault(f"{site.stack} n = {site.n}" if several else site.stack, []).append(site)
    return {key: sites for key, sites in found.items() if len(sites) > 1}


def _mean(site: Site) -> Tensor:
    return site.matrix.reshape(-1, site.n, site.n).mean(0)
