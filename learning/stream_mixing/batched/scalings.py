"""mHC in training: methods with as many Sinkhorn iterations share them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from learning.stream_mixing.batched.base import AutomaticMap, Memory
from projectors import Projector, Sinkhorn
from projectors.balanced.sinkhorn import balance
from projectors.conventions import Convention

WIDEST = 200.0
"""Largest difference between logits for which exp is safe; where it is larger, the projectors work in logarithms."""


class ScalingMap(AutomaticMap):
    """Kernels K = exp(theta) or |theta| / scale of all methods, one below the other (b, n^2), balanced in one call."""

    def __init__(self, projectors: Sequence[Projector], places: Sequence[int], memory: Memory) -> None:
        super().__init__(projectors, places, memory)
        sinkhorns = [each for each in projectors if isinstance(each, Sinkhorn)]
        self.n, self.iterations = sinkhorns[0].n, sinkhorns[0].iterations
        self.exponential = [each.positive == "exp" for each in sinkhorns]

    @classmethod
    def shared_by(cls, projector: Projector, count: int) -> Hashable:
        """Any mHC of the default convention, linear or not, with others of as many iterations."""
        if not isinstance(projector, Sinkhorn) or projector.convention != Convention():
            return None
        return (cls, projector.iterations)

    def forward(self) -> None:
        """Balance all kernels at once, recording for autograd."""
        logits = [theta for theta, exponential in zip(self.theta, self.exponential, strict=True) if exponential]
        self.tame = all(float(theta.amax() - theta.amin()) <= WIDEST for theta in logits)  # and a number
        if not self.tame:
            return super().forward()
        pairs = [_kernel(*each) for each in zip(self.theta, self.exponential, strict=True)]
        self.slopes = torch.cat([slope for _, slope in pairs])
        self.kernels = torch.cat([kernel for kernel, _ in pairs]).requires_grad_()
        with torch.enable_grad():
            self.balanced = balance(self.kernels.unflatten(-1, (self.n, self.n)), self.iterations).flatten(1)
        for part, matrices in zip(self.balanced.detach().split(self.count), self.matrices, strict=True):
            matrices.copy_(part)
        return None

    def backward(self) -> None:
        """Ask autograd for the way back to the kernels; from there it is one product."""
        if not self.tame:
            return super().backward()
        (to_kernels,) = torch.autograd.grad(self.balanced, self.kernels, torch.cat(self.to_matrices))
        for part, to_theta in zip((to_kernels * self.slopes).split(self.count), self.to_theta, strict=True):
            to_theta.copy_(part)
        return None


def _kernel(theta: Tensor, exponential: bool) -> tuple[Tensor, Tensor]:
    """theta (t, n^2) -> positive kernels and their derivatives, up to a factor for each, which balancing undoes."""
    if exponential:
        kernel = (theta - theta.amax(-1, keepdim=True)).exp_()
        return kernel, kernel
    magnitude = theta.abs()
    scale = magnitude.amax(-1, keepdim=True).clamp_min_(1)
    return magnitude.div_(scale).add_(torch.finfo(theta.dtype).eps), theta.sign() / scale
