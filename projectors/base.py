"""What a projector is: an immutable map from free parameters onto doubly stochastic matrices, or onto any others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from projectors.checks import whole_number
from projectors.sizes import LARGEST_SIZE
from projectors.tracing import traced

HALF = (torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class MatrixMap(ABC):
    """A map theta (..., p) -> matrices (..., n, n), as a hashable value that owns no parameters.

    A `Projector` where the matrices are doubly stochastic; those of `projectors.outside`, which layers may mix streams
    by all the same, are not. Subclasses are frozen dataclasses: compare, print, cache and share them freely. Three
    answers make one: how many parameters, how many operations, and the map itself, `matrices`, which is called with
    what it promises to take.

    `torch.load` takes them with `weights_only=True` once their module is imported: they hold numbers and words.
    """

    n: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        torch.serialization.add_safe_globals([cls])

    def __call__(self, theta: Tensor) -> Tensor:
        """theta (..., p) -> matrices (..., n, n), differentiable, in its dtype and on its device.

        float16 and bfloat16 are computed in float32 and rounded, which moves a sum by half the dtype's epsilon at most;
        autocast is turned off inside. A nan makes its own matrix nan and no other. Raises ValueError for anything but a
        floating-point tensor of this shape, and for a row of it without a finite matrix, such as one with inf in it.
        """
        self._check(theta)
        kind = theta.device.type
        if kind != "meta" and torch.is_autocast_enabled(kind):
            with torch.autocast(kind, enabled=False):
                return self(theta)
        if theta.dtype in HALF:
            return self(theta.float()).to(theta.dtype)
        found = self.matrices(theta)
        if not traced(theta):
            self._check_finite(theta.detach(), found.detach())
        return found

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

    @property
    def calls(self) -> int:
        """Torch operations of a forward pass, where they are more than a few: what small batches wait for."""
        return 0

    @abstractmethod
    def matrices(self, theta: Tensor) -> Tensor:
        """theta (..., p), float32 or float64 and of the right shape -> matrices (..., n, n), nothing else checked.

        What `__call__` does, for inner loops. Where `projectors.tracing.traced(theta)`, no branch may depend on a
        number.
        """

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """batch shape -> theta (*batch, p), independent standard normal unless the subclass says otherwise."""
        return normal((*batch, self.parameter_count), generator, dtype, device)

    def _whole_field(self, field: str, name: str, lowest: int, highest: int = LARGEST_SIZE) -> None:
        """Make a field the int it is, whatever kind of whole number it came as, or raise ValueError."""
        object.__setattr__(self, field, whole_number(getattr(self, field), name, lowest, highest))

    def _check(self, theta: object) -> None:
        """Raise ValueError if theta is not a floating-point (..., p) tensor; looks at no number."""
        wanted = f"{self} wants real floating-point parameters of shape (..., {self.parameter_count})"
        if not isinstance(theta, Tensor):
            hint = "; torch.as_tensor makes a tensor of it" if hasattr(theta, "__array__") else ""
            raise ValueError(f"{wanted} as a torch.Tensor, not {type(theta).__name__}{hint}")
        if theta.ndim == 0 or theta.shape[-1] != self.parameter_count or not theta.is_floating_point():
            raise ValueError(f"{wanted}, not {theta.dtype} of shape {tuple(theta.shape)}")
        if theta.layout is not torch.strided:
            raise ValueError(f"{wanted} with all its numbers, not {theta.layout}; .to_dense() makes it one")

    def _check_finite(self, theta: Tensor, found: Tensor) -> None:
        """Raise ValueError for theta (..., p) whose matrix (..., n, n) is not finite although no nan came in."""
        if isfinite(found.sum().item()):  # one number: a look at each would cost as much as the cheapest methods
            return
        lost = (~found.isfinite()).flatten(-2).any(-1) & ~theta.isnan().any(-1)
        if not bool(lost.any()):
            return
        place = tuple(lost.nonzero()[0].tolist())
        row = theta[place]
        infinite = row.isinf().nonzero()[:, 0].tolist()
        holds = f"{row[infinite[0]].item()} at {_places(infinite)}" if infinite else f"{row.tolist()[:8]}"
        where = f"theta[{', '.join(map(str, place))}]" if place else "theta"
        raise ValueError(f"{self} has no finite matrix for {where}, which holds {holds}")


@dataclass(frozen=True)
class Projector(MatrixMap):
    """A map theta (..., p) -> doubly stochastic matrices (..., n, n), as a hashable value that owns no parameters.

    What its answers do not tell has defaults wherever a function is told apart by kinds of projectors: its measures
    (`geometry.sampling`), its starts (`learning.vertex_starts`).
    """

    @property
    def exact(self) -> bool:
        """Whether every finite theta gives a matrix that is doubly stochastic to rounding."""
        return True


def normal(
    shape: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype, device: torch.device | str | None
) -> Tensor:
    """shape -> standard normal numbers, drawn where the generator lives and moved to `device` (default: stay)."""
    drawn = torch.randn(shape, generator=generator, dtype=dtype, device=generator.device)
    return drawn if device is None else drawn.to(device)


def _places(numbers: list[int]) -> str:
    """Numbers -> "3, 5 and 6", or the first few and how many more."""
    shown = ", ".join(map(str, numbers[:6]))
    return f"place {shown}" if len(numbers) == 1 else f"places {shown}{', ...' if len(numbers) > 6 else ''}"
