"""Derivatives of the eigenvalues that LAPACK finds, where some coincide as well, and a refusal where there are none."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

COINCIDENT = 64
"""Eigenvalues that differ by no more than so many units of rounding are one multiple eigenvalue."""

PAIRS = 2**22
"""Pairs of eigenvalues that are compared at once."""

FLAT = 1024
"""Units of rounding below which a singular value of C - lambda is one of the eigenspace."""

ACCURATE = {torch.float64: 1e-4, torch.float32: 1e-2}
"""The largest relative error of derivatives, by the condition of the eigenvectors, that is no reason to refuse them."""


def gaps(values: Tensor) -> Tensor:
    """Numbers (..., m) -> the distances (..., m, m) of every two."""
    return (values[..., :, None] - values[..., None, :]).abs()


def coincident(values: Tensor) -> Tensor:
    """Eigenvalues (..., m) -> which of them (..., m, m) are the same, each with itself among them."""
    return gaps(values) <= COINCIDENT * torch.finfo(values.dtype).eps


def multiple(values: Tensor) -> Tensor:
    """Eigenvalues (batch, m) -> whether (batch,) two of them are the same."""
    m = values.shape[-1]
    return torch.cat([coincident(part).sum((-1, -2)) > m for part in values.split(max(1, PAIRS // m**2))])


def decomposed(C: Tensor) -> tuple[Tensor, Tensor]:
    """Real matrices (batch, m, m) -> eigenvalues (batch, m) and eigenvectors (batch, m, m), in columns, by LAPACK.

    Where it gives up, the transpose, or the matrix with rows and columns in reverse, has the same spectrum.
    """
    try:
        return torch.linalg.eig(C)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        if len(C) > 1:
            halves = [decomposed(half) for half in C.chunk(2)]
            return torch.cat([values for values, _ in halves]), torch.cat([vectors for _, vectors in halves])
    try:
        values, left = torch.linalg.eig(C.mT)
        return values, torch.linalg.inv(left).mT
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        values, vectors = torch.linalg.eig(C.flip(-1, -2))
        return values, vectors.flip(-2)


class Differentiable(torch.autograd.Function):
    """Real matrices (batch, m, m) -> their eigenvalues (batch, m), as LAPACK orders them.

    Of simple ones the derivative is y^H dC x / y^H x. Copies of a multiple eigenvalue share the projector onto their
    eigenspace, which is right for a function that treats them alike: eigenvectors of copies alone are noise. Raises
    ValueError in the backward pass where there are not as many eigenvectors as there are copies, or so nearly that
    rounding leaves nothing of a derivative; and in that of the second derivative where that one was by projectors.
    """

    @staticmethod
    def forward(ctx: Any, C: Tensor) -> Tensor:
        """Keep the eigenvectors, too."""
        values, vectors = decomposed(C)
        ctx.save_for_backward(C, values, vectors)
        return values

    @staticmethod
    def backward(ctx: Any, *wanted: Tensor) -> Tensor:
        """Derivatives by the eigenvalues (batch, m) -> by the entries (batch, m, m)."""
        C, values, vectors = ctx.saved_tensors
        slope, again = wanted[0], torch.is_grad_enabled()
        inverse = torch.linalg.inv_ex(vectors)[0]
        error = torch.finfo(C.dtype).eps * _norm(vectors) * _norm(inverse)
        used = (slope != 0).any(-1) | again
        hard = used & (multiple(values) | ~(error <= ACCURATE[C.dtype]))
        easy = (used & ~hard).nonzero()[:, 0]
        vectors = decomposed(C[easy])[1] if again else vectors[easy]
        inverse = torch.linalg.inv(vectors) if again else inverse[easy]
        found = torch.zeros_like(C).index_copy(0, easy, (inverse.mH @ (slope[easy, :, None] * vectors.mH)).real)
        if not bool(hard.any()):
            return found
        rows = hard.nonzero()[:, 0]
        parts = [_by_projectors(C[row].detach(), values[row], slope[row]) for row in rows]
        found = found.index_copy(0, rows, torch.stack(parts))
        return _Once.apply(found, C, hard) if again else found  # type: ignore[no-untyped-call]


class _Once(torch.autograd.Function):
    """Derivatives (batch, m, m) by C -> themselves; ValueError for the next ones of some rows."""

    @staticmethod
    def forward(ctx: Any, found: Tensor, C: Tensor, rows: Tensor) -> Tensor:
        """Take what depends on C for something that does."""
        ctx.save_for_backward(rows)
        return found.clone()

    @staticmethod
    def backward(ctx: Any, *wanted: Tensor) -> tuple[Tensor, None, None]:
        """Derivatives by the derivatives -> themselves."""
        if bool((wanted[0][ctx.saved_tensors[0]] != 0).any()):
            raise ValueError("eigenvalues has no second derivative where eigenvalues coincide, or nearly so")
        return wanted[0], None, None


def _norm(matrices: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(matrices.detach())


def _by_projectors(C: Tensor, values: Tensor, slope: Tensor) -> Tensor:
    """One matrix (m, m), its eigenvalues (m,), derivatives by them (m,) -> derivatives (m, m) by its entries."""
    found, same, eps = torch.zeros_like(C), coincident(values), torch.finfo(C.dtype).eps
    for place in range(len(values)):
        copies = same[place].nonzero()[:, 0]
        if copies[0] < place or not bool((slope[copies] != 0).any()):
            continue
        k, middle = len(copies), values[copies].mean()
        left, sizes, right = torch.linalg.svd(C - middle * torch.eye(len(C), dtype=values.dtype))
        x, y = right[-k:].mH, left[:, -k:]
        projector = x @ torch.linalg.inv_ex(y.mH @ x)[0] @ y.mH
        flat = sizes[-k] <= FLAT * eps * (1 + sizes[0])
        if not (flat and eps * _norm(projector) ** 2 <= ACCURATE[C.dtype]):
            raise ValueError(
                f"eigenvalues has no derivative that {C.dtype} can hold where eigenvectors fall together: a matrix has "
                f"the eigenvalue {complex(middle):.6g} {k} times or nearly so, and not as many eigenvectors"
            )
        found += (slope[copies].mean() * projector.mH).real
    return found
