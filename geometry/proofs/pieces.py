"""The squares that are tried, and the numbers that a certificate has of a matrix's parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from projectors import Circulant, Mixture, Orthostochastic, PermutationMixture, Projector, Unistochastic
from projectors.rotations.skew import embedded, skew_symmetric

BITS = 30
"""Parameters are rounded to so many binary digits after the point: a certificate is exact, and need not be long."""


@dataclass(frozen=True, order=True)
class Piece:
    """A square: cells of the map are of level 0, and each level halves their sides; row and column from the corner."""

    level: int
    row: int
    column: int

    def children(self) -> list[Piece]:
        """The four squares that it is made of."""
        return [Piece(self.level + 1, 2 * self.row + i, 2 * self.column + j) for i in range(2) for j in range(2)]

    @property
    def cell(self) -> Piece:
        """The cell that it is a part of."""
        return Piece(0, self.row >> self.level, self.column >> self.level)

    def area(self, cells: int, half: Fraction) -> Fraction:
        """Cells and half the side of the map -> the area of what of it is above the axis."""
        a, b, c, d = self.sides(cells, half)
        return (b - a) * (d - c)

    def sides(self, cells: int, half: Fraction) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """Cells and half the side of the map -> a, b, c, d: Re from a to b, Im from c to d, nothing below the axis."""
        side = 2 * half / (cells * 2**self.level)
        a, c = self.column * side - half, self.row * side - half
        return a, a + side, max(c, Fraction(0)), c + side


@dataclass(frozen=True)
class Kind:
    """How a certificate says what a set is: `about` goes into it, `numbers` makes integers of parameters (p,)."""

    about: dict[str, Any]
    numbers: Callable[[Tensor], list[int]]


def kind(projector: Projector) -> Kind:
    """Projector -> how its matrices are certified. Raises ValueError where there is no proof.

    Unitary matrices are certified in real form, twice as large, averages as rotations without entries between terms.
    """
    match projector:
        case Orthostochastic():
            return Kind({"kind": "real", "n": projector.n, "s": projector.s}, _rounded)
        case Unistochastic():
            size = projector.n * projector.s
            return Kind(
                {"kind": "complex", "n": projector.n, "s": 2 * projector.s}, lambda theta: _real_form(theta, size)
            )
        case Mixture(projector=Orthostochastic(s=1) as one) if _equal(projector):
            return Kind(
                {"kind": "averaged", "n": one.n, "s": projector.k}, lambda theta: _apart(theta, one.n, projector.k)
            )
        case PermutationMixture() | Circulant():
            orders = _orders(projector)
            return Kind({"kind": "mixture", "n": projector.n, "s": 1, "permutations": orders}, _weights)
    raise ValueError(
        f"proofs are offered for orthostochastic matrices, unitary ones, averages of rank 1 with equal weights, and "
        f"mixtures of permutations, not for {projector}"
    )


def _equal(mixture: Mixture) -> bool:
    return mixture.weights is not None and len(set(mixture.weights)) == 1


def _rounded(theta: Tensor) -> list[int]:
    return [round(value * 2**BITS) for value in theta.tolist()]


def _upper(matrix: NDArray[np.float64], wanted: Callable[[int, int], bool] = lambda p, q: True) -> list[int]:
    size = len(matrix)
    return [round(matrix[p, q] * 2**BITS) for p in range(size) for q in range(p + 1, size) if wanted(p, q)]


def _real_form(theta: Tensor, size: int) -> list[int]:
    """Real and imaginary part of an entry side by side, so that blocks stay blocks."""
    places = torch.arange(2 * size).reshape(2, size).T.flatten()
    return _upper(embedded(theta[None], size)[0][places][:, places].numpy())


def _apart(theta: Tensor, n: int, k: int) -> list[int]:
    matrix = np.zeros((n, k, n, k))
    for term, part in enumerate(theta.reshape(k, -1)):
        matrix[:, term, :, term] = skew_symmetric(part[None], n)[0].numpy()
    return _upper(matrix.reshape(n * k, n * k), lambda p, q: p % k == q % k)


def _orders(projector: PermutationMixture | Circulant) -> list[list[int]]:
    n = projector.n
    if isinstance(projector, PermutationMixture):
        return [list(order) for order in permutations(range(n))]
    eye = torch.eye(projector.parameter_count, dtype=torch.float64) * 1e3
    return [matrix.argmax(-1).tolist() for matrix in projector.matrices(eye)]


def _weights(theta: Tensor) -> list[int]:
    """Weights as integers, of which the certificate takes the shares."""
    return [max(1, round(value * 2**BITS)) for value in torch.softmax(theta, -1).tolist()]
