"""The named views by function: each is one call of the class that holds its mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees

from geometry.slices.chosen_permutations import PermutationView
from geometry.slices.named_planes import CyclicPlane, OddPlane
from geometry.slices.named_spaces import CyclicSpace, DiagonalSpace, KleinSpace, Order3Space
from projectors.checks import real_number

ROUND = 1e9
"""The largest angle in radians that still has a direction."""


def cyclic_view(n: int, frequency: int = 1) -> CyclicPlane:
    """n from 2 to 64, frequency from 1 to n - 1 -> CyclicPlane(n, frequency)."""
    return CyclicPlane(n, frequency)


def odd_view() -> OddPlane:
    """Nothing -> OddPlane(), n = 3."""
    return OddPlane()


def cyclic_space(n: int) -> CyclicSpace:
    """n from 4 to 64 -> CyclicSpace(n)."""
    return CyclicSpace(n)


def klein_view() -> KleinSpace:
    """Nothing -> KleinSpace(), n = 4."""
    return KleinSpace()


def order3_space(angle: float = 0.0) -> Order3Space:
    """An angle in radians -> Order3Space of the same angle in degrees, n = 3; ValueError unless a finite number."""
    return Order3Space(degrees(real_number(angle, "the angle", -ROUND, ROUND)))


def diagonal_view() -> DiagonalSpace:
    """Nothing -> DiagonalSpace(), n = 3."""
    return DiagonalSpace()


def permutation_view(permutations: Sequence[Sequence[int]]) -> PermutationView:
    """Three or four permutations of 0..n-1 -> PermutationView(permutations)."""
    return PermutationView(permutations)  # type: ignore[arg-type]
