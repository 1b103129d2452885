"""How a certificate says what a set of matrices is, and the numbers that it has of a matrix's parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.proofs.forecast import Mixtures, Model, Rotations
from projectors import Circulant, Kronecker, Mixture, Orthostochastic, PermutationMixture, Projector, Unistochastic
from projectors.averages.kronecker import kronecker
from projectors.rotations.cayley import cayley
from projectors.rotations.skew import embedded, skew_symmetric

BITS = 16
"""Parameters are rounded to so many binary digits after the point: a certificate is exact, and need not be long.

Enough for 101 x 101 cells that are split twice.
"""

WEIGHT_BITS = 22
"""The same for weights, of which many are small."""


@dataclass(frozen=True)
class Kind:
    """How matrices of a set are certified.

    `about` goes into the certificate; `numbers` makes integers (b, k) of parameters (b, p), and `model` of these what
    the forecast is about, and no other matrix.
    """

    about: dict[str, Any]
    numbers: Callable[[Tensor], NDArray[np.int64]]
    model: Callable[[NDArray[np.int64]], Model]


def kind(projector: Projector, bits: int = BITS) -> Kind:
    """Projector, binary digits -> how its matrices are certified. Raises ValueError where there is no proof.

    Unitary matrices are certified in real form, twice as large, averages as rotations without entries between terms,
    learned weights as they are, Kronecker products as mixtures of which the weights of the largest factor move.
    """
    match projector:
        case Orthostochastic():
            return _rotations(
                bits, "real", projector.n, projector.s, lambda theta: skew_symmetric(theta, projector.order)
            )
        case Unistochastic():
            places = torch.arange(2 * projector.order).reshape(2, -1).T.flatten()

            def real_form(theta: Tensor) -> Tensor:
                """Real and imaginary part of an entry side by side, so that blocks stay blocks."""
                return embedded(theta, projector.order)[:, places][:, :, places]

            return _rotations(bits, "complex", projector.n, 2 * projector.s, real_form)
        case Mixture(projector=Orthostochastic(s=1) as one) if projector.weights is None or _equal(projector.weights):
            n, k = one.n, projector.k

            def apart(theta: Tensor) -> Tensor:
                matrix = theta.new_zeros(len(theta), n, k, n, k)
                for term, part in enumerate(theta.unflatten(-1, (k, -1)).unbind(1)):
                    matrix[:, :, term, :, term] = skew_symmetric(part, n)
                return matrix.flatten(-2).flatten(1, 2)

            return _rotations(bits, "averaged" if projector.weights is None else "mean", n, k, apart)
        case PermutationMixture() | Circulant():
            return _mixture([projector])
        case Kronecker(factors=factors) if all(isinstance(each, PermutationMixture | Circulant) for each in factors):
            return _mixture(list(factors))
    raise ValueError(
        "proofs are offered for orthostochastic matrices, unitary ones, averages of rank 1 with learned or equal "
        f"weights, mixtures of permutations and their Kronecker products, not for {projector}"
    )


def _equal(weights: tuple[float, ...]) -> bool:
    return len(set(weights)) == 1


def _rotations(bits: int, name: str, n: int, s: int, skew: Callable[[Tensor], Tensor]) -> Kind:
    """Binary digits, the name of a kind, n, s, and rotations' parameters (b, p) -> skew matrices (b, ns, ns)."""
    row, column = torch.triu_indices(n * s, n * s, 1)
    same = row % s == column % s
    free = {"real": row >= 0, "mean": same, "averaged": same, "complex": row % 2 == 0}[name]
    count = int(free.sum())
    # Every free entry is a parameter, up to its sign: which?
    entry = skew(torch.arange(1, count + 1, dtype=torch.float64)[None])[0, row[free], column[free]]
    place, sign = entry.abs().long() - 1, entry.sign()

    def numbers(theta: Tensor) -> NDArray[np.int64]:
        found = theta[:, place] * sign * 2**bits
        if name == "averaged":  # the weights follow
            found = torch.cat([found, _weights(theta[:, count:])], -1)
        return found.round().long().numpy()

    def model(numbers: NDArray[np.int64]) -> Model:
        given = torch.from_numpy(numbers).double()
        weights = given[:, count:] if name == "averaged" else given.new_ones(len(given), s)
        Q = cayley(skew((given[:, :count] * sign / 2**bits)[:, place.argsort()]))
        return Rotations(Q, weights / weights.sum(-1, keepdim=True), n, name)

    return Kind({"kind": name, "n": n, "s": s, "bits": bits}, numbers, model)


def _mixture(factors: list[Projector]) -> Kind:
    """Mixtures of permutations -> how their Kronecker product is certified."""
    counts = [each.parameter_count for each in factors]
    order = sorted(range(len(factors)), key=lambda place: factors[place].n)
    orders = [_orders(factors[place]) for place in order]
    vertices = [torch.eye(len(each[0]), dtype=torch.float64)[torch.tensor(each)] for each in orders]

    def numbers(theta: Tensor) -> NDArray[np.int64]:
        parts = theta.split(counts, -1)
        return torch.cat([_weights(parts[place]) for place in order], -1).long().numpy()

    def model(numbers: NDArray[np.int64]) -> Model:
        parts = torch.from_numpy(numbers).double().split([counts[place] for place in order], -1)
        weights = [part / part.sum(-1, keepdim=True) for part in parts]
        still = torch.ones(len(numbers), 1, 1, dtype=torch.float64)
        for part, of in zip(weights[:-1], vertices[:-1], strict=True):
            still = kronecker(still, torch.einsum("bk,kij->bij", part, of))
        moving = kronecker(still[:, None], vertices[-1]) if len(vertices) > 1 else vertices[-1]
        return Mixtures(moving, weights[-1])

    n = prod(each.n for each in factors)
    return Kind({"kind": "mixture", "n": n, "s": 1, "bits": WEIGHT_BITS, "factors": orders}, numbers, model)


def _weights(logits: Tensor) -> Tensor:
    """Logits (b, k) -> whole numbers (b, k) from 1, of which a certificate takes the shares."""
    return (torch.softmax(logits, -1) * 2**WEIGHT_BITS).round().clamp_min(1)


def _orders(projector: Projector) -> list[list[int]]:
    """Mixture of permutations -> where each of them takes the rows."""
    n = projector.n
    if isinstance(projector, PermutationMixture):
        return [list(order) for order in permutations(range(n))]
    eye = torch.eye(projector.parameter_count, dtype=torch.float64) * 1e3
    return [matrix.argmax(-1).tolist() for matrix in projector.matrices(eye)]
