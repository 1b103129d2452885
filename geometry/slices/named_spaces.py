"""The spaces through the Birkhoff polytope that mean something: of two groups, and the two natural ones of order 3."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, sqrt
from numbers import Real
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from geometry.regions.region import root_of_unity, subscript
from geometry.slices.named_planes import CyclicPlane, OddPlane
from geometry.slices.permutations import cycle, directions_to, powers
from geometry.slices.views import LARGEST, View

TETRAHEDRON = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
"""Corners of a cube that no edge joins."""


@dataclass(frozen=True)
class CyclicSpace(View):
    """n from 4 to 64 -> the first three Fourier coordinates of the cyclic group; n = 4: a regular tetrahedron.

    >>> view = CyclicSpace(5)
    >>> view.name, view.dimension, view
    ('Z₅ in space', 3, CyclicSpace(n=5))
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n", 4, LARGEST)

    @property
    def name(self) -> str:
        """The group."""
        return f"Z{subscript(self.n)} in space"

    @cached_property
    def permutations(self) -> tuple[tuple[int, ...], ...]:
        """The powers of the n-cycle."""
        return cycle(self.n)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """I, P, P² and so on."""
        return powers(self.n)

    @cached_property
    def directions(self) -> Tensor:
        """Place the power k at exp(2 pi i k / n), and at the height of the real part of its square."""
        n, third = self.n, 1 / sqrt(2) if self.n == 4 else 1.0
        places = [(root_of_unity(k, n), third * root_of_unity(2 * k, n).real) for k in range(n)]
        return directions_to([(z.real, z.imag, height) for z, height in places], self.vertices)


@dataclass(frozen=True)
class KleinSpace(View):
    """n = 4: the tetrahedron of the Klein four-group: all of it is orthostochastic, by quaternions.

    The corners are the identity and the three products of two disjoint transpositions.

    >>> view = KleinSpace()
    >>> view.n, view.labels, view
    (4, ('1234', '2143', '3412', '4321'), KleinSpace())
    """

    n: int = field(default=4, init=False, repr=False)
    name: ClassVar[str] = "Klein four-group"
    permutations: ClassVar[tuple[tuple[int, ...], ...]] = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))

    @cached_property
    def directions(self) -> Tensor:
        """Place the permutations at the corners of a regular tetrahedron."""
        return directions_to(np.array(TETRAHEDRON) / sqrt(3), self.vertices)


@dataclass(frozen=True)
class Order3Space(View):
    """An angle in degrees -> n = 3: the plane of the even permutations, and one direction of that of the odd ones.

    The polytope of order 3 is the hull of two triangles in orthogonal planes [Bengtsson2005]; the angle turns the
    second one in four dimensions. Raises ValueError unless it is a finite number.

    >>> view = Order3Space(20)
    >>> view.n, view.dimension, view
    (3, 3, Order3Space(degrees=20.0))
    """

    n: int = field(default=3, init=False, repr=False)
    degrees: float = 0.0
    name: ClassVar[str] = "even plane and an odd direction"

    def __post_init__(self) -> None:
        received: object = self.degrees
        if isinstance(received, bool) or not isinstance(received, Real) or not isfinite(received):
            raise ValueError(f"the angle in degrees must be a finite number, not {received!r}")
        object.__setattr__(self, "degrees", float(received) + 0.0)  # -0.0 equals 0.0 and must not print otherwise

    @cached_property
    def permutations(self) -> tuple[tuple[int, ...], ...]:
        """The even permutations, then the odd ones."""
        return (*CyclicPlane(3).permutations, *OddPlane().permutations)

    @cached_property
    def directions(self) -> Tensor:
        """Those of the even plane, and the turned one of the odd plane."""
        even, odd, angle = CyclicPlane(3).directions, OddPlane().directions, np.radians(self.degrees)
        return torch.cat([even, np.cos(angle) * odd[:1] + np.sin(angle) * odd[1:]])


@dataclass(frozen=True)
class DiagonalSpace(View):
    """n = 3: the diagonal entries less 1/3, scaled so that the identity has norm 1.

    >>> view = DiagonalSpace()
    >>> view.n, len(view.permutations), view
    (3, 6, DiagonalSpace())
    """

    n: int = field(default=3, init=False, repr=False)
    name: ClassVar[str] = "diagonal"

    @cached_property
    def permutations(self) -> tuple[tuple[int, ...], ...]:
        """The even permutations, then the odd ones."""
        return (*CyclicPlane(3).permutations, *OddPlane().permutations)

    @cached_property
    def directions(self) -> Tensor:
        """The three matrices with one diagonal entry, less their rows' and columns' means."""
        units = torch.zeros(3, 3, 3, dtype=torch.float64)
        units[range(3), range(3), range(3)] = sqrt(3) / 2
        centring = torch.eye(3, dtype=torch.float64) - 1 / 3
        return centring @ units @ centring
