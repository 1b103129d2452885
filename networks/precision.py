"""In which numbers maps and mixing are computed, whatever the network around them uses."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def working(tensor: Tensor) -> torch.dtype:
    """float32 for half precision and float32, float64 for itself: sums of rows that are 1 to 1e-3 only would drift."""
    return torch.promote_types(tensor.dtype, torch.float32)


def plain(tensor: Tensor) -> AbstractContextManager[object]:
    """Turn autocast off on this tensor's device, where there is such a thing."""
    kind = tensor.device.type
    return nullcontext() if kind == "meta" else torch.autocast(kind, enabled=False)
