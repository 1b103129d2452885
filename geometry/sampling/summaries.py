"""What a seeded stream of matrices adds up to: batches computed side by side, summed in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from time import perf_counter
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from geometry.devices import known_device, one_thread
from geometry.sampling import Measure, batch, plan
from projectors import Projector
from projectors.checks import whole_number

AHEAD = min(8, os.cpu_count() or 1)
"""Batches computed at the same time, each on one thread of its own: no number depends on it."""


class Summary(Protocol):
    """What is known of some matrices, and can be added to what is known of others."""

    def __add__(self, other: Self, /) -> Self:
        """Return what is known of both."""
        ...


S = TypeVar("S", bound=Summary)


def accumulated(
    projector: Projector,
    count: int,
    measure: Measure,
    seed: int,
    summarize: Callable[[Tensor], S],
    device: str | torch.device = "cpu",
) -> Iterator[tuple[S, float]]:
    """projector, count -> the summary of ever more matrices of the stream `sampling.batches`, and the seconds spent.

    One more batch at a time, all but the last of the same size, until the last is of all `count`; stop iterating to
    cancel. The numbers do not depend on the machine, on the number of its cores or on how far the caller iterates.
    Seconds are those during which any of these matrices were being computed, whatever the caller does meanwhile. Raises
    ValueError like `sampling.batches`, and for a count of 0.
    """
    whole_number(count, "the number of matrices", 1)
    batches, device = plan(projector, count, measure, seed), known_device(device)
    seconds, until, total = 0.0, 0.0, None

    def part(index: int, size: int) -> tuple[S, float, float]:
        begun = perf_counter()
        with one_thread():
            done = summarize(batch(projector, size, measure, seed, index, device))
        return done, begun, perf_counter()

    pool = ThreadPoolExecutor(AHEAD)
    try:
        pending: list[Future[tuple[S, float, float]]]
        pending = [pool.submit(part, *each) for each in islice(batches, 1)]  # a first answer soon
        while pending:
            done, begun, ended = pending.pop(0).result()
            pending += [pool.submit(part, *each) for each in islice(batches, AHEAD - len(pending))]
            total = done if total is None else total + done
            seconds += max(0.0, ended - max(begun, until))  # batches begin in order: what overlaps counts once
            until = max(until, ended)
            yield total, seconds
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
