"""One attempt to put eigenvalues onto targets, judged by what its free parameters really give."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from geometry.devices import one_thread, operations, shared, threads
from geometry.reach.search.newton import steer
from geometry.spaces.base import Space
from geometry.tangent import deflate
from projectors import Projector

TOLERANCE = 1e-8
"""Largest distance of an eigenvalue of the witness from a target that counts as solved."""

THREADS = 2
"""On how many threads one attempt is shared: they wait for Python's lock between any two operations."""

WORTH_SHARING = 3e7
"""Operations of a batch's matrices from which on two threads are faster than one, measured."""


def spectra(projector: Projector, theta: Tensor) -> tuple[Tensor, Tensor]:
    """theta (batch, p) -> eigenvalues (batch, n - 1) besides the Perron root, by LAPACK in float64, and errors.

    The error (batch,) is the largest |row or column sum - 1|. Where the matrix is not finite, the eigenvalues are nan
    and the error is inf.
    """
    with torch.no_grad():
        return judged(projector.matrices(theta))


def judged(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """Matrices (batch, n, n) -> eigenvalues (batch, n - 1) and errors (batch,): see `spectra`."""
    matrices = matrices.detach().double()
    finite = matrices.isfinite().all(-1).all(-1)
    values = torch.linalg.eigvals(deflate(torch.where(finite[:, None, None], matrices, 0)))
    errors = torch.maximum(*((matrices.sum(axis) - 1).abs().amax(-1) for axis in (-1, -2)))
    return values.masked_fill(~finite[:, None], torch.nan), errors.masked_fill(~finite, torch.inf)


def misses(values: Tensor, errors: Tensor, targets: Tensor) -> Tensor:
    """Eigenvalues (b, n - 1), errors (b,), targets (b,) -> how far the nearest eigenvalue is from its target.

    inf where the matrix is not finite, or not doubly stochastic within 1e-8: a projector that is not exact is held to
    that.
    """
    distance = (values - targets[:, None]).abs().amin(-1)
    return torch.where(errors <= TOLERANCE, distance, torch.inf)


@dataclass(frozen=True, eq=False)
class Attempt:
    """Where steering ended: points (b, ...), theta (b, p), their eigenvalues (b, n - 1), the nearest one's distance."""

    points: Tensor
    theta: Tensor
    values: Tensor
    distance: Tensor
    steps: Tensor


def attempt(
    space: Space, projector: Projector, points: Tensor, targets: Tensor, iterations: int, patience: int | None
) -> Attempt:
    """Points (b, ...), targets (b,) -> the points steered towards them, judged by the spectrum recomputed from theta.

    The distance is that of `misses`. Large batches of large matrices are shared among two threads.
    """

    def tried(points: Tensor, targets: Tensor) -> Attempt:
        with one_thread():
            with torch.no_grad():
                points, steps = steer(space, points, targets, iterations, patience)
                theta = space.settled(space.parameters(points))
            values, errors = spectra(projector, theta)
        return Attempt(points, theta, values, misses(values, errors, targets), steps)

    several = points.device.type == "cpu" and len(points) * operations(projector) > WORTH_SHARING and len(points) > 1
    count = min(THREADS, threads()) if several else 1
    found = shared(tried, points.chunk(count), targets.chunk(count))
    if len(found) == 1:
        return found[0]
    return Attempt(*(torch.cat([getattr(part, field.name) for part in found]) for field in fields(Attempt)))
