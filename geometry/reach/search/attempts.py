"""Attempts to put eigenvalues onto targets, and what the free parameters found really give."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from geometry.devices import one_thread, operations, shared, threads
from geometry.polytope import exactness_residual
from geometry.reach.search.newton import Steered, steer
from geometry.spaces.base import Space
from geometry.spectra.closed_forms import by_lapack
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

    The error (batch,) is the `exactness_residual`. Where the matrix is not finite, the eigenvalues are nan and the
    error is inf.
    """
    with torch.no_grad():
        matrices = projector.matrices(theta).double()
    return by_lapack(deflate(matrices)), exactness_residual(matrices).nan_to_num(torch.inf, torch.inf)


def misses(values: Tensor, errors: Tensor, targets: Tensor) -> Tensor:
    """Eigenvalues (b, n - 1), errors (b,), targets (b,) -> how far the nearest eigenvalue is from its target.

    inf where the matrix is not finite, or not doubly stochastic within 1e-8: a projector that is not exact is held to
    that.
    """
    distance = (values - targets[:, None]).abs().amin(-1)
    return torch.where(errors <= TOLERANCE, distance, torch.inf)


class Verified(NamedTuple):
    """What free parameters theta (b, p) really give: eigenvalues (b, n - 1), the nearest one's distance (b,)."""

    theta: Tensor
    values: Tensor
    distance: Tensor


Found = TypeVar("Found", Steered, Verified)


def attempt(
    space: Space, projector: Projector, points: Tensor, targets: Tensor, iterations: int, patience: int | None
) -> Steered:
    """Points (b, ...), targets (b,) -> the points steered towards them: see `steer`.

    The gap of a projector that is not exact is inf where its matrix is not doubly stochastic within 1e-8.
    """

    def steered(points: Tensor, targets: Tensor) -> Steered:
        found = steer(space, points, targets, iterations, patience)
        if projector.exact:
            return found
        balanced = exactness_residual(space.matrices(found.points)) <= TOLERANCE
        return found._replace(gap=torch.where(balanced, found.gap, torch.inf))

    return _on_threads(steered, projector, points, targets)


def verified(space: Space, projector: Projector, points: Tensor, targets: Tensor) -> Verified:
    """Points (b, ...), targets (b,) -> their parameters, judged by the spectrum recomputed from those: see `misses`."""

    def judged(points: Tensor, targets: Tensor) -> Verified:
        theta = space.settled(space.parameters(points))
        values, errors = spectra(projector, theta)
        return Verified(theta, values, misses(values, errors, targets))

    return _on_threads(judged, projector, points, targets)


def _on_threads(
    work: Callable[[Tensor, Tensor], Found], projector: Projector, points: Tensor, targets: Tensor
) -> Found:
    """Work on points (b, ...) and targets (b,) -> its result; large batches of large matrices go to two threads."""

    def alone(points: Tensor, targets: Tensor) -> Found:
        with one_thread(), torch.no_grad():
            return work(points, targets)

    several = points.device.type == "cpu" and len(points) * operations(projector) > WORTH_SHARING and len(points) > 1
    count = min(THREADS, threads()) if several else 1
    found = shared(alone, points.chunk(count), targets.chunk(count))
    return found[0] if len(found) == 1 else type(found[0])(*map(torch.cat, zip(*found, strict=True)))
