"""The named views: planes and spaces through the Birkhoff polytope that mean something."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import torch

from geometry.regions.region import root_of_unity, subscript
from geometry.slices.views import View, from_positions
from projectors.checks import whole_number

LARGEST = 64
TETRAHEDRON = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
"""Corners of a cube that no edge joins."""

EVEN, ODD = ((0, 1, 2), (1, 2, 0), (2, 0, 1)), ((0, 2, 1), (2, 1, 0), (1, 0, 2))
"""The permutations of three things, by parity."""

KLEIN = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
"""The Klein four-group: the identity and the three products of two disjoint transpositions."""


def cyclic_view(n: int, frequency: int = 1) -> View:
    """n from 2 to 64 -> the plane z = sum_k c_k exp(2 pi i m k / n), c_k = <P^k, B>/n, m the frequency.

    P is the n-cycle that sends row i to column i + 1. For m = 1 the powers of P are the corners of the regular n-gon
    (Eq. 38 of [goMHC2026]); z is the eigenvalue of the average of B over the cyclic group. Raises ValueError unless
    1 <= m < n.

    >>> mixed = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.3, 0.2, 0.5]])  # 0.5 I + 0.3 P + 0.2 P^2
    >>> cyclic_view(3).project(mixed), cyclic_view(3).coordinates(mixed)
    (tensor([0.2500, 0.0866]), tensor([0.5000, 0.3000, 0.2000]))
    """
    whole_number(n, "n", 2, LARGEST)
    whole_number(frequency, "the frequency", 1, n - 1)
    powers = [root_of_unity(frequency * k, n) for k in range(n)]
    name = f"Z{subscript(n)} plane" + (f", frequency {frequency}" if frequency > 1 else "")
    return from_positions(name, _cycle(n), [(z.real, z.imag) for z in powers], _powers(n))


def cyclic_space(n: int) -> View:
    """n from 4 to 64 -> the first three Fourier coordinates of the cyclic group; n = 4: a regular tetrahedron."""
    whole_number(n, "n", 4, LARGEST)
    third = 1 / sqrt(2) if n == 4 else 1.0
    positions = [
        (root_of_unity(k, n).real, root_of_unity(k, n).imag, third * root_of_unity(2 * k, n).real) for k in range(n)
    ]
    return from_positions(f"Z{subscript(n)} in space", _cycle(n), positions, _powers(n))


def klein_view() -> View:
    """Nothing -> the tetrahedron of the Klein four-group, n = 4: all of it is orthostochastic, by quaternions."""
    return from_positions("Klein four-group", KLEIN, np.array(TETRAHEDRON) / sqrt(3), _labels(KLEIN))


def odd_view() -> View:
    """Nothing -> the plane of the odd permutations, n = 3, orthogonal to that of the even ones, `cyclic_view(3)`."""
    corners = [root_of_unity(k, 3) for k in range(3)]
    return from_positions("odd permutations", ODD, [(z.real, z.imag) for z in corners], _labels(ODD))


def order3_space(angle: float = 0.0) -> View:
    """An angle in radians -> n = 3: the plane of the even permutations, and one direction of that of the odd ones.

    The polytope of order 3 is the hull of two triangles in orthogonal planes [Bengtsson2005]; the angle turns the
    second one in four dimensions.
    """
    even, odd = cyclic_view(3), odd_view()
    turned = np.cos(angle) * odd.directions[:1] + np.sin(angle) * odd.directions[1:]
    return View(
        "even plane and an odd direction",
        torch.cat([even.directions, turned]),
        even.centre,
        (*EVEN, *ODD),
        _labels((*EVEN, *ODD)),
    )


def diagonal_view() -> View:
    """Nothing -> n = 3: the diagonal entries less 1/3, scaled so that the identity has norm 1."""
    units = torch.zeros(3, 3, 3, dtype=torch.float64)
    units[range(3), range(3), range(3)] = sqrt(3) / 2
    centring = torch.eye(3, dtype=torch.float64) - 1 / 3
    middle = torch.full((3, 3), 1 / 3, dtype=torch.float64)
    return View("diagonal", centring @ units @ centring, middle, (*EVEN, *ODD), _labels((*EVEN, *ODD)))


def permutation_view(permutations: Sequence[Sequence[int]]) -> View:
    """Three or four permutations of 0..n-1 -> the plane or space through their matrices, orthonormalised.

    The centre is their mean; lengths are Frobenius norms divided by the largest distance of a corner from it. Raises
    ValueError for anything but permutations, or if their matrices lie on a line or in a plane.

    >>> permutation_view([(0, 1, 2), (1, 0, 2), (1, 2, 0)]).corners.round(3).tolist()
    [[-0.875, 0.484], [0.625, 0.484], [0.25, -0.968]]
    """
    orders = tuple(tuple(int(place) for place in order) for order in permutations)
    n = len(orders[0]) if orders else 0
    if len(orders) not in (3, 4) or not 2 <= n <= LARGEST or any(sorted(order) != [*range(n)] for order in orders):
        raise ValueError(f"a view needs three or four permutations of 0..n-1, not {permutations!r}")
    matrices = torch.nn.functional.one_hot(torch.tensor(orders), n).double()
    centre = matrices.mean(0)
    differences = (matrices - centre).flatten(1)
    steps = differences[1:] - differences[:1]
    Q, R = torch.linalg.qr(steps.mT)
    if R.diagonal().abs().min() < 1e-9:
        raise ValueError(f"the matrices of these permutations are not affinely independent: {permutations!r}")
    largest = torch.linalg.vector_norm(differences, dim=1).max()
    directions = (Q.mT / largest).unflatten(-1, (n, n))
    return View("chosen permutations", directions, centre, orders, _labels(orders))


def _cycle(n: int) -> list[list[int]]:
    return [[(row + k) % n for row in range(n)] for k in range(n)]


def _powers(n: int) -> list[str]:
    return ["I", "P", *(f"P{str(k).translate(SUPERSCRIPTS)}" for k in range(2, n))][:n]


SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _labels(permutations: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """Permutations -> their one-line notation, counted from 1: "213"; from n = 10 on with commas."""
    separator = "" if len(permutations[0]) < 10 else ","
    return tuple(separator.join(str(place + 1) for place in order) for order in permutations)
