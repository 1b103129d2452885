"""How long a projector takes on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch

from geometry.devices import batch_size, describe, one_thread
from projectors import Projector
from projectors.checks import whole_number

PATIENCE = 0.25
"""Seconds after which no further repeat begins."""


@dataclass(frozen=True)
class Timing:
    """Seconds for one matrix: forward alone, and forward with backward, as training needs it.

    Medians of `repeats` runs over `batch` matrices at once, on one thread of the device that is named.
    """

    forward: float
    training: float
    batch: int
    repeats: int
    device: str


def measured(
    projector: Projector,
    batch: int = 4096,
    dtype: torch.dtype = torch.float32,
    repeats: int = 9,
    device: torch.device | str = "cpu",
) -> Timing:
    """projector -> seconds for one of its matrices, made `batch` at a time, or fewer where memory or patience ends.

    One run without the clock, then at most `repeats` pairs of forward and forward with backward, for a quarter of a
    second, and at least one. Wall times on a machine that may be busy: good to tens of per cent. Torch is set to one
    thread meanwhile, for the whole process. Raises ValueError unless batch and repeats are at least 1.
    """
    whole_number(repeats, "the number of repeats", 1)
    size = batch_size(projector, whole_number(batch, "the number of matrices at once", 1))
    where = torch.device(device)
    theta = projector.initial(size, generator=torch.Generator().manual_seed(0), dtype=dtype, device=where)
    weights = torch.linspace(0, 1, projector.n**2, dtype=dtype, device=where).view(projector.n, projector.n)

    def forward() -> None:
        with torch.no_grad():
            projector(theta)

    def training() -> None:
        leaf = theta.detach().requires_grad_()
        (projector(leaf) * weights).sum().backward()

    times: list[tuple[float, float]] = []
    with one_thread():
        forward()
        training()
        begun = perf_counter()
        while len(times) < repeats and (not times or perf_counter() - begun < PATIENCE):
            times.append((_seconds(forward, where), _seconds(training, where)))
    return Timing(
        forward=median(each for each, _ in times) / size,
        training=median(each for _, each in times) / size,
        batch=size,
        repeats=len(times),
        device=describe(where),
    )


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    """Work -> wall time of one call, until the device has finished it."""
    begun = perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter() - begun
