"""Damped Gauss-Newton steps for many targets at once: the one place that knows how a space's matrices move.

With the derivative J of the matrix, in the metric of the space, and the residual r, every form gives the step
-J^T (J J^T + damping)^-1 r = -(J^T J + damping)^-1 J^T r. The smaller system is the quicker one.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from geometry.spaces.base import Parameters, Space
from geometry.spaces.rotations import Rotations
from geometry.tangent import tangent_basis
from projectors.rotations.orthostochastic import block_norms

DIFFERENCE = 1e-5
"""Half the distance between two parameters whose difference stands for a derivative: exact to about 1e-10."""


def damped_steps(
    space: Space, points: Tensor, residual: Tensor, damping: Tensor, ignored: Tensor
) -> tuple[Tensor, Tensor]:
    """Points (b, ...), residual (b, n, n), damping (b,), ignored (h, n, n) -> steps (b, q), and what is left (b,).

    The residual has rows and columns of sum 0, and nothing along the orthonormal matrices `ignored`: how a step moves
    the matrix along these does not count. What is left is the squared norm of the residual after the step if the map
    were linear.
    """
    if not isinstance(space, Rotations):
        few = type(space) is Parameters and points.shape[1] < 2 * (residual.shape[-1] - 1) ** 2
        return (_of_differences if few else _of_directions)(space, points, residual, damping, ignored)
    if space.s == 1 and not points.is_complex():
        return _of_angles(points, residual, damping, ignored)
    system = _inner_products(points, space.s)
    if len(ignored):
        onto = torch.eye(system.shape[-1]).to(system) - ignored.flatten(1).mT @ ignored.flatten(1)
        system = onto @ system @ onto
    weights = _solved(system, residual.flatten(1), damping)
    steps = space.pull(points, -weights.reshape(residual.shape)[:, None])[:, 0]
    return steps, (damping[:, None] * weights).square().sum(1)


def _solved(system: Tensor, right: Tensor, damping: Tensor) -> Tensor:
    """Positive semidefinite systems (b, k, k), right-hand sides (b, k), damping (b,) -> solutions (b, k)."""
    system.diagonal(dim1=-2, dim2=-1).add_(damping[:, None])
    factor, _ = torch.linalg.cholesky_ex(system)
    return torch.cholesky_solve(right[..., None], factor)[..., 0]


def _of_directions(
    space: Space, points: Tensor, residual: Tensor, damping: Tensor, ignored: Tensor
) -> tuple[Tensor, Tensor]:
    """For every space: a backward pass for each direction of the polytope."""
    basis = tangent_basis(residual.shape[-1]).to(points.device)
    unseen = torch.einsum("hij,kij->hk", ignored, basis)
    directions = space.pull(points, basis.expand(len(points), *basis.shape))
    directions = directions - unseen.mT @ (unseen @ directions)
    weights = _solved(directions @ directions.mT, torch.einsum("bij,kij->bk", residual, basis), damping)
    return -(weights[:, None] @ directions)[:, 0], (damping[:, None] * weights).square().sum(1)


def _of_differences(
    space: Space, points: Tensor, residual: Tensor, damping: Tensor, ignored: Tensor
) -> tuple[Tensor, Tensor]:
    """For parameters not much more than directions: central differences, two matrices each, beat backward passes."""
    shifts = DIFFERENCE * torch.eye(points.shape[1]).to(points)
    ahead, behind = (space.matrices((points[:, None] + sign * shifts).flatten(0, 1)) for sign in (1, -1))
    columns = ((ahead - behind) / (2 * DIFFERENCE)).flatten(1).unflatten(0, (len(points), -1))
    columns = columns - (columns @ ignored.flatten(1).mT) @ ignored.flatten(1)
    gradient = (columns @ residual.flatten(1)[..., None])[..., 0]
    steps = -_solved(columns @ columns.mT, gradient, damping)
    left = residual.square().sum((1, 2)) + ((gradient - damping[:, None] * steps) * steps).sum(1)
    return steps, left


def _inner_products(points: Tensor, s: int) -> Tensor:
    """Orthogonal or unitary Q (b, ns, ns) -> inner products (b, n^2, n^2) of the directions of B's entries.

    <E_ij, E_kl> = (2/s) delta B_ij - (2/s^2) Re tr(Q_il^H Q_ij Q_kj^H Q_kl), Q_ij the blocks: n^4 s^2 operations, where
    the directions themselves would take n^6 s^2.
    """
    n = points.shape[-1] // s
    rows = points.unflatten(-2, (n, s))
    products = rows.mH @ rows
    real = torch.view_as_real(products) if products.is_complex() else products[..., None]
    blocks = real.unflatten(2, (n, s)).unflatten(4, (n, s))
    system = torch.einsum("bilcjdz,bklcjdz->bijkl", blocks, blocks).reshape(-1, n * n, n * n).mul_(-2 / s**2)
    system.diagonal(dim1=-2, dim2=-1).add_((2 / s) * block_norms(points, s).flatten(1))
    return system


def _of_angles(points: Tensor, residual: Tensor, damping: Tensor, ignored: Tensor) -> tuple[Tensor, Tensor]:
    """Orthogonal Q (b, n, n), s = 1, has fewer angles than B has directions: solve for the angles.

    Turning columns a and c moves mass 2 Q_ia Q_ic of row i from column a to column c, so that J^T J is the entrywise
    product of two small Gram matrices.
    """
    n = points.shape[-1]
    first, second, incidence = _pairs(n, points.device)
    moved = 2 * points[:, :, first] * points[:, :, second]
    system = (moved.mT @ moved) * (incidence.mT @ incidence / 2)
    if len(ignored):
        unseen = torch.einsum("biq,hiq->bhq", moved, ignored @ incidence)
        system -= unseen.mT @ unseen / 2
    gradient = (moved * (residual @ incidence)).sum(1)
    angles = -_solved(system, gradient / 2, damping)
    steps = torch.zeros_like(points)
    steps[:, first, second] = angles
    steps[:, second, first] = -angles
    left = residual.square().sum((1, 2)) + ((gradient - 2 * damping[:, None] * angles) * angles).sum(1)
    return steps.flatten(1), left


@lru_cache(maxsize=16)
def _pairs(n: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """The pairs a < c of n columns, each (q,), and their incidence matrix (n, q): -1 at a and 1 at c. Do not write."""
    first, second = torch.triu_indices(n, n, 1, device=device)
    identity = torch.eye(n, dtype=torch.float64, device=device)
    return first, second, identity[:, second] - identity[:, first]
