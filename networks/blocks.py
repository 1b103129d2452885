"""What streams are for: attention and MLP of a transformer, as branches, and a block of both."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from projectors.checks import whole_number


class Residual(nn.Module):
    """x (..., C) -> x + branch(x) (..., C): what hyper-connections are measured against."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Tensor) -> Tensor:
        """x (..., C) -> (..., C)."""
        return x + self.branch(x)


class CausalAttention(nn.Module):
    """x (batch, T, C) -> norm, then attention of `heads` heads to the past (batch, T, C)."""

    def __init__(self, width: int, heads: int, *, dropout: float = 0.0, bias: bool = False) -> None:
        super().__init__()
        whole_number(heads, "the number of heads", 1)
        if whole_number(width, "the width", 1) % heads:
            raise ValueError(f"the width must be a multiple of the {heads} heads, not {width}")
        self.heads, self.dropout = heads, dropout
        self.norm = nn.LayerNorm(width, bias=bias)
        self.inwards = nn.Linear(width, 3 * width, bias=bias)
        self.outwards = nn.Linear(width, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """x (batch, T, C) -> (batch, T, C)."""
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(-2, -3)  # (batch, heads, T, C / heads)
            for part in self.inwards(self.norm(x)).chunk(3, -1)
        )
        dropout = self.dropout if self.training else 0.0
        heads = functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout, is_causal=True)
        return functional.dropout(self.outwards(heads.transpose(-2, -3).flatten(-2)), dropout)


class FeedForward(nn.Module):
    """x (..., C) -> norm, then an MLP four times as wide (..., C)."""

    def __init__(self, width: int, *, dropout: float = 0.0, bias: bool = False) -> None:
        super().__init__()
        whole_number(width, "the width", 1)
        self.dropout = dropout
        self.norm = nn.LayerNorm(width, bias=bias)
        self.inwards = nn.Linear(width, 4 * width, bias=bias)
        self.outwards = nn.Linear(4 * width, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """x (..., C) -> (..., C)."""
        y = self.outwards(functional.gelu(self.inwards(self.norm(x))))
        return functional.dropout(y, self.dropout if self.training else 0.0)


def block(
    width: int, heads: int, connect: Callable[[nn.Module, int], nn.Module], layer: int = 0, *, dropout: float = 0.0
) -> nn.Sequential:
    """width, heads, connection -> a block: attention, then the MLP, each within what `connect` makes around it.

    `connect` takes a branch and its number, counted over all layers, to a module: a `Residual` or a `HyperConnection`.

    >>> from networks import HyperConnection, Residual
    >>> from projectors import Orthostochastic
    >>> plain = block(64, 4, lambda branch, number: Residual(branch))
    >>> mixed = block(64, 4, lambda branch, number: HyperConnection(64, Orthostochastic(4, 2), branch, reads=number))
    """
    branches = (CausalAttention(width, heads, dropout=dropout), FeedForward(width, dropout=dropout))
    return nn.Sequential(*(connect(branch, 2 * layer + place) for place, branch in enumerate(branches)))
