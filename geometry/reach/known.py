"""What theory knows before any search: which eigenvalues a formula gives matrices for, and which nothing has."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.distances.preimages import FLOOR, preimage
from geometry.regions import Region, hypocycloid, karpelevich, perfect_mirsky, roots_of_unity_polygon
from projectors import Circulant, Identity, Kronecker, Mixture, Projector
from projectors.checks import instance
from projectors.rotations.rotational import Rotational

OUTWARD = 1e-12
"""By how much a point may lie outside the polygon that is taken for it."""


def has_formula(projector: Projector) -> bool:
    """Whether a formula gives parameters for every doubly stochastic matrix: mHC, mHC-lite, TBP-mHC, projections."""
    return preimage.dispatch(type(projector)) is not preimage.dispatch(object)


def by_formula(projector: Projector) -> Region | None:
    """projector -> the region of which `formula` gives parameters for every point, None without one.

    PM_n where a formula reaches all doubly stochastic matrices, the polygon of the n-th roots of unity for circulants.
    """
    if isinstance(projector, Circulant):
        return roots_of_unity_polygon(projector.n)
    return perfect_mirsky(projector.n) if has_formula(projector) else None


def met_by_formula(projector: Projector, targets: NDArray[np.complex128]) -> NDArray[np.bool_]:
    """projector, points (m,) -> which of them (m,) `formula` gives parameters for."""
    region = by_formula(projector)
    if region is None:
        return np.zeros(targets.shape, dtype=bool)
    return np.asarray(region.contains(targets, tolerance=OUTWARD))


def in_perfect_mirsky(n: int, targets: NDArray[np.complex128]) -> NDArray[np.bool_]:
    """n, points (m,) -> which of them (m,) circulants reach: the points of PM_n [PerfectMirsky1965]."""
    return np.asarray(perfect_mirsky(n).contains(targets, tolerance=OUTWARD))


def not_excluded(projector: Projector) -> Region:
    """projector of doubly stochastic matrices -> the region that its eigenvalues off the real axis are proved to be in.

    The deltoid for order 3 and s = 1 [Zyczkowski2003]; the polygon of the n-th roots of unity for circulants, on the
    axis as well; PM_n up to n = 4 [PerfectMirsky1965, LevickPereiraKribs2015]; Karpelevich's region of all stochastic
    matrices beyond. That nothing leaves the region of order 3 for larger s [goMHC2026] is seen in numbers, not proved.
    """
    instance(projector, Projector, "the projector")
    if isinstance(projector, Rotational) and projector.n == 3 and projector.s == 1:
        return hypocycloid(3)
    if isinstance(projector, Circulant):
        return roots_of_unity_polygon(projector.n)
    return perfect_mirsky(projector.n) if projector.n <= 4 else karpelevich(projector.n)


def symmetric(projector: Projector) -> bool:
    """projector -> whether all its matrices are known to be symmetric, and all eigenvalues real.

    Those of order 2 whose sums are 1 are, the identity is, and so are their Kronecker products and means.
    """
    if isinstance(projector, Kronecker):
        return all(map(symmetric, projector.factors))
    if isinstance(projector, Mixture):
        return symmetric(projector.projector)
    return isinstance(projector, Identity) or (projector.n == 2 and projector.exact)


def possible(projector: Projector, targets: NDArray[np.complex128], tolerance: float) -> NDArray[np.bool_]:
    """projector, targets (m,) -> which of them (m,) no theorem excludes, all where sums are not exact.

    Off the real axis, and from -1 to 1 on it, but for circulants.
    """
    if not projector.exact:
        return np.ones(targets.shape, dtype=bool)
    inside = np.asarray(not_excluded(projector).contains(targets, tolerance=tolerance))
    if isinstance(projector, Circulant):
        return inside
    return inside | ((np.abs(targets.imag) <= tolerance) & (np.abs(targets.real) <= 1 + tolerance))


def farthest(projector: Projector, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """projector, directions (m,) in radians -> the moduli (m,) beyond which a theorem excludes eigenvalues there."""
    if not projector.exact:
        return karpelevich(projector.n).radius(angles)
    radius = not_excluded(projector).radius(angles)
    on_axis = np.abs(np.sin(angles)) <= OUTWARD
    return radius if isinstance(projector, Circulant) else np.where(on_axis, 1.0, radius)


def worth_seeking(projector: Projector, centres: NDArray[np.complex128], cell: float) -> NDArray[np.bool_]:
    """projector, centres of cells of that side, of any shape -> which of them a map seeks, and knows a residual of.

    All where an eigenvalue may be, by theory, or next to them.
    """
    inside = np.asarray(karpelevich(projector.n).contains(centres, tolerance=cell))
    return inside & possible(projector, centres, cell)


def circulants(n: int, targets: NDArray[np.complex128]) -> Tensor:
    """n, points (m,) of PM_n -> doubly stochastic matrices (m, n, n) with these eigenvalues, to rounding.

    A point of the polygon of the k-th roots of unity is a weighted mean of three of them, and the mean of those powers
    of the k-cycle, with n - k streams left alone, has that eigenvalue: the proof of [PerfectMirsky1965] that PM_n is
    reached. Points a little outside get the nearest weights.
    """
    matrices = torch.zeros(len(targets), n, n, dtype=torch.float64)
    left = np.ones(len(targets), dtype=bool)
    for k in range(2, n + 1):
        weights, powers, gap = _weights(k, targets[left])
        held = gap <= OUTWARD if k < n else np.ones(int(left.sum()), dtype=bool)
        rows = np.flatnonzero(left)[held]
        matrices[rows] = _cycles(n, k, weights[held], powers[held])
        left[rows] = False
        if not left.any():
            break
    return matrices


def formula(projector: Projector, targets: NDArray[np.complex128]) -> Tensor:
    """projector, points (m,) of the region `by_formula` -> theta (m, p) of matrices with these eigenvalues."""
    if isinstance(projector, Circulant):
        return torch.from_numpy(_spread_weights(projector.n, targets)).clamp_min(FLOOR).log()
    theta = preimage(projector, circulants(projector.n, targets))
    assert theta is not None
    return theta


def _spread_weights(n: int, z: NDArray[np.complex128]) -> NDArray[np.float64]:
    """n, points (m,) of the polygon of the n-th roots of unity -> weights (m, n) of those roots with that mean.

    Between the ends of an edge, and then inwards towards all weights equal, whose mean is 0: of an inner point no
    weight is 0, so that it can be moved in every direction.
    """
    radius = roots_of_unity_polygon(n).radius(np.angle(z))
    share = np.minimum(np.abs(z) / np.maximum(radius, OUTWARD), 1)
    weights, powers, _ = _weights(n, radius * np.exp(1j * np.angle(z)))
    spread = np.repeat((1 - share[:, None]) / n, n, axis=1)
    np.add.at(spread, (np.arange(len(z))[:, None], powers), share[:, None] * weights)
    return spread


def _weights(k: int, z: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """k, points (m,) -> weights (m, 3) of sum 1, the powers (m, 3) of the root of unity they belong to, and gaps (m,).

    Triangles fan out from 1. The gap is how far outside of its triangle a point lies, 0 inside.
    """
    if k == 2:
        share = np.clip((1 - z.real) / 2, 0, 1)
        weights = np.stack([1 - share, share, np.zeros_like(share)], -1)
        return weights, np.broadcast_to(np.array([0, 1, 0]), weights.shape), np.abs(z - (1 - 2 * share))
    fan = np.arange(1, k - 1)
    first, second = (np.exp(2j * np.pi * (fan + step) / k) - 1 for step in (0, 1))
    point = z[:, None] - 1
    area = (first.conj() * second).imag
    one = (point.conj() * second).imag / area
    other = (first.conj() * point).imag / area
    weights = np.stack([1 - one - other, one, other], -1)
    best = weights.min(-1).argmax(-1)
    chosen = weights[np.arange(len(z)), best]
    gap = -np.minimum(chosen.min(-1), 0)
    chosen = chosen.clip(0)
    return chosen / chosen.sum(-1, keepdims=True), np.stack([np.zeros_like(best), best + 1, best + 2], -1), gap


def _cycles(n: int, k: int, weights: NDArray[np.float64], powers: NDArray[np.int64]) -> Tensor:
    """Weights (m, 3) of powers (m, 3) of the k-cycle -> matrices (m, n, n), the identity on the other n - k streams."""
    matrices = torch.eye(n, dtype=torch.float64).repeat(len(weights), 1, 1)
    matrices[:, :k, :k] = 0
    rows = torch.arange(k)
    for share, power in zip(torch.from_numpy(weights).T, torch.from_numpy(powers.copy()).T, strict=True):
        columns = (rows + power[:, None]) % k
        matrices[:, :k, :k].scatter_add_(2, columns[..., None], share[:, None, None].expand(-1, k, 1))
    return matrices
