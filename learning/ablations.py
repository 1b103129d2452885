"""Methods made worse on purpose, to see what a part of them does: B.9 of [goMHC2026]."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from projectors import Projector
from projectors.rotations.cayley import cayley
from projectors.rotations.rotational import block_norms
from projectors.sizes import LARGEST_SIZE


@dataclass(frozen=True)
class SoftmaxRotation(Projector):
    """theta (..., N^2), N = ns -> go-mHC's matrices (..., n, n) with a redundant softmax in front of the rotation.

    A = S - S^T, S the softmax of every row of Theta. The softmax bounds A's entries by 1, so that less is reached, and
    gates every gradient by a weight: the paper adds it to show that softmaxes, not rotations, are what is slow. It does
    not say where; this is one way.
    """

    s: int = 1

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a matrix,", 2)
        self._whole_field("s", "s, the rank parameter,", 1, max(1, min(64, LARGEST_SIZE // self.n)))

    @property
    def parameter_count(self) -> int:
        """(ns)^2."""
        return (self.n * self.s) ** 2

    @property
    def flops(self) -> int:
        """Those of go-mHC, and 3 (ns)^2 for the softmax."""
        N = self.n * self.s
        return 2 * N**3 + 8 * N**2

    def matrices(self, theta: Tensor) -> Tensor:
        """Softmax, difference, rotation, block norms."""
        N = self.n * self.s
        S = theta.unflatten(-1, (N, N)).softmax(-1)
        return block_norms(cayley(S - S.mT), self.s)
