"""Where a solver moves: free parameters in general, the orthogonal or unitary group itself for block norms.

A space has points (batch, ...), a matrix for each point, and for cotangents at each matrix the directions in
which the matrix follows them fastest. On a group there is no chart to leave: its points move by rotations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import scattered
from projectors import Projector
from projectors.checks import instance


class Space(ABC):
    """The points a solver may visit for one projector."""

    @abstractmethod
    def random(self, count: int, generator: Generator) -> Tensor:
        """count -> points (count, ...), from the middle of what the projector reaches to its edges."""

    @abstractmethod
    def matrices(self, points: Tensor) -> Tensor:
        """Points (batch, ...) -> doubly stochastic matrices (batch, n, n)."""

    @abstractmethod
    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """Points (batch, ...), cotangents (batch, k, n, n) at their matrices -> directions (batch, k, q)."""

    @abstractmethod
    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Points (batch, ...) and steps (batch, q) -> the points one step further."""

    def nudge(self, points: Tensor, directions: Tensor) -> Tensor:
        """As `move`, but quick and for short steps: it may leave the space by less than a step's second order.

        It also leads back to the space, so that points are in it where steps become small. One longer than about 1 may
        end anywhere.
        """
        return self.move(points, directions)

    @abstractmethod
    def parameters(self, points: Tensor) -> Tensor:
        """Points (batch, ...) -> free parameters theta (batch, p) of the same matrices."""

    def inwards(self, points: Tensor) -> Tensor:
        """Points (batch, ...) -> points (batch, ...) farther from an edge that directions do not lead away from."""
        return points

    def settled(self, theta: Tensor) -> Tensor:
        """Any theta (batch, p) -> theta (batch, p) of doubly stochastic matrices, the same ones where they are."""
        return theta


class Parameters(Space):
    """Free parameters themselves, with gradients from autograd: for every projector."""

    def __init__(self, projector: Projector) -> None:
        self.projector = instance(projector, Projector, "the projector")

    def random(self, count: int, generator: Generator) -> Tensor:
        """Initial parameters, scaled over orders of magnitude."""
        return scattered(self.projector, count, generator)

    def matrices(self, points: Tensor) -> Tensor:
        """Points (batch, p) -> matrices (batch, n, n)."""
        return self.projector.matrices(points)

    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """A backward pass for each cotangent through one forward pass."""
        with torch.inference_mode(mode=False), torch.enable_grad():
            theta, cotangents = points.clone().requires_grad_(), cotangents.clone()
            matrices = self.projector.matrices(theta)
            directions = [
                torch.autograd.grad(matrices, theta, cotangents[:, side], retain_graph=True)[0]
                for side in range(cotangents.shape[1])
            ]
        return torch.stack(directions, 1)

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Add."""
        return points + directions

    def inwards(self, points: Tensor) -> Tensor:
        """Shrink logits to 3 at most: where one weight of a softmax is nearly 1, the others hardly move."""
        return points * (3 / points.abs().amax(-1, keepdim=True)).clamp_max(1) if points.shape[-1] else points

    def parameters(self, points: Tensor) -> Tensor:
        """Points are parameters."""
        return points
