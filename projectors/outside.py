"""Maps that leave the Birkhoff polytope, as a contrast: what hyper-connections are mixed by elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import MatrixMap
from projectors.rotations.cayley import cayley
from projectors.rotations.skew import skew_symmetric

__all__ = ["OrthogonalMixing", "SpectralSphere", "Unconstrained"]


@dataclass(frozen=True)
class Unconstrained(MatrixMap):
    """theta (..., n^2) -> theta itself as n x n matrices: hyper-connections unconstrained [HC2024].

    Nothing bounds a product of them: it grows or vanishes exponentially with depth.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a mixing matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """n^2."""
        return self.n**2

    @property
    def flops(self) -> int:
        """None."""
        return 0

    def matrices(self, theta: Tensor) -> Tensor:
        return theta.unflatten(-1, (self.n, self.n))


@dataclass(frozen=True)
class OrthogonalMixing(MatrixMap):
    """theta (..., n(n-1)/2) -> rotations (..., n, n) by the Cayley transform, as [JPmHC2026] mixes streams.

    They keep every norm, not the mean of the streams: sums of rows differ from 1, and eigenvalues lie on the circle.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a rotation,", 2)

    @property
    def parameter_count(self) -> int:
        """n(n - 1)/2, the dimension of SO(n)."""
        return self.n * (self.n - 1) // 2

    @property
    def flops(self) -> int:
        """Counts 2 n^3 for the inverse and 3 n^2 to form I + A and Q."""
        return 2 * self.n**3 + 3 * self.n**2

    def matrices(self, theta: Tensor) -> Tensor:
        return cayley(skew_symmetric(theta, self.n))


@dataclass(frozen=True)
class SpectralSphere(MatrixMap):
    """theta (..., n^2) -> matrices (..., n, n) with sums 1 and no singular value above 1, negative entries allowed.

    J/n plus theta restricted to vectors of sum 0, divided by its largest singular value where that is above 1: the set
    of [sHC2026], which contains the Birkhoff polytope, and rotations that leave the mean of the streams alone.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a mixing matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """n^2."""
        return self.n**2

    @property
    def flops(self) -> int:
        """Counts 8 n^2 for the restriction and, by the usual estimate, 22 n^3 for the singular values."""
        return 8 * self.n**2 + 22 * self.n**3

    def matrices(self, theta: Tensor) -> Tensor:
        inner = theta.unflatten(-1, (self.n, self.n))
        for _ in range(2):  # what is left after the first is what large means had rounded away
            inner = inner - inner.mean(-1, keepdim=True)
            inner = inner - inner.mean(-2, keepdim=True)
        finite = inner.isfinite().all(-1).all(-1)[..., None, None]  # one that is not would end the whole batch's SVD
        with torch.no_grad():
            long = torch.linalg.matrix_norm(torch.where(finite, inner, 0), 2, keepdim=True) > 1
        # Others keep what has derivatives of every order in their place: theirs may have equal singular values.
        plain = torch.arange(1, self.n + 1, dtype=theta.dtype, device=theta.device).diag()
        largest = torch.linalg.matrix_norm(torch.where(long, inner, plain), 2, keepdim=True)
        return 1 / self.n + torch.where(finite, inner / torch.where(long, largest, 1), torch.nan)
