"""Where a solver moves: free parameters in general, the orthogonal or unitary group itself for block norms.

A space has points (batch, ...), a matrix for each point, and for two cotangents at each matrix the two directions in
which the matrix follows them fastest. On a group there is no chart to leave: its points move by rotations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import sqrt

import torch
from torch import Generator, Tensor

from geometry.distributions import uniform
from geometry.edges import edge_rotations, edges
from projectors import Kronecker, Mixture, Orthostochastic, Projector, Sinkhorn, Unistochastic
from projectors.base import normal
from projectors.cayley import cayley
from projectors.orthostochastic import block_norms, skew_hermitian, skew_symmetric

SETTLING, BALANCED = 50, 1e-12
"""How often parameters are balanced at most, and the row error at which they are left alone."""


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
        """Points (batch, ...), cotangents (batch, 2, n, n) at their matrices -> directions (batch, 2, q)."""

    @abstractmethod
    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Points (batch, ...) and steps (batch, q) -> the points one step further."""

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
        self.projector = projector

    def random(self, count: int, generator: Generator) -> Tensor:
        """Initial parameters, scaled over orders of magnitude: softmaxes reach the edges far out."""
        theta = self.projector.initial(count, generator=generator)
        return theta * 10 ** uniform((count, 1), generator, -0.5, 1)

    def matrices(self, points: Tensor) -> Tensor:
        """Points (batch, p) -> matrices (batch, n, n)."""
        return self.projector(points)

    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """Two backward passes through one forward pass."""
        with torch.enable_grad():
            theta = points.detach().requires_grad_()
            matrices = self.projector(theta)
            directions = [
                torch.autograd.grad(matrices, theta, cotangents[:, side], retain_graph=side == 0)[0] for side in (0, 1)
            ]
        return torch.stack(directions, 1)

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Add."""
        return points + directions

    def inwards(self, points: Tensor) -> Tensor:
        """Shrink logits to 3 at most: where one weight of a softmax is nearly 1, the others hardly move."""
        return points * (3 / points.abs().amax(-1, keepdim=True)).clamp_max(1)

    def parameters(self, points: Tensor) -> Tensor:
        """Points are parameters."""
        return points


REBALANCED = 4
"""How often a step of `Balanced` runs through Sinkhorn's iterations."""


class Balanced(Parameters):
    """Parameters that Sinkhorn, or every Sinkhorn in a combination, maps onto matrices balanced already.

    The logarithm of a doubly stochastic matrix is a fixed point: every step ends at the logarithm of its own matrix, so
    that Sinkhorn's iterations suffice.
    """

    def random(self, count: int, generator: Generator) -> Tensor:
        """Logarithms of matrices from the edges of the polytope inwards; for a combination, random ones, balanced."""
        if isinstance(self.projector, Sinkhorn):
            share = 10 ** uniform((count, 1, 1), generator, -3, 0)
            outer = edges(self.projector, count, generator)
            return _preimage(self.projector, (1 - share) * outer + share / self.projector.n)
        return self.settled(super().random(count, generator))

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Add, balance a few times over, and take the logarithm: nearly decomposable matrices balance slowly."""
        points = points + directions
        for _ in range(REBALANCED):
            points = balanced(self.projector, points)
        return points

    def inwards(self, points: Tensor) -> Tensor:
        """Mix every balanced matrix with some of the barycentre: the logarithm of a zero hardly moves."""
        return balanced(self.projector, points, share=0.1)

    def settled(self, theta: Tensor) -> Tensor:
        """Balance again and again, until rows sum to 1 within 1e-12 or after 50 times."""
        for _ in range(SETTLING):
            if bool(((self.projector(theta).sum(-1) - 1).abs() <= BALANCED).all()):
                break
            theta = balanced(self.projector, theta)
        return theta


def balanced(projector: Projector, theta: Tensor, share: float = 0) -> Tensor:
    """projector, theta (..., p) -> theta (..., p), every Sinkhorn's part replaced by that of its own matrix.

    Of which this share is made the barycentre's.
    """
    if isinstance(projector, Sinkhorn):
        return _preimage(projector, (1 - share) * projector(theta) + share / projector.n)
    if isinstance(projector, Kronecker):
        parts = theta.split([factor.parameter_count for factor in projector.factors], -1)
        return torch.cat([balanced(*pair, share) for pair in zip(projector.factors, parts, strict=True)], -1)
    if isinstance(projector, Mixture):
        each = projector.k * projector.projector.parameter_count
        members = balanced(projector.projector, theta[..., :each].unflatten(-1, (projector.k, -1)), share)
        return torch.cat([members.flatten(-2), theta[..., each:]], -1)
    return theta


def _preimage(projector: Sinkhorn, matrices: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> the parameters (..., n^2) that stand for them."""
    flat = matrices.flatten(-2)
    return flat.clamp_min(1e-30).log() if projector.positive == "exp" else flat


class Rotations(Space):
    """Orthogonal or unitary matrices Q (batch, N, N), N = ns: for go-mHC and its unitary variant.

    A direction is a skew matrix X, flattened, and a step goes from Q to Q cayley(-X/2), which is Q exp(X) to second
    order.
    """

    def __init__(self, projector: Orthostochastic | Unistochastic) -> None:
        self.projector, self.N, self.s = projector, projector.n * projector.s, projector.s

    def random(self, count: int, generator: Generator) -> Tensor:
        """Edges of the reach, moved inwards by rotations of all sizes up to about Haar's."""
        size = 10 ** uniform((count, 1), generator, -1.5, 0.5) / sqrt(self.N)
        theta = normal((count, self.projector.parameter_count), generator, torch.float64, None) * size
        skew = skew_symmetric if isinstance(self.projector, Orthostochastic) else skew_hermitian
        turns = cayley(skew(theta, self.N))
        return edge_rotations(self.projector.n, self.s, count, generator).to(turns.dtype) @ turns

    def matrices(self, points: Tensor) -> Tensor:
        """Block norms."""
        return block_norms(points, self.s)

    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """The skew part of Q^H (2/s) (cotangent, spread over blocks) Q: the gradient on the group."""
        spread = cotangents.repeat_interleave(self.s, -1).repeat_interleave(self.s, -2)
        inward = points.mH[:, None] @ (spread * points[:, None])
        return (inward - inward.mH).flatten(-2) / self.s

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Rotate."""
        turns = cayley(directions.unflatten(-1, (self.N, self.N)) * -0.5)
        return points @ turns.contiguous()  # a product of two memory orders is slow

    def parameters(self, points: Tensor) -> Tensor:
        """Invert the Cayley transform of Q D, with signs D for which I + Q D is well conditioned."""
        signed = points * _steady_signs(points)[:, None, :]
        identity = torch.eye(self.N, dtype=points.dtype, device=points.device)
        skew = torch.linalg.solve(signed + identity, identity - signed)
        row, column = torch.triu_indices(self.N, self.N, 1, device=points.device)
        upper = skew[:, row, column]
        if not points.is_complex():
            return upper
        return torch.cat([upper.real, upper.imag, skew.diagonal(dim1=-2, dim2=-1).imag], -1)


def _steady_signs(Q: Tensor) -> Tensor:
    """Orthogonal or unitary Q (batch, N, N) -> signs (batch, N) for which every pivot of I + Q D is at least 1.

    Column k of I + Q D is e_k + d_k q_k: eliminating the columns before it leaves the pivot 1 + d_k z, and the sign is
    chosen so that Re(d_k z) >= 0. Hence |det(I + Q D)| >= 1.
    """
    work = Q.clone()
    signs = torch.ones(Q.shape[:-1], dtype=Q.real.dtype, device=Q.device)
    for k in range(Q.shape[-1]):
        signs[:, k] = torch.where(work[:, k, k].real < 0, -1.0, 1.0)
        column = work[:, :, k] * signs[:, k, None]
        pivot = 1 + column[:, k]
        # Columns yet to come lose their component along the finished one; rows above keep what the identity holds.
        ratio = work[:, k, k + 1 :] / pivot[:, None]
        work[:, :, k + 1 :] -= column[:, :, None] * ratio[:, None, :]
    return signs


def space_of(projector: Projector) -> Space:
    """Projector -> the space its solver moves in."""
    if isinstance(projector, Orthostochastic | Unistochastic):
        return Rotations(projector)
    return Parameters(projector) if projector.exact else Balanced(projector)
