"""Eigenvalues of any real matrices, in closed form where they are small."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

import torch
from torch import Tensor

from geometry.devices import shared
from geometry.spectra.derivatives import Differentiable, decomposed, multiple
from projectors.tracing import traced

CLUSTERED = 1e-5
"""Relative discriminant below which two roots of a cubic lose digits and LAPACK computes them instead."""

NILPOTENT = 1e-10
"""As CLUSTERED where all three are close: the sixth power of their size relative to their matrix without its mean."""


def spectrum(C: Tensor) -> Tensor:
    """Matrices (..., m, m) -> their eigenvalues (..., m), complex, as they come; nan where a matrix is not finite.

    Non-real eigenvalues come in exactly conjugate neighbours, real ones have imaginary part 0. Closed forms up to
    m = 3 (LAPACK where a cubic is close to a multiple root), LAPACK on the CPU's threads beyond. Backward error a few
    units of rounding. Where torch records instead of computing, LAPACK throughout.
    """
    if traced(C):
        return torch.linalg.eigvals(C)
    batch, order = C.shape[:-2], C.shape[-1]
    C = C.reshape(-1, order, order)
    solve = {1: _linear, 2: _quadratic, 3: _cubic}.get(order, by_lapack)
    return solve(C).reshape(*batch, order)


def _linear(C: Tensor) -> Tensor:
    return torch.complex(C[:, :, 0], torch.zeros_like(C[:, :, 0]))


def _root(x: Tensor, power: float = 1 / 2) -> Tensor:
    """That power of the positive part of x; its derivatives of every order are 0 where x is not positive.

    Of the plain formula the second one is not a number there, because the first one's is infinite.
    """
    if not x.requires_grad:
        return x.clamp_min(0).pow(power)
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1).pow(power), 0)


def _quadratic(C: Tensor) -> Tensor:
    """Eigenvalues (batch, 2) of 2 x 2 matrices: mean +- sqrt(discriminant), backward stable."""
    (a, b), (c, d) = (row.unbind(0) for row in C.permute(1, 2, 0))
    mean, half = (a + d) / 2, (a - d) / 2
    discriminant = half * half + b * c
    real, imaginary = _root(discriminant), _root(-discriminant)
    values = torch.complex(torch.stack([mean + real, mean - real], -1), torch.stack([imaginary, -imaginary], -1))
    return _apart(C, torch.zeros_like(mean, dtype=torch.bool), _quadratic, values)


def _cubic(C: Tensor) -> Tensor:
    """Eigenvalues (batch, 3) of 3 x 3 matrices by Cardano's and Viete's formulas on the traceless part."""
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(0) for row in C.permute(1, 2, 0).contiguous())
    mean = (a + e + i) / 3
    a, e, i = a - mean, e - mean, i - mean
    p = (a * e - b * d + a * i - c * g + e * i - f * h) / 3
    q = (a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) / 2
    cubed = p * p * p
    discriminant = q * q + cubed  # roots of t^3 + 3 p t - 2 q
    root = _root(discriminant)
    u = _root(q.abs() + root, 1 / 3).copysign(q)
    none = u == 0  # three roots, equally far apart
    v = torch.where(none, 0, -p / torch.where(none, 1, u))
    radius = _root(-p)
    angle = torch.atan2(_root(-discriminant), q) / 3
    simple = discriminant > 0
    first = torch.where(simple, u + v, 2 * radius * angle.cos())
    second = torch.where(simple, -(u + v) / 2, 2 * radius * (angle + 2 * pi / 3).cos())
    third = torch.where(simple, second, 2 * radius * (angle - 2 * pi / 3).cos())
    height = torch.where(simple, (u - v).abs() * (sqrt(3) / 2), 0)
    values = torch.complex(
        torch.stack([first, second, third], -1) + mean[:, None],
        torch.stack([torch.zeros_like(height), height, -height], -1),
    )
    size = q * q + cubed.abs()
    squares = a * a + e * e + i * i + b * b + c * c + d * d + f * f + g * g + h * h
    limits = torch.finfo(C.dtype)
    least = limits.tiny / limits.eps  # below it, the size itself has lost digits
    clustered = (discriminant.abs() <= CLUSTERED * size) | (size <= NILPOTENT * squares**3 + least)
    return _apart(C, clustered, _cubic, values)


def _apart(C: Tensor, close: Tensor, formula: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """Matrices, which of them (batch,) have eigenvalues that are close, a formula and its values -> LAPACK's for those.

    Where derivatives are wanted, for those as well that are the same to rounding; the formula's must not be computed
    there at all: they are infinite, and 0 times inf is nan.
    """
    if C.requires_grad:
        close = close | multiple(values.detach())
    if not bool(close.any()):
        return values
    if C.requires_grad:
        alone = ~close
        values = torch.empty_like(values)
        values[alone] = formula(C[alone])
    values[close] = by_lapack(C[close])
    return values


def by_lapack(C: Tensor) -> Tensor:
    """Eigenvalues (batch, m) of (batch, m, m) by LAPACK on the CPU; the batch is shared among torch's threads.

    Matrices that are not finite are kept from it: it prints, and may not return.
    """
    solve = _differentiable if C.requires_grad and torch.is_grad_enabled() else _converged
    finite = C.isfinite().flatten(1).all(-1)
    if not bool(finite.all()):
        values = torch.full(
            C.shape[:-1], torch.nan, dtype=torch.promote_types(C.dtype, torch.complex32), device=C.device
        )
        values[finite] = by_lapack(C[finite])
        return values
    threads = min(torch.get_num_threads(), 1 + len(C) // 64)
    return torch.cat(shared(solve, C.cpu().chunk(threads))).to(C.device)


def _converged(C: Tensor) -> Tensor:
    """As `torch.linalg.eigvals`, past the rare matrix (about one Kronecker product in 40,000) where LAPACK gives up."""
    try:
        return torch.linalg.eigvals(C)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        return decomposed(C)[0]


def _differentiable(C: Tensor) -> Tensor:
    return Differentiable.apply(C)  # type: ignore[no-untyped-call]
