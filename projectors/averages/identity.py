"""No mixing: H_res = I, as in iHC, Hy4 and Qwen4-Exp."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import Projector


@dataclass(frozen=True)
class Identity(Projector):
    """theta (..., 0) -> the identity (..., n, n): streams are read and written, and never mixed."""

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of an identity matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """None."""
        return 0

    @property
    def flops(self) -> int:
        """None."""
        return 0

    def matrices(self, theta: Tensor) -> Tensor:
        nothing = theta.sum(-1)[..., None, None]  # a sum of no terms, so that whoever asks finds a gradient of no terms
        return torch.eye(self.n, dtype=theta.dtype, device=theta.device) + nothing
