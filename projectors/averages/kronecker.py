"""KromHC: Kronecker products of small doubly stochastic matrices [KromHC2026]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate
from math import prod

import torch
from torch import Tensor

from projectors.base import Projector


def kronecker(left: Tensor, right: Tensor) -> Tensor:
    """Matrices (..., a, a) and (..., b, b) -> their Kronecker products (..., ab, ab), batch by batch."""
    product = left[..., :, None, :, None] * right[..., None, :, None, :]
    return product.flatten(-2).flatten(-3, -2)


@dataclass(frozen=True)
class Kronecker(Projector):
    """theta (..., sum of the factors' p) -> Kronecker product of the factors' matrices, any number of any projectors.

    n is the product of the factors' sizes; theta holds the factors' parameters one after another.
    `Kronecker((PermutationMixture(2),) * 3)` is KromHC at n = 8 with i_k = 2 [KromHC2026]; factors may be go-mHC
    themselves (sections 4.2 and 6 of [goMHC2026]).
    """

    n: int = field(init=False, repr=False)
    factors: tuple[Projector, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.factors, Sequence) or not self.factors:
            raise ValueError(f"factors must be a non-empty tuple of projectors, not {self.factors!r}")
        if not all(isinstance(factor, Projector) for factor in self.factors):
            raise ValueError(f"every Kronecker factor must be a projector, not {self.factors!r}")
        object.__setattr__(self, "factors", tuple(self.factors))
        object.__setattr__(self, "n", prod(factor.n for factor in self.factors))
        self._whole_field("n", "n, the product of the factors' sizes,", 2)

    @property
    def exact(self) -> bool:
        """Whether every factor is exact."""
        return all(factor.exact for factor in self.factors)

    @property
    def details(self) -> dict[str, int | str]:
        """The factors' sizes, then what all factors have in common."""
        first, *others = (factor.details for factor in self.factors)
        shared = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
        sizes = " × ".join(str(factor.n) for factor in self.factors)
        return {"factors": sizes, **{name: value for name, value in shared.items() if name != "factors"}}

    @property
    def parameter_count(self) -> int:
        """The sum of the factors' parameter counts."""
        return sum(factor.parameter_count for factor in self.factors)

    @property
    def flops(self) -> int:
        """Counts the factors' own operations and one multiplication per entry of each partial product."""
        sizes = accumulate((factor.n for factor in self.factors), lambda product, size: product * size)
        return sum(factor.flops for factor in self.factors) + sum(size**2 for size in list(sizes)[1:])

    def matrices(self, theta: Tensor) -> Tensor:
        parts = theta.split([factor.parameter_count for factor in self.factors], -1)
        return reduce(kronecker, (factor.matrices(part) for factor, part in zip(self.factors, parts, strict=True)))

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """Each factor's own initialisation, batch shape -> theta (*batch, p)."""
        parts = [factor.initial(*batch, generator=generator, dtype=dtype, device=device) for factor in self.factors]
        return torch.cat(parts, -1)
