"""The planes through the Birkhoff polytope that mean something: of the cyclic group, of the odd permutations."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from geometry.regions.region import root_of_unity, subscript
from geometry.slices.permutations import cycle, directions_to, powers
from geometry.slices.views import LARGEST, View


@dataclass(frozen=True)
class CyclicPlane(View):
    """n from 2 to 64 -> the plane z = sum_k c_k exp(2 pi i m k / n), c_k = <P^k, B>/n, m the frequency.

    P is the n-cycle that sends row i to column i + 1. For m = 1 the powers of P are the corners of the regular n-gon
    (Eq. 38 of [goMHC2026]); z is the eigenvalue of the average of B over the cyclic group. Raises ValueError unless
    1 <= m < n.

    >>> view = CyclicPlane(4)
    >>> view.name, view.labels, view
    ('Z₄ plane', ('I', 'P', 'P²', 'P³'), CyclicPlane(n=4, frequency=1))
    >>> mixed = view.vertices[:2].mean(0)  # (I + P)/2
    >>> [abs(round(x, 6)) for x in view.project(mixed).tolist()]
    [0.5, 0.5]
    """

    frequency: int = 1

    def __post_init__(self) -> None:
        self._whole_field("n", "n", 2, LARGEST)
        self._whole_field("frequency", "the frequency", 1, self.n - 1)

    @property
    def name(self) -> str:
        """The group, and the frequency beyond 1."""
        return f"Z{subscript(self.n)} plane" + (f", frequency {self.frequency}" if self.frequency > 1 else "")

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
        """Place the power k at exp(2 pi i m k / n)."""
        turned = [root_of_unity(self.frequency * k, self.n) for k in range(self.n)]
        return directions_to([(z.real, z.imag) for z in turned], self.vertices)


@dataclass(frozen=True)
class OddPlane(View):
    """n = 3: the plane of the odd permutations, orthogonal to that of the even ones, `CyclicPlane(3)`.

    >>> view = OddPlane()
    >>> view.n, view.labels, view
    (3, ('132', '321', '213'), OddPlane())
    """

    n: int = field(default=3, init=False, repr=False)
    name: ClassVar[str] = "odd permutations"
    permutations: ClassVar[tuple[tuple[int, ...], ...]] = ((0, 2, 1), (2, 1, 0), (1, 0, 2))

    @cached_property
    def directions(self) -> Tensor:
        """Place the permutations at the corners of a regular triangle."""
        corners = [root_of_unity(k, 3) for k in range(3)]
        return directions_to([(z.real, z.imag) for z in corners], self.vertices)
