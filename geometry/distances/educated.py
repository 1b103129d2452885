"""Where a search for the nearest matrix begins if the set's structure tells: roots, lifts, factors, remainders."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import torch
from torch import Tensor

from geometry.distances.preimages import preimage
from geometry.distances.roots import LARGEST, orthogonal_root
from geometry.effort import Effort
from geometry.spaces import AveragedRotations, space_of
from projectors import Kronecker, Mixture, Orthostochastic, Projector, Unistochastic
from projectors.averages.kronecker import kronecker
from projectors.balanced.sinkhorn import balance

MOST_SIGNS = 2**23
"""Sign vectors of a row, times targets, that are tried at most: half a minute."""

LEFT = 1e-3
"""The smallest share of a matrix that is still split into another term of an average."""


@singledispatch
def educated(projector: Projector, targets: Tensor, effort: Effort) -> list[Tensor]:
    """projector, doubly stochastic targets (m, n, n), effort -> points (m, ...) of its space to start from, or none.

    A member is met, or nearly so, where its structure can be read off the matrix: elsewhere they are good guesses.
    """
    theta = preimage(projector, targets)
    return [] if theta is None else [theta]


@educated.register
def _(projector: Orthostochastic, targets: Tensor, effort: Effort) -> list[Tensor]:
    """The orthogonal root, the same in every place of a block: O_{n,1} lies in O_{n,s} [Nechita2023]."""
    if projector.n > LARGEST or len(targets) * 2**projector.n > MOST_SIGNS:
        return []
    Q = orthogonal_root(targets).matrix
    return [kronecker(Q, torch.eye(projector.s, dtype=Q.dtype, device=Q.device).expand(len(Q), -1, -1))]


@educated.register
def _(projector: Unistochastic, targets: Tensor, effort: Effort) -> list[Tensor]:
    """Real ones are among the complex ones."""
    return [Q.to(torch.complex128) for Q in educated(Orthostochastic(projector.n, projector.s), targets, effort)]


@educated.register
def _(projector: Kronecker, targets: Tensor, effort: Effort) -> list[Tensor]:
    """Factors of the nearest product of any matrices, each at its own nearest."""
    from geometry.distances.frobenius import searched

    factors = kronecker_factors(targets, tuple(factor.n for factor in projector.factors))
    parts = [searched(*pair, 0, effort).theta for pair in zip(projector.factors, factors, strict=True)]
    return [torch.cat(parts, -1)]


@educated.register
def _(projector: Mixture, targets: Tensor, effort: Effort) -> list[Tensor]:
    """One term at the target itself; and terms peeled off it, each as much as leaves no negative entry."""
    from geometry.distances.frobenius import searched

    if projector.weights is not None:
        return []
    inner, k = projector.projector, projector.k
    rest, left = targets, torch.ones(len(targets), dtype=torch.float64, device=targets.device)
    terms, weights = [], []
    for number in range(k):
        found = searched(inner, rest, 0, replace(effort, starts=min(2, effort.starts)))
        terms.append(found.theta)
        share = _largest_share(rest, found.matrix) if number < k - 1 else torch.ones_like(left)
        weights.append(left * share)
        left = left * (1 - share)
        split = ((1 - share) > LEFT)[:, None, None]
        remainder = (rest - share[:, None, None] * found.matrix) / (1 - share).clamp_min(LEFT)[:, None, None]
        rest = torch.where(split, balance(remainder.clamp_min(1e-15), 100), rest)
    logits = torch.stack(weights, -1).clamp_min(1e-12).log()
    alone = torch.where(torch.arange(k, device=targets.device) == 0, 0.0, -6.0).expand(len(targets), k)
    repeated = torch.cat([terms[0]] * k + [alone], -1)
    space, thetas = space_of(projector), [torch.cat([*terms, logits], -1), repeated.to(targets)]
    return [space.points(theta) for theta in thetas] if isinstance(space, AveragedRotations) else thetas


def _largest_share(whole: Tensor, part: Tensor) -> Tensor:
    """Matrices (m, n, n) twice -> how much (m,) of the second can be taken from the first without a negative entry."""
    ratios = torch.where(part > 1e-9, whole / part.clamp_min(1e-9), torch.inf)
    return ratios.amin((-2, -1)).clamp(0, 1)


def kronecker_factors(matrices: Tensor, sizes: tuple[int, ...]) -> list[Tensor]:
    """Matrices (m, n, n), sizes of product n -> for each size i doubly stochastic factors (m, i, i).

    Of a Kronecker product, its factors; else those of the nearest product in the Frobenius norm, balanced: the leading
    singular vectors of the matrix whose rows are its blocks [VanLoanPitsianis1993].
    """
    if len(sizes) == 1:
        return [matrices]
    first, rest = sizes[0], matrices.shape[-1] // sizes[0]
    blocks = matrices.unflatten(-1, (first, rest)).unflatten(-3, (first, rest)).transpose(-3, -2)
    U, _, Vh = torch.linalg.svd(blocks.flatten(-4, -3).flatten(-2))
    one, other = (
        balance(vectors.abs().clamp_min(1e-15).unflatten(-1, (size, size)), 100)
        for vectors, size in ((U[..., 0], first), (Vh[..., 0, :], rest))
    )
    return [one, *kronecker_factors(other, sizes[1:])]
