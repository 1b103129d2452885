"""Averages of several matrices of one parameterization (appendix H) [goMHC2026]."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum

import torch
from torch import Tensor

from projectors.base import Projector


@dataclass(frozen=True)
class Mixture(Projector):
    """theta (..., k p [+ k]) -> weighted means (..., n, n) of k matrices of one projector.

    `weights=None` learns them: theta ends with k logits of a softmax. Otherwise `weights` are k fixed non-negative
    numbers of sum 1. `Mixture(Orthostochastic(n, 1), k)` is the paper's averaged orthostochastic variant (H.1), and a
    mixture of Kronecker projectors its weighted KromHC (H.2).
    """

    n: int = field(init=False, repr=False)
    projector: Projector
    k: int
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.projector, Projector):
            raise ValueError(f"a mixture needs a projector to average, not {self.projector!r}")
        self._whole_field("k", "k, the number of averaged matrices,", 1)
        object.__setattr__(self, "n", self.projector.n)
        if self.weights is not None:
            weights = _numbers(self.weights)
            if len(weights) != self.k or not (min(weights) >= 0 and abs(fsum(weights) - 1) <= 1e-12):
                raise ValueError(f"weights must be {self.k} non-negative numbers of sum 1, not {self.weights!r}")
            object.__setattr__(self, "weights", weights)

    @property
    def exact(self) -> bool:
        """Whether the averaged projector is exact."""
        return self.projector.exact

    @property
    def details(self) -> dict[str, int | str]:
        """Those of the averaged projector, then k."""
        return {**self.projector.details, "k": self.k}

    @property
    def parameter_count(self) -> int:
        """k times the averaged projector's p, plus k if the weights are learned."""
        return self.k * self.projector.parameter_count + (self.k if self.weights is None else 0)

    @property
    def flops(self) -> int:
        """Counts k forward passes, 2 k n^2 for the mean, and 3 k for the softmax of learned weights."""
        return self.k * (self.projector.flops + 2 * self.n**2) + (3 * self.k if self.weights is None else 0)

    def matrices(self, theta: Tensor) -> Tensor:
        each = self.k * self.projector.parameter_count
        terms = self.projector.matrices(theta[..., :each].unflatten(-1, (self.k, -1)))
        if self.weights is None:
            return mean(terms, theta[..., each:].softmax(-1))
        return mean(terms, theta.new_tensor(self.weights))

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """The averaged projector's initialisation k times, then zero logits: batch shape -> theta (*batch, p)."""
        theta = self.projector.initial(*batch, self.k, generator=generator, dtype=dtype, device=device).flatten(-2)
        return theta if self.weights is not None else torch.cat([theta, theta.new_zeros(*batch, self.k)], -1)


def mean(matrices: Tensor, weights: Tensor) -> Tensor:
    """Matrices (..., k, n, n) and weights (..., k) -> weighted means (..., n, n)."""
    return (weights[..., None, None] * matrices).sum(-3)


def _numbers(given: object) -> tuple[float, ...]:
    """Anything -> the numbers that it holds, or none if it holds anything else."""
    try:
        return tuple(float(number) + 0.0 for number in given)  # type: ignore[attr-defined]  # -0.0 is 0.0, as it prints
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return ()
