"""Orthogonal matrices whose squared entries are, as nearly as signs allow, a given doubly stochastic matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from geometry.polytope import doubly_stochastic

LARGEST = 16
"""All 2^15 signs of a row are tried at n = 16, and twice as many for every further n."""

EXHAUSTIVE = 4
"""Up to this n every sign matrix is tried: 2^9 = 512 of them at n = 4."""

TIED = 1e-9
"""Sign matrices whose defects differ by less are equally good."""

KEPT = 8
"""Equally good roots that are kept where all are known: the barycentre at n = 4 has six."""

STARTS = 8
"""Rows and columns that are placed first, one after another."""

FLIPS = 1000
"""Single signs flipped at most; some dozens are."""

WORKING_SET = 2**22
"""Numbers in memory at once, 32 MB."""


@dataclass(frozen=True, eq=False)
class OrthogonalRoot:
    """Orthogonal matrices (..., n, n), and how far their squared entries are from the matrices they came from.

    `residual` (...,) is the Frobenius norm of the difference: only rounding where the root is one, and an upper bound
    of the distance from the orthostochastic matrices where it is not.
    """

    matrix: Tensor
    residual: Tensor


def orthogonal_root(matrices: Tensor) -> OrthogonalRoot:
    """Doubly stochastic matrices (..., n, n) -> the nearest orthogonal matrices to their sign-fixed square roots.

    Signs are chosen so that S * sqrt(B) is as orthogonal as possible (Eq. 39 of [goMHC2026]): the best of all sign
    matrices for n <= 4; beyond, the best that is found when rows are placed one after another, each with the best of
    all its signs, and single signs are flipped while that helps. For orthostochastic B in general position this finds
    the root, unique up to signs of rows and columns; for others Q is an estimate, and the residual says how bad.
    Raises ValueError for anything but doubly stochastic matrices (within 1e-3) with 2 <= n <= 16.

    >>> found = orthogonal_root(torch.full((2, 2), 0.5, dtype=torch.float64))
    >>> found.matrix.abs(), bool(found.residual < 1e-12)
    (tensor([[0.7071, 0.7071],
            [0.7071, 0.7071]], dtype=torch.float64), True)
    """
    B = checked(matrices, "orthogonal_root")
    Q = _nearest_orthogonal(signed_roots(B.reshape(-1, *B.shape[-2:]))[:, 0]).reshape(B.shape)
    residual = torch.linalg.matrix_norm(Q.square() - B)
    return OrthogonalRoot(Q.to(matrices.dtype), residual.to(matrices.dtype))


def checked(matrices: Tensor, caller: str) -> Tensor:
    """Return the matrices in float64, or raise ValueError if they have no root that could be sought."""
    given = doubly_stochastic(matrices, caller, least=2)
    if given.shape[-1] > LARGEST:
        raise ValueError(f"{caller} wants matrices (..., n, n) with n <= {LARGEST}, not {tuple(given.shape)}")
    return given.detach().double()


def candidates(B: Tensor) -> Tensor:
    """B (batch, n, n) -> orthogonal (batch, k, n, n), the roots from equally good signs; repeated where fewer than k.

    k is at most 8, and 1 beyond n = 4, where ties are not known.
    """
    return _nearest_orthogonal(signed_roots(B))


def signed_roots(B: Tensor) -> Tensor:
    """B (batch, n, n) -> (batch, k, n, n), roots of the entries with the signs that make them most orthogonal."""
    n = B.shape[-1]
    roots = B.clamp_min(0).sqrt()
    search = _exhaustive if n <= EXHAUSTIVE else _by_rows
    each = 2 ** ((n - 1) ** 2) * n**2 if n <= EXHAUSTIVE else STARTS * 2 ** (n - 1) * n
    found = torch.cat([search(part) for part in roots.split(max(1, WORKING_SET // each))])
    differ = (found != found[:, :1]).any(-1).any(-1).any(0)
    return found[:, : int(differ.sum()) + 1]


def defect(Q: Tensor) -> Tensor:
    """Q (..., n, n) with rows of norm 1 -> (...,), the squared Frobenius norm of Q Q^T - I, off the diagonal."""
    G = Q @ Q.mT
    return G.square().sum((-1, -2)) - G.diagonal(dim1=-2, dim2=-1).square().sum(-1)


@lru_cache(maxsize=32)
def sign_vectors(length: int, device: torch.device) -> Tensor:
    """Length -> all vectors of signs that start with +1, (2^(length-1), length), all-positive first. Do not write."""
    bits = torch.arange(2 ** (length - 1), device=device)[:, None] >> torch.arange(length - 1, device=device) & 1
    return torch.nn.functional.pad(1.0 - 2 * bits.double(), (1, 0), value=1.0)


def _exhaustive(roots: Tensor) -> Tensor:
    """Roots (batch, n, n) -> (batch, 8, n, n): first row and column positive, every choice of the other signs tried."""
    n = roots.shape[-1]
    inner = sign_vectors((n - 1) ** 2 + 1, roots.device)[:, 1:].unflatten(-1, (n - 1, n - 1))
    S = torch.nn.functional.pad(inner, (1, 0, 1, 0), value=1.0)
    cost, order = defect(S * roots[:, None]).topk(min(KEPT, len(S)), largest=False)
    tied = cost <= cost[:, :1] + TIED
    return S[order.where(tied, order[:, :1])] * roots[:, None]


def _by_rows(roots: Tensor) -> Tensor:
    """Roots (batch, n, n) -> (batch, 1, n, n): rows, or columns, placed from several first ones; then single flips."""
    n = roots.shape[-1]
    shifts = [k * n // (STARTS // 2) for k in range(STARTS // 2)]
    placed = [_placed(roots.roll(-k, -2)).roll(k, -2) for k in shifts]
    placed += [_placed(roots.mT.roll(-k, -2)).roll(k, -2).mT for k in shifts]
    flipped = torch.stack([_flipped(Q) for Q in placed], 1)
    best = defect(flipped).argmin(1)
    return flipped[torch.arange(len(roots), device=roots.device), best][:, None]


def _placed(roots: Tensor) -> Tensor:
    """Roots (batch, n, n) -> (batch, n, n), each row with the signs that make it most orthogonal to the rows above."""
    n = roots.shape[-1]
    signs = sign_vectors(n, roots.device)
    Q = roots.clone()
    for i in range(1, n):
        products = signs @ (Q[:, i, :, None] * Q[:, :i].mT)
        Q[:, i] *= signs[products.square().sum(-1).argmin(-1)]
    return Q


def _flipped(Q: Tensor) -> Tensor:
    """Q (batch, n, n) -> (batch, n, n): the sign whose flip lowers the defect most is flipped, until none lowers it."""
    B, batch = Q.square(), torch.arange(len(Q), device=Q.device)
    spread = B * (B.sum(-2, keepdim=True) - B)
    for _ in range(FLIPS):
        G = Q @ Q.mT
        G = G - torch.diag_embed(G.diagonal(dim1=-2, dim2=-1))
        change, where = (spread - Q * (G @ Q)).flatten(1).min(-1)
        better = change < -TIED
        if not bool(better.any()):
            break
        Q = Q.flatten(1).clone()
        Q[batch, where] = Q[batch, where].where(~better, -Q[batch, where])
        Q = Q.unflatten(-1, B.shape[-2:])
    return Q


def _nearest_orthogonal(matrices: Tensor) -> Tensor:
    """Matrices (..., n, n) -> their polar factors, the nearest orthogonal matrices."""
    U, _, Vh = torch.linalg.svd(matrices)
    return U @ Vh
