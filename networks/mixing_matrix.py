"""A projector with parameters of its own: a matrix that an optimizer can train."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from networks.recipes import Recipe
from networks.starts import START_DISTANCE, thetas
from projectors.base import MatrixMap
from projectors.checks import instance, whole_number


class MixingMatrix(nn.Module):
    """() -> matrices (*batch, n, n) of the projector, for toy models and notebooks; `theta` (*batch, p) is trained.

    Starts near the identity, by `distance` on average, or where `theta` is set. Raises ValueError for impossible sizes.

    >>> from projectors import Orthostochastic
    >>> MixingMatrix(Orthostochastic(3, 2), 5)().shape
    torch.Size([5, 3, 3])
    """

    def __init__(
        self,
        projector: MatrixMap,
        *batch: int,
        distance: float = START_DISTANCE,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.projector = instance(projector, MatrixMap, "the projector")
        shape = tuple(whole_number(size, "an axis of the batch", 1) for size in batch)
        starts = thetas(projector, distance, generator, prod(shape)).to(torch.get_default_dtype())
        self.theta = nn.Parameter(starts.reshape(*shape, projector.parameter_count))
        self.recipe = Recipe(projector)
        self.recipe.guard(self)

    def forward(self) -> Tensor:
        """The matrices (*batch, n, n)."""
        return self.projector(self.theta)

    def extra_repr(self) -> str:
        """The shape of the batch, where there is one."""
        return f"batch={tuple(self.theta.shape[:-1])}" if self.theta.ndim > 1 else ""
