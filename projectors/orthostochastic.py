"""go-mHC: block norms of an orthogonal (or unitary) matrix from the Cayley transform [goMHC2026], [Nechita2023]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from checks import whole_number
from projectors.base import Projector, normal

ILL_CONDITIONED = 100.0
"""Largest |A| up to which the plain inverse is orthogonal to 1e-13; beyond it the transform is polished."""

SATURATED = 1e12
"""Largest |A| told apart: at and beyond it, the transform is within 1e-12 of its limit along the ray."""


class _Cayley(torch.autograd.Function):
    """A -> Q = 2 (I + A)^-1 - I, with the backward pass -1/2 (I + Q)^H G (I + Q)^H that needs no second solve."""

    @staticmethod
    def forward(ctx: Any, skew: Tensor) -> Tensor:
        largest = skew.abs().amax() if skew.numel() else torch.zeros(())
        # Not (largest <= ...) sends a NaN to the same branch as a large number, where it stays a NaN.
        rotation = _direct(skew) if bool(largest <= ILL_CONDITIONED) else _polished(skew)
        ctx.save_for_backward(rotation)
        return rotation

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (rotation,) = ctx.saved_tensors
        outer = _plus_identity(rotation).mH
        return (outer @ gradients[0] @ outer).mul_(-0.5)


def _plus_identity(matrices: Tensor) -> Tensor:
    shifted = matrices.clone()
    shifted.diagonal(dim1=-2, dim2=-1).add_(1)
    return shifted


def _direct(skew: Tensor) -> Tensor:
    inverse, _ = torch.linalg.inv_ex(_plus_identity(skew))
    rotation = inverse.mul_(2)
    rotation.diagonal(dim1=-2, dim2=-1).sub_(1)
    return rotation


def _polished(skew: Tensor) -> Tensor:
    """As `_direct`, in double precision, then made orthogonal to rounding by Newton-Schulz steps.

    The inverse loses log10 |A| digits. A step squares the distance to orthogonality: three take 1e-3 to rounding.
    """
    wide = skew.to(torch.complex128 if skew.is_complex() else torch.float64) if skew.device.type != "mps" else skew
    largest = wide.abs().amax((-2, -1), keepdim=True)
    rotation = _direct(wide * (SATURATED / largest).clamp_max(1))
    for _ in range(3):
        correction = (rotation.mH @ rotation).mul_(-0.5)
        correction.diagonal(dim1=-2, dim2=-1).add_(1.5)
        rotation = rotation @ correction
    return rotation.to(skew.dtype)


def cayley(skew: Tensor) -> Tensor:
    """Skew-symmetric or skew-Hermitian A (..., N, N) -> orthogonal or unitary Q = (I - A)(I + A)^-1 (..., N, N).

    Orthogonal to rounding for every finite A, also where I + A is ill-conditioned: a large A is polished by
    Newton-Schulz steps, and beyond |A| = 1e12 counts as its rescaling to that size. First derivatives only
    [Helfrich2018].
    """
    return _Cayley.apply(skew)  # type: ignore[no-untyped-call]


def block_norms(Q: Tensor, s: int) -> Tensor:
    """Orthogonal or unitary Q (..., ns, ns) -> B (..., n, n), B_ij = (1/s) * squared Frobenius norm of block i, j.

    Blocks are s x s and contiguous. B is doubly stochastic because rows and columns of Q have norm 1 [Gutkin2013].
    """
    n = Q.shape[-1] // s
    squares = Q.real.square() + Q.imag.square() if Q.is_complex() else Q.square()
    return squares if s == 1 else squares.unflatten(-1, (n, s)).unflatten(-3, (n, s)).sum((-3, -1)).div_(s)


@lru_cache(maxsize=128)
def _skew_pattern(N: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Which of N(N-1)/2 parameters stands at each entry of an N x N skew matrix, and with which sign."""
    row, column = torch.triu_indices(N, N, 1, device=device)
    where = torch.zeros(N, N, dtype=torch.long, device=device)
    sign = torch.zeros(N, N, dtype=torch.int8, device=device)
    where[row, column] = where[column, row] = torch.arange(len(row), device=device)
    sign[row, column], sign[column, row] = 1, -1
    return where.flatten(), sign.flatten()


class _Fill(torch.autograd.Function):
    """Parameters (..., p) -> (..., N^2), sign * theta[where]; the backward pass gathers instead of scattering."""

    @staticmethod
    def forward(ctx: Any, theta: Tensor, N: int) -> Tensor:
        where, sign = _skew_pattern(N, theta.device)
        ctx.N = N
        return theta.index_select(-1, where).mul_(sign)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        N = ctx.N
        row, column = torch.triu_indices(N, N, 1, device=gradients[0].device)
        upper = gradients[0].index_select(-1, row * N + column)
        return upper.sub_(gradients[0].index_select(-1, column * N + row)), None


def skew_symmetric(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N(N-1)/2) -> skew-symmetric A (..., N, N), the upper triangle filled row by row with theta."""
    return _Fill.apply(theta, N).unflatten(-1, (N, N))  # type: ignore[no-untyped-call]


def skew_hermitian(theta: Tensor, N: int) -> Tensor:
    """Real theta (..., N^2) -> skew-Hermitian A (..., N, N).

    The first N(N-1)/2 parameters are the real upper triangle, as many the imaginary one, the last N the diagonal.
    """
    p = N * (N - 1) // 2
    real = skew_symmetric(theta[..., :p], N)
    upper = skew_symmetric(theta[..., p : 2 * p], N).triu()
    return torch.complex(real, upper + upper.mT + torch.diag_embed(theta[..., 2 * p :]))


@dataclass(frozen=True)
class Orthostochastic(Projector):
    """theta (..., ns(ns-1)/2) -> s-orthostochastic n x n matrices: block norms of a Cayley-transformed rotation.

    The image is all of O_{n,s}, because a sign flip of columns moves any orthogonal matrix into the range of the
    Cayley transform and leaves the block norms alone. It is not nested in s; O_{n,s} lies in O_{n,ks} [Nechita2023].
    """

    s: int = 1

    def __post_init__(self) -> None:
        whole_number(self.n, "n, the size of an orthostochastic matrix,", 2)
        whole_number(self.s, "s, the rank parameter of an orthostochastic matrix,", 1)

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
        return block_norms(cayley(skew_symmetric(self._parameters(theta), self.n * self.s)), self.s)

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
        whole_number(self.n, "n, the size of a unistochastic matrix,", 2)
        whole_number(self.s, "s, the rank parameter of a unistochastic matrix,", 1)

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
        return block_norms(cayley(skew_hermitian(self._parameters(theta), self.n * self.s)), self.s)

    def initial(
        self,
        *batch: int,
        generator: torch.Generator,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """theta (*batch, p), normal of variance 2: as Orthostochastic, for the complex Theta - Theta^H."""
        return sqrt(2) * normal((*batch, self.parameter_count), generator, dtype, device)
