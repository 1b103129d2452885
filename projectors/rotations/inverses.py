"""Inverses of many large matrices, past a fault of torch's on CPUs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

LARGE = 128
"""From this order on, the matrices of a batch are factorized one by one on a CPU."""


def inverse(matrices: Tensor) -> Tensor:
    """Matrices (batch, N, N) -> their inverses (batch, N, N); what is singular gives inf or nan, as of `inv_ex`."""
    return _one_by_one(lambda each: torch.linalg.inv_ex(each)[0], matrices)


def solution(matrices: Tensor, right: Tensor) -> Tensor:
    """Matrices M (batch, N, N), B (batch, N, k) -> X (batch, N, k) with MX = B. Raises like `torch.linalg.solve`."""
    return _one_by_one(torch.linalg.solve, matrices, right)


def _one_by_one(function: Callable[..., Tensor], *arguments: Tensor) -> Tensor:
    """Apply a function of LU factors to batches, matrix by matrix where they are large and on a CPU.

    For a batch, torch's threads call MKL side by side. After a first matrix product and two calls of
    `torch.set_num_threads`, as of one thread and back, MKL then runs threads of its own within them, and returns wrong
    pivots from N = 200 on: `inv` and `solve` raise an error, and `det` is wrong without one (seen in torch 2.13.0 with
    MKL 2024.2). One matrix at a time has all threads to itself: on two, N = 128 takes half as long again.
    """
    first = arguments[0]
    if first.device.type != "cpu" or first.shape[-1] < LARGE or len(first) < 2:
        return function(*arguments)
    return torch.stack([function(*each) for each in zip(*arguments, strict=True)])
