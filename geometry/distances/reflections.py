"""Rotations with given block norms by reflections: finds members where descents end in local minima."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.stopping import to_stop

RELAXED, ROUNDS = 0.8, 600
"""How far a round goes towards the reflected point, and rounds at most."""

NEAR = 1e-3
"""Distance of the square roots of the block norms at which a descent takes over."""


def reflected(points: Tensor, targets: Tensor, s: int) -> Tensor:
    """Orthogonal or unitary points (b, ns, ns), targets (b, n, n) -> such points whose block norms come near targets.

    Relaxed reflections (RRR, a difference map [Elser2018]) between the unitary matrices and those whose blocks have the
    norms sqrt(s B_ij): the iteration has no local minima to end in, but wanders until both sets meet. What has not met
    after 600 rounds is returned as it stands.
    """
    wanted = (s * targets.clamp_min(0)).sqrt()
    found, active, X = points.clone(), torch.arange(len(points), device=points.device), points.clone()
    for _ in range(ROUNDS):
        near = _nearest_unitary(X)
        norms = _block_norms(near, s)
        met = (norms - wanted[active]).square().sum((-2, -1)) < NEAR**2
        found[active] = near
        reflection = 2 * near - X
        X = X + RELAXED * (_with_norms(reflection, wanted[active], s) - near)
        active, X = active[~met], X[~met]
        if not len(active) or to_stop():
            break
    return found


def _nearest_unitary(matrices: Tensor) -> Tensor:
    U, _, Vh = torch.linalg.svd(matrices)
    return U @ Vh


def _block_norms(matrices: Tensor, s: int) -> Tensor:
    """(b, ns, ns) -> Frobenius norms (b, n, n) of the s x s blocks."""
    return matrices.abs().square().unflatten(-1, (-1, s)).unflatten(-3, (-1, s)).sum((-3, -1)).sqrt()


def _with_norms(matrices: Tensor, wanted: Tensor, s: int) -> Tensor:
    """(b, ns, ns), norms (b, n, n) -> the nearest matrices with these block norms."""
    scale = wanted / _block_norms(matrices, s).clamp_min(1e-30)
    return matrices * scale.repeat_interleave(s, -1).repeat_interleave(s, -2)
