"""Orthostochastic matrices by a few Newton-Schulz steps, as tokenbender's mHC has them [mHCcode2026]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import Projector

COEFFICIENTS = (3.0, -3.2, 1.2)
"""Of X, X X^T X and (X X^T)^2 X in a step: 1 stays 1, what is near it comes 0.6 times nearer, small ones grow by 3."""


@dataclass(frozen=True)
class IteratedOrthostochastic(Projector):
    """theta (..., n^2) -> squared entries (..., n, n) of nearly orthogonal matrices: theta, after so many steps.

    Not exact: a step takes singular values s of theta over its Frobenius norm to 3 s - 3.2 s^3 + 1.2 s^5, towards 1 by
    a factor of 0.6 only at the end. Five steps, the usual number, leave sums off by 0.02 for normal theta at n = 4, and
    by up to 1 where theta is nearly singular. In the limit it reaches what go-mHC does at s = 1.
    """

    steps: int = 5

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of an orthogonal matrix,", 2)
        self._whole_field("steps", "the number of Newton-Schulz steps", 1, 1000)

    @property
    def exact(self) -> bool:
        """Never: sums are 1 in the limit."""
        return False

    @property
    def details(self) -> dict[str, int | str]:
        """The number of steps."""
        return {"steps": self.steps}

    @property
    def parameter_count(self) -> int:
        """n^2."""
        return self.n**2

    @property
    def flops(self) -> int:
        """Counts three products of 2 n^3 and 5 n^2 for their combination a step, and 5 n^2 for norms and squares."""
        return self.steps * (6 * self.n**3 + 5 * self.n**2) + 5 * self.n**2

    @property
    def calls(self) -> int:
        """Eight a step, and a few for the norm."""
        return 8 * self.steps + 10

    def matrices(self, theta: Tensor) -> Tensor:
        first, third, fifth = COEFFICIENTS
        X = theta.unflatten(-1, (self.n, self.n))
        X = X / X.abs().amax((-2, -1), keepdim=True).detach().clamp_min(torch.finfo(X.dtype).tiny)
        X = X / torch.linalg.matrix_norm(X, keepdim=True).clamp_min(torch.finfo(X.dtype).tiny)
        for _ in range(self.steps):
            gram = X @ X.mT
            X = first * X + (third * gram + fifth * gram @ gram) @ X
        return X.square()
