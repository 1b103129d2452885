"""C-mHC: convex combinations of the powers of a cycle of streams [CmHC2026]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import Projector


@dataclass(frozen=True)
class Circulant(Projector):
    """theta (..., n) -> softmax-weighted means (..., n, n) of the n powers of the cycle that moves every stream by one.

    With weights p, the eigenvalues are the sums of p_k omega^jk for omega = exp(2 pi i / n) and j = 1, ..., n - 1: all
    of them lie in the polygon of the n-th roots of unity, and that of j = 1 is everywhere in it. Products of circulant
    matrices are circulant, and commute: more layers reach no more.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a circulant matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """n."""
        return self.n

    @property
    def flops(self) -> int:
        """Counts 3 n for the softmax; the rest is copied."""
        return 3 * self.n

    def matrices(self, theta: Tensor) -> Tensor:
        place = torch.arange(self.n, device=theta.device)
        return theta.softmax(-1)[..., (place - place[:, None]) % self.n]
