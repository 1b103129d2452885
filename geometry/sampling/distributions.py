"""Random matrices of named distributions, each from an explicit generator and on its device, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import torch
from torch import Generator, Tensor

from projectors import Kronecker, Mixture, Projector, Sinkhorn
from projectors.averages.kronecker import kronecker
from projectors.averages.mixture import mean
from projectors.balanced.sinkhorn import balance
from projectors.base import normal


def initial(projector: Projector, count: int, generator: Generator) -> Tensor:
    """Matrices (count, n, n) of freshly initialised parameters."""
    return projector(projector.initial(count, generator=generator))


def scattered(projector: Projector, count: int, generator: Generator) -> Tensor:
    """Initial parameters (count, p), scaled by 0.3 to 10: softmaxes reach the edges far out."""
    theta = projector.initial(count, generator=generator)
    return theta * 10 ** uniform((count, 1), generator, -0.5, 1)


def uniform(shape: tuple[int, ...], generator: Generator, low: float = 0, high: float = 1) -> Tensor:
    """shape -> independent numbers, uniform between low and high."""
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64, device=generator.device)


def sinkhorn_uniform(n: int, count: int, generator: Generator, iterations: int = 20) -> Tensor:
    """n, count -> matrices (count, n, n) of uniform entries in (0, 1), balanced by Sinkhorn iterations."""
    return balance(uniform((count, n, n), generator).clamp_min_(torch.finfo(torch.float64).tiny), iterations)


def conventional(projector: Sinkhorn, logits: Tensor) -> Tensor:
    """Logits (count, n, n) -> what the projector's iterations make of them, whatever it makes positive entries by."""
    return replace(projector, positive="exp").matrices(logits.flatten(1))


def haar_orthogonal(N: int, count: int, generator: Generator) -> Tensor:
    """N, count -> Haar-distributed orthogonal matrices (count, N, N), by QR with the signs fixed [Mezzadri2007]."""
    Q, R = torch.linalg.qr(normal((count, N, N), generator, torch.float64, None))
    return Q * R.diagonal(dim1=-2, dim2=-1).sign()[:, None, :]


def haar_unitary(N: int, count: int, generator: Generator) -> Tensor:
    """N, count -> Haar-distributed unitary matrices (count, N, N), by QR with the phases fixed [Mezzadri2007]."""
    Q, R = torch.linalg.qr(normal((count, N, N), generator, torch.complex128, None))
    return Q * R.diagonal(dim1=-2, dim2=-1).sgn()[:, None, :]


def dirichlet(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """shape (..., k) -> points of the simplex, uniform: Dirichlet with all parameters 1."""
    drawn = torch.empty(shape, dtype=torch.float64, device=generator.device).exponential_(generator=generator)
    return drawn / drawn.sum(-1, keepdim=True)


def faces(shape: tuple[int, ...], generator: Generator) -> Tensor:
    """shape (..., k) -> points of the simplex, uniform on a face of 1 to k of its corners, each number as likely."""
    corners = torch.randint(1, shape[-1] + 1, (*shape[:-1], 1), generator=generator, device=generator.device)
    weights = dirichlet(shape, generator) * (torch.arange(shape[-1], device=generator.device) < corners)
    return weights / weights.sum(-1, keepdim=True)


def of_factors(
    draw: Callable[[Projector, int, Generator], Tensor], projector: Kronecker, count: int, generator: Generator
) -> Tensor:
    """Kronecker products (count, n, n) of factors that are drawn one by one."""
    return reduce(kronecker, [draw(factor, count, generator) for factor in projector.factors])


def of_terms(
    draw: Callable[[Projector, int, Generator], Tensor],
    projector: Mixture,
    count: int,
    generator: Generator,
    learned: Callable[[tuple[int, ...], Generator], Tensor] = dirichlet,
) -> Tensor:
    """Means (count, n, n) of k drawn matrices, under a mixture's fixed weights or, if it learns them, random ones."""
    matrices = draw(projector.projector, count * projector.k, generator).unflatten(0, (count, projector.k))
    if projector.weights is None:
        return mean(matrices, learned((count, projector.k), generator))
    return mean(matrices, matrices.new_tensor(projector.weights))
