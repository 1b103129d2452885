"""The orders in which projects run Sinkhorn's iterations: the same logits give each of them another matrix."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import torch
from torch import Tensor

__all__ = ["CONVENTIONS", "Convention"]

First = Literal["rows", "columns"]


@dataclass(frozen=True)
class Convention:
    """What Sinkhorn iterations begin with and what they add; an iteration normalises one kind of line, then the other.

    Sums over the lines that come last are exact, those over the `first` ones only in the limit. With an `epsilon` > 0
    the first step is a softmax over the first lines, to which epsilon is added; later steps divide by a sum plus
    epsilon, and no sum is exact: all fall short of 1 by about epsilon. Raises ValueError for another `first`, and
    unless 0 <= epsilon <= 0.1.
    """

    first: First = "rows"
    epsilon: float = 0.0

    def __post_init__(self) -> None:
        if self.first not in get_args(First):
            raise ValueError(f"first must be one of {', '.join(get_args(First))}, not {self.first!r}")
        numeric = isinstance(self.epsilon, int | float) and not isinstance(self.epsilon, bool)
        if not numeric or not 0 <= self.epsilon <= 0.1:
            raise ValueError(f"epsilon must be a number from 0 to 0.1, not {self.epsilon!r}")
        object.__setattr__(self, "epsilon", float(self.epsilon))  # of NumPy, too: it prints as Python that makes it

    @property
    def axes(self) -> tuple[int, int]:
        """The axes that are summed over, in turn: rows are sums over the last one."""
        return (-1, -2) if self.first == "rows" else (-2, -1)

    def scaled(self, logits: Tensor, iterations: int) -> Tensor:
        """Logits (..., n, n) -> the matrix (..., n, n) after so many iterations with this epsilon, step by step."""
        first, last = self.axes
        matrices = logits.softmax(first) + self.epsilon
        matrices = matrices / (matrices.sum(last, keepdim=True) + self.epsilon)
        for _ in range(iterations - 1):
            for axis in (first, last):
                matrices = matrices / (matrices.sum(axis, keepdim=True) + self.epsilon)
        return matrices


torch.serialization.add_safe_globals([Convention])  # part of a projector, and `torch.load` takes those

CONVENTIONS = MappingProxyType(
    {
        "go-mHC": Convention("rows"),
        "mHC": Convention("columns"),
        "mhc-lite": Convention("columns"),
        "hyper-connections": Convention("columns"),
        "DeepSeek-V4": Convention("rows", epsilon=1e-6),
    }
)
"""Whose logits: the authors of go-mHC and of mHC in their papers, and the code of mhc-lite (which KromHC shares), of
hyper-connections 0.4.11 and of DeepSeek-V4. `docs/conventions.md` says which of them apply the transpose."""
