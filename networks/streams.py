"""Into n residual streams, and out of them again."""

from __future__ import annotations

from torch import Tensor, nn

from projectors.checks import whole_number
from projectors.sizes import LARGEST_SIZE


class Expand(nn.Module):
    """x (..., C) -> n streams (..., n, C), each of them x: a view, which costs no memory."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n = whole_number(n, "n, the number of streams,", 1, LARGEST_SIZE)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., C) -> (..., n, C)."""
        return x.unsqueeze(-2).expand(*x.shape[:-1], self.n, x.shape[-1])

    def extra_repr(self) -> str:
        """The number of streams."""
        return f"n={self.n}"


class Contract(nn.Module):
    """Streams (..., n, C) -> their mean (..., C): the inverse of `Expand`. Doubly stochastic mixing leaves it alone."""

    def forward(self, streams: Tensor) -> Tensor:
        """Streams (..., n, C) -> (..., C)."""
        return streams.mean(-2)
