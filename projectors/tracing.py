"""Whether numbers can be looked at: not while torch records a computation instead of doing it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import Parameter


def traced(tensor: Tensor) -> bool:
    """Whether a tensor stands for numbers that are not there, or must not decide anything.

    True under `torch.compile` and `torch.func`, and for meta, fake and other tensors that are not plain ones: there, no
    branch may depend on a number.
    """
    return (
        torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or tensor.device.type == "meta"
        or type(tensor) not in (Tensor, Parameter)
    )
