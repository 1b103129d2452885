"""One hyper-connected layer: its parameters, and its floating-point operations for one token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from projectors import Kronecker, Mixture, Projector, Rotational
from projectors.checks import instance, one_of, whole_number

Coefficients = Literal["implemented", "minimal"]
"""How many numbers a network predicts for one matrix: as many as the paper's code, or as many as the map has."""

WIDEST = 2**20


@dataclass(frozen=True)
class LayerCost:
    """What one layer pays for its n streams of some width: parameters once, operations for every token, forward only.

    `maps` is spent on predicting the coefficients from the streams, `projection` on making the matrix of them, `mixing`
    on multiplying the streams by it.
    """

    parameters: int
    maps: int
    projection: int
    mixing: int

    @property
    def flops(self) -> int:
        """All operations together."""
        return self.maps + self.projection + self.mixing


def residual_coefficients(projector: Projector, coefficients: Coefficients = "minimal") -> int:
    """projector -> R, how many numbers a network has to predict for one of its matrices.

    "minimal" is Table 1 of [goMHC2026] and `projector.parameter_count`: mHC n^2, go-mHC ns(ns - 1)/2, mHC-lite n!,
    KromHC the sum of its i_k!. "implemented" is what the paper's language models spend (G.4): the same, but (ns)^2 for
    go-mHC, whose code predicts a full matrix and takes its skew-symmetric part; averages and Kronecker products count
    their parts that way, which `networks.language_model` keeps minimal. Raises ValueError for any other word.
    """
    instance(projector, Projector, "the projector")
    one_of(coefficients, get_args(Coefficients), "coefficients")
    if coefficients == "minimal":
        return projector.parameter_count
    match projector:
        case Rotational():
            return projector.order**2
        case Kronecker():
            return sum(residual_coefficients(factor, coefficients) for factor in projector.factors)
        case Mixture():
            weights = projector.k if projector.weights is None else 0
            return projector.k * residual_coefficients(projector.projector, coefficients) + weights
        case _:
            return projector.parameter_count


def layer_cost(projector: Projector, width: int = 384, coefficients: Coefficients = "implemented") -> LayerCost:
    """projector, width C -> what a layer pays that mixes n streams of that width with this projector.

    Parameters, as in the paper's language models (Table 9 of [goMHC2026]): n C of the norm; n C (n + R) and n C n of
    the maps that predict what to read, how to mix and where to write; n + R and n constants; 3 scales.

    Operations for one token, a multiplication and an addition counting as two: 2 n C (2n + R) for the maps,
    `projector.flops` for the projection, 2 n^2 C for the mixing. Not counted: the norm, the reading and writing of
    streams (4 n C), activations, and the attention or MLP between. Raises ValueError unless C is from 1 to 2^20.

    >>> from projectors import Orthostochastic
    >>> layer_cost(Orthostochastic(4, 2)).parameters
    112203
    """
    instance(projector, Projector, "the projector")
    whole_number(width, "the width of a stream", 1, WIDEST)
    n, R = projector.n, residual_coefficients(projector, coefficients)
    return LayerCost(
        parameters=n * width * (1 + 2 * n + R) + (n + R) + n + 3,
        maps=2 * n * width * (2 * n + R),
        projection=projector.flops,
        mixing=2 * n**2 * width,
    )
