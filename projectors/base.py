"""What a projector is: an immutable map from free parameters onto doubly stochastic matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.checks import whole_number


@dataclass(frozen=True)
class Projector(ABC):
    """A map theta (..., p) -> doubly stochastic matrices (..., n, n), as a hashable value that owns no parameters.

    Subclasses are frozen dataclasses: compare, print, cache and share them freely. Three answers make one: how many
    parameters, how many operations, and the map itself. The other answers have defaults, here and wherever a function
    is told apart by kinds of projectors: its measures (`geometry.sampling`), its starts (`learning.vertex_starts`).
    """

    n: int

    @property
    def exact(self) -> bool:
        """Whether every finite theta gives a matrix that is doubly stochastic to rounding."""
        return True

    @property
    def details(self) -> dict[str, int | str]:
        """What people call its fields besides n, in the order in which they say it: numbers by name, and words."""
        return {}

    @property
    @abstractmethod
    def parameter_count(self) -> int:
        """p, the number of free real parameters of one matrix."""

    @property
    @abstractmethod
    def flops(self) -> int:
        """Floating-point operations of one forward pass for one matrix; the subclass says what is counted."""

    @abstractmethod
    def __call__(self, theta: Tensor) -> Tensor:
        """theta (..., p) -> matrices (..., n, n), differentiable, in theta's dtype and on its device."""

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """batch shape -> theta (*batch, p), independent standard normal unless the subclass says otherwise."""
        return normal((*batch, self.parameter_count), generator, dtype, device)

    def _whole_field(self, field: str, name: str, lowest: int, highest: int | None = None) -> None:
        """Make a field the int it is, whatever kind of whole number it came as, or raise ValueError."""
        object.__setattr__(self, field, whole_number(getattr(self, field), name, lowest, highest))

    def _parameters(self, theta: Tensor) -> Tensor:
        """Return theta unchanged, or raise ValueError if it is not a floating-point (..., p) tensor."""
        if theta.ndim == 0 or theta.shape[-1] != self.parameter_count or not theta.is_floating_point():
            raise ValueError(
                f"{self} wants real floating-point parameters of shape (..., {self.parameter_count}), "
                f"not {theta.dtype} of shape {tuple(theta.shape)}"
            )
        return theta


def normal(
    shape: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype, device: torch.device | str | None
) -> Tensor:
    """shape -> standard normal numbers, drawn where the generator lives and moved to `device` (default: stay)."""
    drawn = torch.randn(shape, generator=generator, dtype=dtype, device=generator.device)
    return drawn if device is None else drawn.to(device)
