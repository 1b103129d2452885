"""Permutations as corners of views: their matrices, their names, and the directions that put them where one wants."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy.typing import ArrayLike
from torch import Tensor

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def cycle(n: int) -> tuple[tuple[int, ...], ...]:
    """n -> the n powers of the n-cycle that sends row i to column i + 1.

    >>> cycle(3)
    ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    """
    return tuple(tuple((row + k) % n for row in range(n)) for k in range(n))


def powers(n: int) -> tuple[str, ...]:
    """n >= 2 -> the names of the powers of the n-cycle.

    >>> powers(4)
    ('I', 'P', 'P²', 'P³')
    """
    return ("I", "P", *(f"P{str(k).translate(SUPERSCRIPTS)}" for k in range(2, n)))


def one_line(permutations: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Permutations (m, n) -> their one-line notation, counted from 1; from n = 10 on with commas.

    >>> one_line([(1, 0, 2)])
    ('213',)
    """
    separator = "" if len(permutations[0]) < 10 else ","
    return tuple(separator.join(str(place + 1) for place in order) for order in permutations)


def one_hot(permutations: Sequence[Sequence[int]]) -> Tensor:
    """Permutations (m, n) -> their matrices (m, n, n) in float64, row i having its 1 in column permutations[k][i]."""
    return torch.nn.functional.one_hot(torch.tensor(permutations), len(permutations[0])).double()


def directions_to(positions: ArrayLike, vertices: Tensor) -> Tensor:
    """Positions (n, d) of sum 0, permutation matrices (n, n, n) of sum J -> the directions (d, n, n) to put them there.

    A matrix B has its point at <directions, B - J/n>.
    """
    places = torch.as_tensor(positions, dtype=torch.float64)
    return torch.einsum("kd,kij->dij", places, vertices) / len(vertices)
