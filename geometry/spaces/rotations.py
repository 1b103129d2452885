"""The space of go-mHC: the orthogonal or unitary group itself, on which a step is a rotation."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import uniform
from geometry.sampling.near_edges import edge_rotations
from geometry.spaces.base import Space
from projectors import Rotational
from projectors.base import normal
from projectors.checks import instance
from projectors.rotations.cayley import cayley, newton_schulz
from projectors.rotations.inverses import solution
from projectors.rotations.rotational import block_norms


class Rotations(Space):
    """Orthogonal or unitary matrices Q (batch, N, N), N = ns: for go-mHC and its unitary variant.

    A direction is a skew matrix X, flattened, and a step goes from Q to Q cayley(-X/2), which is Q exp(X) to second
    order.
    """

    def __init__(self, projector: Rotational) -> None:
        instance(projector, Rotational, "the projector of rotations")
        self.projector, self.N, self.s = projector, projector.order, projector.s

    def random(self, count: int, generator: Generator) -> Tensor:
        """Edges of the reach, moved inwards by rotations of all sizes up to about Haar's."""
        size = 10 ** uniform((count, 1), generator, -1.5, 0.5) / sqrt(self.N)
        theta = normal((count, self.projector.parameter_count), generator, torch.float64, None) * size
        turns = cayley(self.projector.skew(theta))
        return edge_rotations(self.projector.n, self.s, count, generator).to(turns.dtype) @ turns

    def matrices(self, points: Tensor) -> Tensor:
        """Block norms."""
        return block_norms(points, self.s)

    def pull(self, points: Tensor, cotangents: Tensor) -> Tensor:
        """The skew part of Q^H (2/s) (cotangent, spread over blocks) Q: the gradient on the group."""
        each = cotangents / self.s
        if self.s > 1:
            block = torch.arange(self.N, device=points.device) // self.s
            each = each.index_select(-1, block).index_select(-2, block)
        inward = points.mH[:, None] @ (each * points[:, None])
        return (inward - inward.mH).flatten(-2)

    def move(self, points: Tensor, directions: Tensor) -> Tensor:
        """Rotate."""
        turns = cayley(directions.unflatten(-1, (self.N, self.N)) * -0.5)
        return points @ turns.contiguous()  # a product of two memory orders is slow

    def nudge(self, points: Tensor, directions: Tensor) -> Tensor:
        """Q (I + X) and a Newton-Schulz step, which is Q (I + X + X^2 / 2 + X^3 / 2): orthogonal up to 3/4 |X|^4.

        It squares what Q is off itself, too. Three products instead of an inverse.
        """
        skew = directions.unflatten(-1, (self.N, self.N))
        return newton_schulz(torch.baddbmm(points, points, skew))

    def parameters(self, points: Tensor) -> Tensor:
        """Invert the Cayley transform of Q D, with signs D for which I + Q D is well conditioned."""
        signed = points * _steady_signs(points)[:, None, :]
        identity = torch.eye(self.N, dtype=points.dtype, device=points.device)
        skew = solution(signed + identity, identity - signed)
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
