"""Numbers of any size: in double precision where there is one, and no larger than can still be told apart."""

from __future__ import annotations

import torch
from torch import Tensor


def wide(matrices: Tensor) -> Tensor:
    """Matrices -> the same in double precision, where the device has it."""
    if matrices.device.type == "mps":
        return matrices
    return matrices.to(torch.complex128 if matrices.is_complex() else torch.float64)


def no_larger(matrices: Tensor, most: float) -> Tensor:
    """Matrices (..., n, n) -> those with an entry beyond `most` rescaled to that size."""
    return matrices * (most / matrices.detach().abs().amax((-2, -1), keepdim=True)).clamp_max(1)
