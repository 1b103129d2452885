"""The angle between two doubly stochastic matrices, seen as rotations whose signs have been forgotten."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import torch
from torch import Tensor

from geometry.distances.roots import EXHAUSTIVE, WORKING_SET, candidates, checked, sign_vectors
from geometry.spectra.closed_forms import by_lapack

ALIGNED = 4
"""Choices of signs, those of the largest trace, that are improved and compared where not all are tried."""

ROUNDS = 50
"""Pairs of signs flipped at most; a handful are."""


def geodesic_angle(first: Tensor, second: Tensor) -> Tensor:
    """Doubly stochastic matrices (..., n, n) twice, broadcast -> (...,), the angle between their roots in radians.

    F.1, Eqs. 39-40 of [goMHC2026]. Both matrices are replaced by their `orthogonal_root`, signs of rows and columns are
    chosen so that the rotation R from one root to the other is the smallest, and the result is |log R|_F / sqrt(2): the
    root of the sum of the squared angles of R's planes. The paper leaves this factor open. Ours makes a turn by phi in
    one plane count phi, the length of the geodesic in SO(n), so that I and a transposition are pi/2 apart.

    Symmetric, 0 for equal matrices, unchanged by common permutations of rows or columns, from 0 to pi sqrt(n // 2).
    Up to n = 4 all signs, and all equally good roots, are compared. Beyond, the signs of the largest trace are improved
    in pairs: an upper bound for the roots that were found. Where a matrix is not orthostochastic its root is an
    estimate, and so is the angle: beyond n = 4 it then depends on the order of rows and columns, by tenths of a radian.
    No gradient. Raises ValueError unless both are
    doubly stochastic (within 1e-3) of one n from 2 to 16.

    >>> geodesic_angle(torch.eye(3), torch.eye(3)[[1, 0, 2]])
    tensor(1.5708)
    """
    A, B = checked(first, "geodesic_angle"), checked(second, "geodesic_angle")
    n = A.shape[-1]
    if B.shape[-1] != n:
        raise ValueError(f"geodesic_angle wants matrices of one size, not {tuple(A.shape)} and {tuple(B.shape)}")
    try:
        batch = torch.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    except RuntimeError:
        raise ValueError(
            f"geodesic_angle wants batches that broadcast, not {tuple(A.shape[:-2])} and {tuple(B.shape[:-2])}"
        ) from None
    P, Q = (_broadcast(candidates(each.reshape(-1, n, n)), each.shape[:-2], batch) for each in (A, B))
    angles, tried = (_exact, P.shape[1] * Q.shape[1] * 4**n) if n <= EXHAUSTIVE else (_estimate, 2**n + 8 * n**3)
    length = max(1, WORKING_SET // (tried * n**2))
    parts = [angles(*pair) for pair in zip(P.split(length), Q.split(length), strict=True)]
    return torch.cat(parts).reshape(batch).to(torch.promote_types(first.dtype, second.dtype))


def _broadcast(roots: Tensor, shape: torch.Size, batch: torch.Size) -> Tensor:
    """Roots (product of shape, k, n, n) -> (product of batch, k, n, n)."""
    return roots.reshape(*shape, *roots.shape[1:]).expand(*batch, *roots.shape[1:]).reshape(-1, *roots.shape[1:])


def _exact(P: Tensor, Q: Tensor) -> Tensor:
    """Roots (batch, j, n, n) and (batch, k, n, n), n <= 4 -> (batch,), the smallest angle over roots and all signs."""
    R = _relative(P[:, :, None, None], Q[:, None, :, None], sign_vectors(2 * P.shape[-1], P.device)).flatten(1, 3)
    short = _short_length(R).where(torch.linalg.det(R) > 0, torch.inf).argmin(1)
    return _angle(R[torch.arange(len(R), device=R.device), short])


def _estimate(P: Tensor, Q: Tensor) -> Tensor:
    """Roots (batch, 1, n, n) twice -> (batch,), the smallest angle that is found among signs of rows and columns."""
    signs = _aligned(P[:, 0], Q[:, 0])
    return torch.minimum(*(_angle(_relative(P, Q, each)).amin(1) for each in (signs, _improved(P, Q, signs))))


def _relative(P: Tensor, Q: Tensor, signs: Tensor) -> Tensor:
    """Roots (..., n, n), signs (..., 2n) of rows and then columns -> R = D_2 P^T D_1 Q (..., n, n)."""
    rows, columns = signs.chunk(2, -1)
    return columns[..., None] * (P.mT @ (rows[..., None] * Q))


def _angle(R: Tensor) -> Tensor:
    """Rotations (..., n, n) -> (...,), |log R|_F / sqrt(2)."""
    values = by_lapack(R.flatten(0, -3)).unflatten(0, R.shape[:-2])
    return values.angle().square().sum(-1).div(2).sqrt()


def _short_length(R: Tensor) -> Tensor:
    """Rotations (..., n, n), n <= 4 -> (...,), the sum of squared angles, good to choose by: half the digits near 0.

    From the traces of R and R^2, which are 2 (c + d) and 4 (c^2 + d^2) - 4 for planes of cosines c and d; smaller R
    turns a second plane by 0.
    """
    missing = 4 - R.shape[-1]
    total = (R.diagonal(dim1=-2, dim2=-1).sum(-1) + missing) / 2
    squares = ((R * R.mT).sum((-1, -2)) + missing + 4) / 4
    apart = (2 * squares - total.square()).clamp_min(0).sqrt()
    return sum(((total + way * apart) / 2).clamp(-1, 1).acos().square() for way in (1, -1))  # type: ignore[return-value]


def _aligned(P: Tensor, Q: Tensor) -> Tensor:
    """Roots (batch, n, n) twice -> (batch, 4, 2n), the signs of rows and columns for which R's trace is largest.

    The trace is d_1^T (P * Q) d_2. All d_2 are tried, the best d_1 follows; if R is then a reflection, the sign of d_1
    that costs least is flipped.
    """
    columns = sign_vectors(P.shape[-1], P.device)
    along = columns @ (P * Q).mT
    rows = torch.where(along < 0, -1.0, 1.0)
    turn = (torch.linalg.det(P) * torch.linalg.det(Q)).sign()[:, None]
    reflected = rows.prod(-1) * columns.prod(-1) * turn < 0
    least, where = along.abs().min(-1)
    flip = torch.nn.functional.one_hot(where, P.shape[-1]) * reflected[..., None]
    rows = rows * (1 - 2 * flip)
    best = (along.abs().sum(-1) - 2 * least * reflected).topk(ALIGNED).indices
    chosen = torch.arange(len(P), device=P.device)[:, None]
    return torch.cat([rows[chosen, best], columns[best]], -1)


@lru_cache(maxsize=32)
def _pairs(length: int, device: torch.device) -> Tensor:
    """Length -> the signs (length (length - 1)/2, length) that flip two of so many signs. Do not write."""
    flips = torch.ones(length * (length - 1) // 2, length, dtype=torch.float64, device=device)
    for flip, pair in zip(flips, combinations(range(length), 2), strict=True):
        flip[list(pair)] = -1
    return flips


def _improved(P: Tensor, Q: Tensor, signs: Tensor) -> Tensor:
    """Roots (batch, 1, n, n) and signs (batch, 4, 2n) -> signs from which no flip of two makes R smaller.

    Small means tr(R^2) - 4 tr(R), the start of the Fourier series of the squared angles: the trace alone ties where
    roots have many zeros, and leaves a double transposition as far from I as a half turn.
    """
    pairs = _pairs(signs.shape[-1], P.device)
    now = _spread(_relative(P, Q, signs))
    for _ in range(ROUNDS):
        trials = signs[:, :, None] * pairs
        smallest, where = _spread(_relative(P[:, :, None], Q[:, :, None], trials)).min(-1)
        better = smallest < now - 1e-9
        if not bool(better.any()):
            break
        now = torch.where(better, smallest, now)
        signs = signs * pairs[where].where(better[..., None], 1.0)
    return signs


def _spread(R: Tensor) -> Tensor:
    return (R * R.mT).sum((-1, -2)) - 4 * R.diagonal(dim1=-2, dim2=-1).sum(-1)
