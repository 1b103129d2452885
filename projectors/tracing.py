"""What torch does besides computing: it records, transforms and infers, and numbers may not be there to look at."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.utils._python_dispatch import _disable_current_modes

P = ParamSpec("P")
T = TypeVar("T")


def traced(tensor: Tensor) -> bool:
    """Whether a tensor stands for numbers that are not there, or must not decide anything.

    True under `torch.compile` and `torch.func`, and for meta, fake and other tensors that are not plain ones: there, no
    branch may depend on a number.
    """
    return (
        torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
        or tensor.device.type == "meta"
        or type(tensor) not in (Tensor, Parameter)
    )


def constant(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """How many results to keep -> a decorator of a function that makes tensors of what is no tensor: each made once.

    Made as real tensors that may take part in any later computation, whoever asks first: under inference mode or with
    fake tensors, what is made would be unfit for training, and kept. To `torch.compile` they are constants.
    """

    def decorated(make: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=maxsize)
        def made(*args: Any, **kwargs: Any) -> T:
            with _disable_current_modes(), torch.inference_mode(False), torch.no_grad():
                return make(*args, **kwargs)

        @wraps(make)
        def known(*args: P.args, **kwargs: P.kwargs) -> T:
            if torch._C._len_torch_dispatch_stack() and not torch.compiler.is_compiling():
                return make(*args, **kwargs)  # as fake, or whatever is wanted: not to be kept
            return made(*args, **kwargs)  # type: ignore[arg-type]

        torch.compiler.assume_constant_result(known)  # marks it
        return known

    return decorated
