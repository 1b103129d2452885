"""go-mHC as the paper's code spends its parameters: a full matrix, of which only the skew-symmetric part is used."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import MatrixMap
from projectors.rotations.orthostochastic import Orthostochastic


@dataclass(frozen=True)
class RedundantOrthostochastic(MatrixMap):
    """theta (..., (ns)^2) -> what `Orthostochastic` makes of A = Theta - Theta^T, Theta (..., ns, ns) row by row.

    The same matrices with about twice the parameters (G.4 of [goMHC2026]): Theta and its transpose are told apart, and
    the symmetric part never gets a gradient; what stands on the diagonal is not looked at, not even a nan. To train the
    paper's language models as they were.
    """

    s: int = 1

    def __post_init__(self) -> None:
        lean = self.lean  # which checks n and s
        object.__setattr__(self, "n", lean.n)
        object.__setattr__(self, "s", lean.s)

    @property
    def lean(self) -> Orthostochastic:
        """The same map from the ns(ns - 1)/2 numbers that matter."""
        return Orthostochastic(self.n, self.s)

    @property
    def details(self) -> dict[str, int | str]:
        """The rank parameter s."""
        return {"s": self.s}

    @property
    def parameter_count(self) -> int:
        """N^2, N = ns."""
        return (self.n * self.s) ** 2

    @property
    def flops(self) -> int:
        """Counts what `Orthostochastic` does, and a subtraction for every number that it takes."""
        return self.lean.flops + self.lean.parameter_count

    def matrices(self, theta: Tensor) -> Tensor:
        N = self.n * self.s
        row, column = torch.triu_indices(N, N, 1, device=theta.device)
        return self.lean.matrices(theta[..., row * N + column] - theta[..., column * N + row])

    def spread(self, lean: Tensor) -> Tensor:
        """Parameters (..., N(N - 1)/2) of `lean` -> theta (..., N^2) of the same matrices, half of each on a side."""
        N = self.n * self.s
        row, column = torch.triu_indices(N, N, 1, device=lean.device)
        theta = lean.new_zeros(*lean.shape[:-1], N, N)
        theta[..., row, column], theta[..., column, row] = lean / 2, -lean / 2
        return theta.flatten(-2)
