"""The plane or the space through any three or four permutations."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import index
from typing import ClassVar

import torch
from torch import Tensor

from geometry.slices.views import LARGEST, View


class DependentPermutationsError(ValueError):
    """Three permutation matrices that lie on a line, or four that lie in a plane: no plane or space is theirs."""


@dataclass(frozen=True)
class PermutationView(View):
    """Three or four permutations of 0..n-1 -> the plane or space through their matrices, orthonormalised.

    The centre is their mean; lengths are Frobenius norms divided by the largest distance of a corner from it. Raises
    ValueError for anything but permutations, and DependentPermutationsError, which is one, if their matrices lie on a
    line or in a plane.

    >>> view = PermutationView([(0, 1, 2), (1, 0, 2), (1, 2, 0)])
    >>> view.dimension, view.labels, view
    (2, ('123', '213', '231'), PermutationView(orders=((0, 1, 2), (1, 0, 2), (1, 2, 0))))
    """

    n: int = field(init=False, repr=False)
    orders: tuple[tuple[int, ...], ...]
    name: ClassVar[str] = "chosen permutations"

    def __post_init__(self) -> None:
        try:
            orders = tuple(tuple(index(place) for place in order) for order in self.orders)
        except TypeError:
            orders = ()
        n = len(orders[0]) if orders else 0
        if len(orders) not in (3, 4) or not 2 <= n <= LARGEST or any(sorted(order) != [*range(n)] for order in orders):
            raise ValueError(f"a view needs three or four permutations of 0..n-1, not {self.orders!r}")
        object.__setattr__(self, "orders", orders)
        object.__setattr__(self, "n", n)
        _ = self.directions  # raises where there are none

    @property
    def permutations(self) -> tuple[tuple[int, ...], ...]:
        """Those chosen."""
        return self.orders

    @cached_property
    def centre(self) -> Tensor:
        """The mean of the permutation matrices."""
        return self.vertices.mean(0)

    @cached_property
    def directions(self) -> Tensor:
        """Orthogonal matrices of one length, in the order in which the corners need them."""
        differences = (self.vertices - self.centre).flatten(1)
        steps = differences[1:] - differences[:1]
        Q, R = torch.linalg.qr(steps.mT)
        if R.diagonal().abs().min() < 1e-9:
            raise DependentPermutationsError(
                f"the matrices of these permutations are not affinely independent: {self.orders!r}"
            )
        largest = torch.linalg.vector_norm(differences, dim=1).max()
        return (Q.mT / largest).unflatten(-1, (self.n, self.n))
