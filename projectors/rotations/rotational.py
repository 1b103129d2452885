"""Block norms of rotations of order N = ns: what go-mHC does, over the real or the complex numbers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar

import torch
from torch import Tensor

from projectors.base import Projector, normal
from projectors.rotations.cayley import cayley
from projectors.sizes import LARGEST_SIZE
from projectors.tracing import traced

PIECE = 4 * 2**20
"""Bytes of the matrices Q that are made at once on a CPU."""


@dataclass(frozen=True)
class Rotational(Projector):
    """theta (..., p) -> block norms (..., n, n) of the Cayley transform of a skew matrix of order N = ns.

    A subclass says which skew matrices: `numbers_per_entry` is 1 if they are real, 2 if complex, and `skew` takes theta
    to them in the order of `projectors.rotations.skew`, in which others (`geometry.spaces`,
    `learning.stream_mixing.batched`) take it back or go through it by themselves.
    """

    s: int = 1
    numbers_per_entry: ClassVar[int] = 1

    def __post_init__(self) -> None:
        kind = type(self).__name__.lower()
        self._whole_field("n", f"n, the size of {kind} matrices,", 2)
        self._whole_field("s", f"s, the rank parameter of {kind} matrices,", 1, max(1, LARGEST_SIZE // self.n))

    @property
    def order(self) -> int:
        """N = ns, the order of the rotation."""
        return self.n * self.s

    @property
    def details(self) -> dict[str, int | str]:
        """The rank parameter s."""
        return {"s": self.s}

    @abstractmethod
    def skew(self, theta: Tensor) -> Tensor:
        """theta (..., p) -> A (..., N, N), skew-symmetric or skew-Hermitian; linear in theta."""

    def matrices(self, theta: Tensor) -> Tensor:
        def made(piece: Tensor) -> Tensor:
            return block_norms(cayley(self.skew(piece)), self.s)

        return self._recorded(theta) if traced(theta) else _in_pieces(made, theta, self.order)

    def _recorded(self, theta: Tensor) -> Tensor:
        """As `matrices`, for torch to record: all at once."""
        return block_norms(cayley(self.skew(theta)), self.s)

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """theta (*batch, p), normal of variance 2: what Theta - Theta^H has above its diagonal for normal Theta."""
        return sqrt(2) * normal((*batch, self.parameter_count), generator, dtype, device)


def block_norms(Q: Tensor, s: int) -> Tensor:
    """Orthogonal or unitary Q (..., ns, ns) -> B (..., n, n), B_ij = (1/s) * squared Frobenius norm of block i, j.

    Blocks are s x s and contiguous. B is doubly stochastic because rows and columns of Q have norm 1 [Gutkin2013].
    Derivatives of any order.
    """
    if traced(Q):
        return block_means(torch.view_as_real(Q).square().sum(-1) if Q.is_complex() else Q.square(), s)
    return _BlockNorms.apply(Q, s)  # type: ignore[no-untyped-call]


def block_means(squares: Tensor, s: int) -> Tensor:
    """Squared moduli of entries (..., ns, ns) -> (..., n, n), 1/s times the sums over s x s blocks."""
    return _blocks(squares, s).sum((-3, -1)) / s


class _BlockNorms(torch.autograd.Function):
    """Q (..., ns, ns) -> B; the derivative of a squared norm is twice the block itself: one product, no temporaries."""

    @staticmethod
    def forward(ctx: Any, Q: Tensor, s: int) -> Tensor:
        ctx.save_for_backward(Q)
        ctx.s = s
        parts = [_blocks(part, s) for part in ((Q.real, Q.imag) if Q.is_complex() else (Q,))]
        first, *others = (part[..., i, :, j] for part in parts for i in range(s) for j in range(s))
        norms = first.square()
        for other in others:
            norms.addcmul_(other, other)
        return norms.div_(s)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (Q,) = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants the derivative of this, too
            spread = (gradients[0] * (2 / ctx.s))[..., :, None, :, None]
            return (_blocks(Q, ctx.s) * spread).flatten(-4, -3).flatten(-2), None
        # In Q's memory order, usually with the batch last: a product of two orders is slow.
        spread = torch.empty_like(_blocks(Q, ctx.s)[..., 0, :, 0], dtype=gradients[0].dtype)
        spread = torch.mul(gradients[0], 2 / ctx.s, out=spread)[..., :, None, :, None]
        return (_blocks(Q, ctx.s) * spread).flatten(-4, -3).flatten(-2), None


def _blocks(matrices: Tensor, s: int) -> Tensor:
    """(..., ns, ns) -> (..., n, s, n, s)."""
    return matrices.unflatten(-1, (-1, s)).unflatten(-3, (-1, s))


def _in_pieces(function: Callable[[Tensor], Tensor], theta: Tensor, N: int) -> Tensor:
    """function(theta) for theta (..., p); on a CPU in pieces whose N x N matrices take 4 MB, to stay in its caches."""
    rows = theta.reshape(-1, theta.shape[-1])
    length = max(1, PIECE // (int(N) ** 2 * theta.element_size()))
    pieces = rows.split(length) if theta.device.type == "cpu" else (rows,)
    matrices = [_batch_first(function(piece)) for piece in pieces]
    whole = torch.cat(matrices) if len(matrices) > 1 else matrices[0]
    return whole.reshape(*theta.shape[:-1], *whole.shape[-2:])


def _batch_first(matrices: Tensor) -> Tensor:
    """(batch, n, n) in any memory order -> contiguous. As a transposition of two axes, which torch is quick at."""
    return matrices.flatten(1).contiguous().view(matrices.shape)
