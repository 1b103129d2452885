"""The space of averages of go-mHC's matrices: rotations side by side, and a point of the sphere for the weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import faces
from geometry.spaces.base import Space
from geometry.spaces.rotations import Rotations
from projectors import Mixture, Orthostochastic
from projectors.averages.mixture import mean
from projectors.checks import instance
from projectors.rotations.cayley import cayley

SMALLEST = 1e-30
"""What a weight of 0 is replaced by before its logarithm is taken."""

INWARD = 0.1
"""Share of equal weights that `inwards` mixes in."""


class AveragedRotations(Space):
    """Points (batch, k N^2 + k): k orthogonal matrices, and u of norm 1, whose squares are learned weights.

    Neither has the edges of parameters: a rotation's angles do not saturate, and weights come to 0 and leave it like
    squares. With fixed weights u is their roots, and stays.
    """

    def __init__(self, projector: Mixture) -> None:
        averaged = instance(projector, Mixture, "the projector of averaged rotations").projector
        if not isinstance(averaged, Orthostochastic):
            raise ValueError(f"averaged rotations must be those of go-mHC, not of {averaged}")
        self.projector, self.k = projector, projector.k
        self.inner = Rotations(averaged)
        self.N, self.free = self.inner.N, projector.weights is None

    def random(self, count: int, generator: Generator) -> Tensor:
        """Those of each matrix, weighted uniformly on faces of the simplex."""
        Q = self.inner.random(count * self.k, generator).unflatten(0, (count, self.k)).flatten(1)
        if self.projector.weights is not None:
            fixed = torch.tensor(self.projector.weights, dtype=Q.dtype, device=Q.device).sqrt()
            return torch.cat([Q, fixed.expand(count, -1)], -1)
        return torch.cat([Q, faces((count, self.k), generator).sqrt()], -1)

    def matrices(self, points: Tensor) -> Tensor:
        """Block norms, averaged."""
        Q, u = self._split(points)
        return mean(self._terms(Q), u.square())

    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """The gradients of the rotations, each by its weight, and of u, along the sphere."""
        Q, u = self._split(points)
        b = len(points)
        repeated = cotangents[:, None].expand(b, self.k, *cotangents.shape[1:]).flatten(0, 1)
        turns = self.inner.pull(Q.flatten(0, 1), repeated).unflatten(0, (b, self.k)) * u.square()[..., None, None]
        turns = turns.transpose(1, 2).flatten(2)
        along = torch.einsum("bcij,bkij->bck", cotangents, self._terms(Q))
        along = 2 * u[:, None] * (along - (along * u.square()[:, None]).sum(-1, keepdim=True))
        return torch.cat([turns, along if self.free else torch.zeros_like(along)], -1)

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Rotate each, and go along the sphere."""
        return self._moved(points, directions, self.inner.move)

    def nudge(self, points: Tensor, directions: Tensor) -> Tensor:
        """The same, with rotations that are quick."""
        return self._moved(points, directions, self.inner.nudge)

    def _moved(self, points: Tensor, directions: Tensor, rotate: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        Q, u = self._split(points)
        turns = directions[:, : -self.k].unflatten(-1, (self.k, self.N**2)).flatten(0, 1)
        moved = rotate(Q.flatten(0, 1), turns).unflatten(0, (len(points), self.k)).flatten(1)
        u = u + directions[:, -self.k :]
        return torch.cat([moved, u / u.norm(dim=-1, keepdim=True)], -1)

    def parameters(self, points: Tensor) -> Tensor:
        """Those of each rotation and, where the weights are learned, their logarithms."""
        Q, u = self._split(points)
        theta = self.inner.parameters(Q.flatten(0, 1)).unflatten(0, (len(points), self.k)).flatten(1)
        return torch.cat([theta, u.square().clamp_min(SMALLEST).log()], -1) if self.free else theta

    def points(self, theta: Tensor) -> Tensor:
        """Parameters theta (batch, p) -> points (batch, ...) of the same matrices."""
        each = self.k * self.projector.projector.parameter_count
        skew = self.inner.projector.skew(theta[:, :each].unflatten(-1, (self.k, -1)))
        logits = theta[:, each:] if self.free else theta.new_tensor(self.projector.weights).log().expand(len(theta), -1)
        return torch.cat([cayley(skew).flatten(1), logits.softmax(-1).sqrt()], -1)

    def inwards(self, points: Tensor) -> Tensor:
        """Give every term some weight: one without any does not move."""
        if not self.free:
            return points
        Q, u = self._split(points)
        weights = (1 - INWARD) * u.square() + INWARD / self.k
        return torch.cat([Q.flatten(1), weights.sqrt()], -1)

    def _split(self, points: Tensor) -> tuple[Tensor, Tensor]:
        return points[:, : -self.k].unflatten(-1, (self.k, self.N, self.N)), points[:, -self.k :]

    def _terms(self, Q: Tensor) -> Tensor:
        """(batch, k, N, N) -> (batch, k, n, n)."""
        return self.inner.matrices(Q)
