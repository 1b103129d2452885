"""What a map is, and the one that works for every projector: through its own forward and backward pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from projectors import Projector


@dataclass(frozen=True, eq=False)
class Memory:
    """Where a map reads and writes, for as long as it lives; `to_x` is the gradient with respect to x.

    theta and to_theta (p,) are flat and its own: parameters (t, p) of its first method, then of its second and so on.
    matrices and to_matrices (t, M, n, n) belong to all M methods.
    """

    theta: Tensor
    to_theta: Tensor
    matrices: Tensor
    to_matrices: Tensor


class Map(ABC):
    """Some projectors, which are numbers `places` among the methods of an experiment, in their memory."""

    def __init__(self, projectors: Sequence[Projector], places: Sequence[int], memory: Memory) -> None:
        self.count = len(memory.matrices)
        sizes = [self.count * projector.parameter_count for projector in projectors]
        self.theta, self.to_theta = (
            [part.view(self.count, -1) for part in flat.split(sizes)] for flat in (memory.theta, memory.to_theta)
        )
        self.matrices, self.to_matrices = (
            [whole[:, place].flatten(1) for place in places] for whole in (memory.matrices, memory.to_matrices)
        )

    @classmethod
    @abstractmethod
    def shared_by(cls, projector: Projector, count: int) -> Hashable:
        """Projector, number of targets -> None if this map is not for it, else a key: equal keys may share a map."""

    @abstractmethod
    def forward(self) -> None:
        """Parameters -> matrices; remembers what `backward` needs."""

    @abstractmethod
    def backward(self) -> None:
        """Gradient with respect to matrices -> gradient with respect to the parameters of the last `forward`."""


class AutomaticMap(Map):
    """Any projectors, through their own forward and backward passes."""

    def __init__(self, projectors: Sequence[Projector], places: Sequence[int], memory: Memory) -> None:
        super().__init__(projectors, places, memory)
        self.projectors = tuple(projectors)
        self.images: list[Tensor] = []

    @classmethod
    def shared_by(cls, projector: Projector, count: int) -> Hashable:
        """Any projector, each by itself."""
        return (cls, projector)

    def forward(self) -> None:
        """Call the projectors, recording for autograd."""
        self.leaves = [part.detach().requires_grad_() for part in self.theta]
        with torch.enable_grad():
            self.images = [
                projector.matrices(leaf).flatten(1)
                for projector, leaf in zip(self.projectors, self.leaves, strict=True)
            ]
        for image, matrices in zip(self.images, self.matrices, strict=True):
            matrices.copy_(image.detach())

    def backward(self) -> None:
        """Ask autograd."""
        slopes = torch.autograd.grad(self.images, self.leaves, self.to_matrices)
        for slope, part in zip(slopes, self.to_theta, strict=True):
            part.copy_(slope)
