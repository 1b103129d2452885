"""Eigenvalues of doubly stochastic matrices without the Perron root 1, and their density on a grid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CLUSTERED = 1e-5
"""Relative discriminant below which two roots of a cubic lose digits and LAPACK computes them instead."""

NILPOTENT = 1e-10
"""As CLUSTERED where all three are close: the sixth power of their size relative to their matrix without its mean."""


@lru_cache(maxsize=64)
def helmert(n: int, dtype: torch.dtype = torch.float64, device: torch.device | None = None) -> Tensor:
    """n -> orthonormal basis V (n, n - 1) of the vectors of sum 0, Helmert's. Do not write."""
    V = torch.ones(n, n - 1, dtype=torch.float64).triu()
    k = torch.arange(1, n, dtype=torch.float64)
    V[range(1, n), range(n - 1)] = -k
    return (V / (k * (k + 1)).sqrt()).to(dtype=dtype, device=device)


@lru_cache(maxsize=16)
def tangent_basis(n: int) -> Tensor:
    """n -> orthonormal matrices ((n-1)^2, n, n) with rows and columns of sum 0, a basis of the directions inside B_n.

    Do not write.
    """
    V = helmert(n)
    return torch.einsum("ai,bj->ijab", V, V).flatten(0, 1).contiguous()


def deflate(matrices: Tensor) -> Tensor:
    """Matrices (..., n, n) with row and column sums 1 -> their action on vectors of sum 0, (..., n - 1, n - 1).

    The spectrum is that of the matrix with one eigenvalue 1, the Perron root, taken away: also where 1 is multiple.
    """
    V = helmert(matrices.shape[-1], matrices.dtype, matrices.device)
    return V.mT @ (matrices @ V)


def eigenvalues(matrices: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> their other n - 1 eigenvalues (..., n - 1), complex, unordered.

    Non-real eigenvalues come in exactly conjugate neighbours, real ones have imaginary part 0. Closed forms up to
    n = 4 (LAPACK where a cubic is close to a multiple root), LAPACK on the CPU's threads beyond. Backward error a few
    units of rounding. Raises ValueError for anything but square floating-point matrices of size at least 2.

    >>> eigenvalues(torch.eye(3).roll(1, 0).double()).imag.abs()
    tensor([0.8660, 0.8660], dtype=torch.float64)
    """
    if matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2] or matrices.shape[-1] < 2:
        raise ValueError(f"eigenvalues wants matrices of shape (..., n, n) with n >= 2, not {tuple(matrices.shape)}")
    if not matrices.is_floating_point():
        raise ValueError(f"eigenvalues wants real floating-point matrices, not {matrices.dtype}")
    deflated = deflate(matrices)
    batch, order = deflated.shape[:-2], deflated.shape[-1]
    deflated = deflated.reshape(-1, order, order)
    solve = {1: _linear, 2: _quadratic, 3: _cubic}.get(order, _lapack)
    return solve(deflated).reshape(*batch, order)


def _linear(C: Tensor) -> Tensor:
    return torch.complex(C[:, :, 0], torch.zeros_like(C[:, :, 0]))


def _quadratic(C: Tensor) -> Tensor:
    """Eigenvalues (batch, 2) of 2 x 2 matrices: mean +- sqrt(discriminant), backward stable."""
    (a, b), (c, d) = (row.unbind(0) for row in C.permute(1, 2, 0))
    mean, half = (a + d) / 2, (a - d) / 2
    discriminant = half * half + b * c
    real, imaginary = discriminant.clamp_min(0).sqrt(), (-discriminant).clamp_min(0).sqrt()
    return torch.complex(torch.stack([mean + real, mean - real], -1), torch.stack([imaginary, -imaginary], -1))


def _cubic(C: Tensor) -> Tensor:
    """Eigenvalues (batch, 3) of 3 x 3 matrices by Cardano's and Viete's formulas on the traceless part."""
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(0) for row in C.permute(1, 2, 0).contiguous())
    mean = (a + e + i) / 3
    a, e, i = a - mean, e - mean, i - mean
    p = (a * e - b * d + a * i - c * g + e * i - f * h) / 3
    q = (a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) / 2
    cubed = p * p * p
    discriminant = q * q + cubed  # roots of t^3 + 3 p t - 2 q
    root = discriminant.clamp_min(0).sqrt()
    u = torch.pow((q.abs() + root), 1 / 3).copysign(q)
    v = torch.where(u == 0, 0, -p / u)
    radius = (-p).clamp_min(0).sqrt()
    angle = torch.atan2((-discriminant).clamp_min(0).sqrt(), q) / 3
    simple = discriminant > 0
    first = torch.where(simple, u + v, 2 * radius * angle.cos())
    second = torch.where(simple, -(u + v) / 2, 2 * radius * (angle + 2 * pi / 3).cos())
    third = torch.where(simple, second, 2 * radius * (angle - 2 * pi / 3).cos())
    height = torch.where(simple, (u - v).abs() * (sqrt(3) / 2), 0)
    roots = torch.complex(
        torch.stack([first, second, third], -1) + mean[:, None],
        torch.stack([torch.zeros_like(height), height, -height], -1),
    )
    size = q * q + cubed.abs()
    squares = a * a + e * e + i * i + b * b + c * c + d * d + f * f + g * g + h * h
    clustered = (discriminant.abs() <= CLUSTERED * size) | (size <= NILPOTENT * squares**3)
    if bool(clustered.any()):
        roots[clustered] = _lapack(C[clustered])
    return roots


def _lapack(C: Tensor) -> Tensor:
    """Eigenvalues (batch, m) of (batch, m, m) by LAPACK on the CPU; the batch is shared among torch's threads."""
    threads = min(torch.get_num_threads(), 1 + len(C) // 64)
    parts = C.cpu().chunk(threads)
    if len(parts) == 1:
        return _converged(parts[0]).to(C.device)
    with ThreadPoolExecutor(len(parts)) as pool:
        return torch.cat(list(pool.map(_converged, parts))).to(C.device)


def _converged(C: Tensor) -> Tensor:
    """As `torch.linalg.eigvals`, past the rare matrix (about one Kronecker product in 40,000) where LAPACK gives up.

    Its transpose, or the matrix with rows and columns in reverse, has the same spectrum, and the iteration converges.
    """
    try:
        return torch.linalg.eigvals(C)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        if len(C) > 1:
            return torch.cat([_converged(half) for half in C.chunk(2)])
    try:
        return torch.linalg.eigvals(C.mT)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        return torch.linalg.eigvals(C.flip(-1, -2))


@dataclass(frozen=True, eq=False)
class Density:
    """How many eigenvalues fall into each square cell of a grid over [-extent, extent]^2.

    `counts` has shape (bins, bins), row = Im ascending, column = Re ascending; bins is odd, so that the middle row
    holds the real axis. Densities of the same grid add up.
    """

    counts: NDArray[np.int64]
    extent: float

    @property
    def bin_width(self) -> float:
        """The side of a cell."""
        return 2 * self.extent / len(self.counts)

    @property
    def centres(self) -> NDArray[np.float64]:
        """Coordinates (bins,) of the cells' centres, the same for Re and Im."""
        half = len(self.counts) // 2
        return np.asarray(np.arange(-half, half + 1) * self.bin_width, dtype=np.float64)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Coordinates (bins + 1,) of the cells' edges, the same for Re and Im."""
        return np.linspace(-self.extent, self.extent, len(self.counts) + 1)

    def __add__(self, other: Density) -> Density:
        """Return the density of both sets of eigenvalues together."""
        if self.counts.shape != other.counts.shape or self.extent != other.extent:
            raise ValueError("densities on different grids cannot be added")
        return Density(self.counts + other.counts, self.extent)


def density(values: Tensor, bins: int = 201, extent: float = 1.05) -> Density:
    """Eigenvalues of any shape -> how many fall into each of bins x bins cells over [-extent, extent]^2.

    The grid is exactly symmetric under conjugation. Values outside it, and NaN, are not counted. Raises ValueError
    unless bins is odd, between 3 and 2001, and extent is positive.
    """
    if not (3 <= bins <= 2001 and bins % 2) or not extent > 0:
        raise ValueError(f"a density needs an odd number of bins from 3 to 2001 and extent > 0, not {bins}, {extent}")
    width, half = 2 * extent / bins, bins // 2
    column = (values.real.flatten() / width).round_().nan_to_num_(1e9)
    row = (values.imag.flatten() / width).round_().nan_to_num_(1e9)
    inside = (column.abs() <= half) & (row.abs() <= half)
    cells = torch.where(inside, (row + half) * bins + column + half, bins * bins).long()
    counts = torch.bincount(cells, minlength=bins * bins + 1)[:-1]
    return Density(counts.reshape(bins, bins).cpu().numpy(), extent)
