"""go-mHC: block norms of an orthogonal (or unitary) matrix from the Cayley transform [goMHC2026], [Nechita2023]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from projectors.base import Projector, normal
from projectors.cayley import cayley

PIECE = 4 * 2**20
"""Bytes of the matrices Q that are made at once on a CPU."""


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
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (Q,) = ctx.saved_tensors
        # In Q's memory order, usually with the batch last: a product of two orders is slow.
        spread = torch.empty_like(_blocks(Q, ctx.s)[..., 0, :, 0], dtype=gradients[0].dtype)
        spread = torch.mul(gradients[0], 2 / ctx.s, out=spread)[..., :, None, :, None]
        return (_blocks(Q, ctx.s) * spread).flatten(-4, -3).flatten(-2), None


def _blocks(matrices: Tensor, s: int) -> Tensor:
    """(..., ns, ns) -> (..., n, s, n, s)."""
    return matrices.unflatten(-1, (-1, s)).unflatten(-3, (-1, s))


def block_norms(Q: Tensor, s: int) -> Tensor:
    """Orthogonal or unitary Q (..., ns, ns) -> B (..., n, n), B_ij = (1/s) * squared Frobenius norm of block i, j.

    Blocks are s x s and contiguous. B is doubly stochastic because rows and columns of Q have norm 1 [Gutkin2013].
    First derivatives only.
    """
    return _BlockNorms.apply(Q, s)  # type: ignore[no-untyped-call]


def _filled(theta: Tensor, N: int, mirror: int) -> Tensor:
    """theta (..., p) -> (..., N, N): the upper triangle row by row, mirrored with this sign; for +1, then the diagonal.

    In memory the batch is the last axis, so that what is done to one entry of every matrix runs along it.
    """
    where, sign = _pattern(N, mirror, theta.device)
    entries = theta.reshape(-1, theta.shape[-1]).t().contiguous().index_select(0, where) * sign
    return entries.t().reshape(*theta.shape[:-1], N, N)


@lru_cache(maxsize=128)
def _pattern(N: int, mirror: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Which parameter stands at each of the N^2 entries, (N^2,), and with which sign, (N^2, 1)."""
    row, column = torch.triu_indices(N, N, 1, device=device)
    where, sign = torch.zeros(2, N, N, dtype=torch.long, device=device)
    where[row, column] = where[column, row] = torch.arange(len(row), device=device)
    sign[row, column], sign[column, row] = 1, mirror
    if mirror == 1:
        where.diagonal().copy_(torch.arange(len(row), len(row) + N))
        sign.fill_diagonal_(1)
    return where.flatten(), sign.reshape(-1, 1)


def skew_symmetric(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N(N-1)/2) -> skew-symmetric A (..., N, N), the upper triangle filled row by row with theta."""
    return _filled(theta, N, -1)


def skew_hermitian(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N^2) -> skew-Hermitian A (..., N, N).

    The first N(N-1)/2 parameters are the real upper triangle, as many the imaginary one, the last N the diagonal.
    """
    p = N * (N - 1) // 2
    return torch.complex(_filled(theta[..., :p], N, -1), _filled(theta[..., p:], N, 1))


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


@dataclass(frozen=True)
class Orthostochastic(Projector):
    """theta (..., ns(ns-1)/2) -> s-orthostochastic n x n matrices: block norms of a Cayley-transformed rotation.

    The image is all of O_{n,s}, because a sign flip of columns moves any orthogonal matrix into the range of the
    Cayley transform and leaves the block norms alone. It is not nested in s; O_{n,s} lies in O_{n,ks} [Nechita2023].
    """

    s: int = 1

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of an orthostochastic matrix,", 2)
        self._whole_field("s", "s, the rank parameter of an orthostochastic matrix,", 1)

    @property
    def parameter_count(self) -> int:
        """ns(ns - 1)/2, the dimension of SO(ns). The paper's code spends (ns)^2 on the same matrix."""
        N = self.n * self.s
        return N * (N - 1) // 2

    @property
    def flops(self) -> int:
        """Counts 2 N^3 for the inverse, 3 N^2 to form I + A and Q, and 2 N^2 for the block norms; N = ns."""
        N = self.n * self.s
        return 2 * N**3 + 5 * N**2

    def __call__(self, theta: Tensor) -> Tensor:
        N = self.n * self.s
        return _in_pieces(
            lambda piece: block_norms(cayley(skew_symmetric(piece, N)), self.s), self._parameters(theta), N
        )

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """theta (*batch, p), normal of variance 2: the upper triangle of Theta - Theta^T for standard normal Theta."""
        return sqrt(2) * normal((*batch, self.parameter_count), generator, dtype, device)


@dataclass(frozen=True)
class Unistochastic(Projector):
    """theta (..., (ns)^2) -> s-unistochastic n x n matrices: block norms of a Cayley-transformed unitary matrix.

    The complex variant of go-mHC (appendix E of [goMHC2026]); U_{n,s} contains O_{n,s} and lies in O_{n,2s}.
    """

    s: int = 1

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a unistochastic matrix,", 2)
        self._whole_field("s", "s, the rank parameter of a unistochastic matrix,", 1)

    @property
    def parameter_count(self) -> int:
        """(ns)^2, the dimension of U(ns)."""
        return (self.n * self.s) ** 2

    @property
    def flops(self) -> int:
        """Counts real operations: a complex one as four, hence 4 (2 N^3 + 3 N^2) + 3 N^2 for the norms; N = ns."""
        N = self.n * self.s
        return 8 * N**3 + 15 * N**2

    def __call__(self, theta: Tensor) -> Tensor:
        N = self.n * self.s
        return _in_pieces(
            lambda piece: block_norms(cayley(skew_hermitian(piece, N)), self.s), self._parameters(theta), N
        )

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """theta (*batch, p), normal of variance 2: as Orthostochastic, for the complex Theta - Theta^H."""
        return sqrt(2) * normal((*batch, self.parameter_count), generator, dtype, device)
