"""Random doubly stochastic matrices under a named measure, from a seed, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Literal, get_args

import numpy as np
import torch
from torch import Generator, Tensor

from geometry.devices import OPERATIONS_PER_SECOND, batch_size, known_device, operations
from geometry.sampling.distributions import initial
from geometry.sampling.near_edges import edges
from geometry.sampling.paper_targets import target, target_name
from geometry.stopping import stop_if_asked
from projectors import PermutationMixture, Projector
from projectors.checks import instance, one_of, whole_number

__all__ = [
    "MEASURES",
    "Measure",
    "batch",
    "batches",
    "edges",
    "initial",
    "plan",
    "sample",
    "sampling_seconds",
    "target",
    "target_name",
]

Measure = Literal["initial", "target", "edges"]
"""initial: the parameterization's own initialisation. target: the paper's target distribution of its kind (A.4 of
[goMHC2026]): uniform entries balanced by Sinkhorn, Haar orthogonal, Haar unitary, Dirichlet over permutations. edges: a
measure that seeks the edges of what is reachable (`geometry.sampling.near_edges`). All three are for any projector."""

MEASURES: tuple[Measure, ...] = get_args(Measure)

MOST, MOST_NUMBERS = 10**12, 2 * 10**9
"""The most matrices of a stream, and the most numbers of the matrices that are in memory together."""

SECONDS_PER_BATCH, OPERATIONS_PER_MATRIX, OPERATIONS_PER_PARAMETER = 1e-3, 10_000, 200
"""What drawing takes besides the operations that `geometry.devices` counts: a random number is dear, a call dearer."""


def sample(
    projector: Projector, count: int, measure: Measure = "initial", seed: int = 0, device: str | torch.device = "cpu"
) -> Tensor:
    """projector, count -> doubly stochastic matrices (count, n, n) in float64; the same recipe gives the same matrices.

    Raises ValueError for a negative count or seed, for an unknown measure, for more matrices than 16 GB hold, and for a
    device that this machine has not, and Stopped if it is asked to stop by `geometry.stopping`.

    >>> from projectors import Orthostochastic
    >>> sample(Orthostochastic(n=4, s=2), 1000, measure="target", seed=0).shape
    torch.Size([1000, 4, 4])
    """
    numbers = instance(projector, Projector, "the projector").n ** 2
    count = whole_number(count, "the number of matrices", 0, MOST_NUMBERS // numbers)
    parts: list[Tensor] = []
    for part in batches(projector, count, measure, seed, device):
        if parts:
            stop_if_asked("the sample")
        parts.append(part)
    return torch.cat(parts) if parts else torch.empty(0, projector.n, projector.n, dtype=torch.float64, device=device)


def batches(
    projector: Projector,
    count: int,
    measure: Measure = "initial",
    seed: int = 0,
    device: str | torch.device = "cpu",
    start: int = 0,
) -> Iterator[Tensor]:
    """projector, count -> the matrices of `sample` as a stream of batches (b, n, n), from batch number `start` on.

    Batch number k has its own random stream, a function of seed and k: a stream can be resumed, and only one batch is
    in memory at a time. b is `batch_size(projector)` but for the last batch. Raises ValueError like `sample`, and for a
    negative start.
    """
    whole_number(start, "start, the number of the first batch,", 0)
    device = known_device(device)
    for index, size in islice(plan(projector, count, measure, seed), start, None):
        yield batch(projector, size, measure, seed, index, device)


def plan(projector: Projector, count: int, measure: Measure, seed: int) -> Iterator[tuple[int, int]]:
    """projector, count -> number and size of every batch of the stream, after the checks that `sample` promises."""
    one_of(measure, MEASURES, "measure")
    instance(projector, Projector, "the projector")
    count, seed = whole_number(count, "the number of matrices", 0, MOST), whole_number(seed, "the seed", 0, 2**63 - 1)
    size = batch_size(projector)
    return ((index, min(size, count - index * size)) for index in range(-(-count // size)))


def sampling_seconds(projector: Projector, count: int, measure: Measure) -> float:
    """projector, count -> about how long it takes to draw that many matrices and find their eigenvalues, on two cores.

    Good to a factor of three.
    """
    each = operations(projector) + OPERATIONS_PER_MATRIX
    if measure != "edges":
        each += OPERATIONS_PER_PARAMETER * projector.parameter_count
    elif isinstance(projector, PermutationMixture):
        each -= projector.flops  # points of small faces are drawn without the n! parameters
    return each * count / OPERATIONS_PER_SECOND + SECONDS_PER_BATCH * -(-count // batch_size(projector))


def batch(
    projector: Projector, size: int, measure: Measure, seed: int, index: int, device: str | torch.device = "cpu"
) -> Tensor:
    """Batch number `index` of a seeded stream: matrices (size, n, n) in float64, without gradients."""
    generator, seed = torch.Generator(device), whole_number(seed, "the seed", 0, 2**63 - 1)
    generator.manual_seed(int(np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(1, np.uint64)[0]))
    draw: dict[Measure, Callable[[Projector, int, Generator], Tensor]]
    draw = {"initial": initial, "target": target, "edges": edges}
    with torch.no_grad():
        return draw[measure](projector, size, generator)
