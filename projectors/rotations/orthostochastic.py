"""go-mHC: block norms of an orthogonal (or unitary) matrix from the Cayley transform [goMHC2026], [Nechita2023]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from projectors.rotations.cayley import cayley
from projectors.rotations.rotational import Rotational, block_means, block_norms
from projectors.rotations.skew import embedded, skew_hermitian, skew_symmetric

__all__ = ["Orthostochastic", "Unistochastic", "block_norms", "skew_hermitian", "skew_symmetric"]


@dataclass(frozen=True)
class Orthostochastic(Rotational):
    """theta (..., ns(ns-1)/2) -> s-orthostochastic n x n matrices: block norms of a Cayley-transformed rotation.

    The image is all of O_{n,s}, because a sign flip of columns moves any orthogonal matrix into the range of the
    Cayley transform and leaves the block norms alone. It is not nested in s; O_{n,s} lies in O_{n,ks} [Nechita2023].
    """

    @property
    def parameter_count(self) -> int:
        """N(N - 1)/2, the dimension of SO(N), N = ns. The paper's code spends N^2 on the same matrix."""
        return self.order * (self.order - 1) // 2

    @property
    def flops(self) -> int:
        """Counts 2 N^3 for the inverse, 3 N^2 to form I + A and Q, and 2 N^2 for the block norms; N = ns."""
        return 2 * self.order**3 + 5 * self.order**2

    def skew(self, theta: Tensor) -> Tensor:
        return skew_symmetric(theta, self.order)


@dataclass(frozen=True)
class Unistochastic(Rotational):
    """theta (..., (ns)^2) -> s-unistochastic n x n matrices: block norms of a Cayley-transformed unitary matrix.

    The complex variant of go-mHC (appendix E of [goMHC2026]); U_{n,s} contains O_{n,s} and lies in O_{n,2s}.
    """

    numbers_per_entry: ClassVar[int] = 2

    @property
    def parameter_count(self) -> int:
        """N^2, the dimension of U(N), N = ns."""
        return self.order**2

    @property
    def flops(self) -> int:
        """Counts real operations: a complex one as four, hence 4 (2 N^3 + 3 N^2) + 3 N^2 for the norms; N = ns."""
        return 8 * self.order**3 + 15 * self.order**2

    def skew(self, theta: Tensor) -> Tensor:
        return skew_hermitian(theta, self.order)

    def _recorded(self, theta: Tensor) -> Tensor:
        """In real numbers of twice the order: compilers are not good at complex ones."""
        Q = cayley(embedded(theta, self.order))[..., : self.order]
        return block_means(Q.unflatten(-2, (2, self.order)).square().sum(-3), self.s)
