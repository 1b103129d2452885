"""Vanishing gradients near a vertex of the polytope: relearning after a method has converged (B.10 of [goMHC2026])."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from geometry.arrays import real_numbers
from geometry.stopping import stop_if_asked
from learning.seeds import stream
from learning.vertex_starts import near_identity
from projectors import Projector
from projectors.checks import instance, whole_number


def gradient_norms(projector: Projector, near: Sequence[float], count: int = 64, seed: int = 0) -> Tensor:
    """projector, distances from a vertex -> norms (distances, count) of the gradient towards another vertex.

    The loss is the entries' mean squared error towards the n-cycle, the start random at about 1 - (mean diagonal) =
    distance from the identity. mHC-lite's gradient is proportional to the distance d, because every logit moves its
    matrix by its own weight and the identity's by what is left of it; go-mHC's to the square root of d, because block
    norms are squares. Raises ValueError unless all distances are between 0 and 1; Stopped if it is
    asked to stop by `geometry.stopping`.

    >>> from projectors import PermutationMixture
    >>> norms = gradient_norms(PermutationMixture(4), [1e-4, 1e-6]).mean(1)
    >>> f"{norms[0] / norms[1]:.0f}"
    '100'
    """
    instance(projector, Projector, "the projector")
    count = whole_number(count, "count, the number of starts,", 1, 10_000)
    seed = whole_number(seed, "the seed", 0, 2**63 - 1)
    distances = real_numbers(near, "distances from a vertex")
    if distances.ndim != 1 or not len(distances) or not ((distances > 0) & (distances < 1)).all():
        raise ValueError(f"distances from a vertex must be between 0 and 1 (exclusive), not {near!r}")
    cycle = torch.eye(projector.n, dtype=torch.float64).roll(1, 1)
    norms = []
    for distance in distances.tolist():  # the same random numbers for each, so that only the distance changes
        stop_if_asked("the table of gradients")
        theta = near_identity(projector, distance, count, stream(seed, "near a vertex")).requires_grad_()
        with torch.enable_grad():
            loss = (projector(theta) - cycle).square().mean((-2, -1)).sum()
        norms.append(torch.autograd.grad(loss, theta)[0].norm(dim=-1))
    return torch.stack(norms)
