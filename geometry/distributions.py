"""Random matrices of named distributions, each from an explicit generator and on its device, in float64."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from projectors import Mixture
from projectors.base import normal
from projectors.sinkhorn import balance


def uniform(shape: tuple[int, ...], generator: Generator, low: float = 0, high: float = 1) -> Tensor:
    """shape -> independent numbers, uniform between low and high."""
    return low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64, device=generator.device)


def sinkhorn_uniform(n: int, count: int, generator: Generator, iterations: int = 20) -> Tensor:
    """n, count -> matrices (count, n, n) of uniform entries in (0, 1), balanced by Sinkhorn iterations."""
    return balance(uniform((count, n, n), generator).clamp_min_(torch.finfo(torch.float64).tiny), iterations)


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


def mixture_weights(projector: Mixture, count: int, generator: Generator) -> Tensor:
    """Weights (count, k) of a mixture: its fixed ones, or uniform on the simplex where they are learned."""
    if projector.weights is None:
        return dirichlet((count, projector.k), generator)
    fixed = torch.tensor(projector.weights, dtype=torch.float64, device=generator.device)
    return fixed.expand(count, projector.k)
