"""Where tensors live, and on how many threads: the one place that chooses a torch device and a batch size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from projectors import Projector

WORKING_SET = 32 * 2**20
"""Bytes one batch may occupy: large enough to amortise a call, small enough for every machine."""


def best_device(dtype: torch.dtype = torch.float64) -> torch.device:
    """Return CUDA where it is present, else MPS for dtypes it has (not float64), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if dtype != torch.float64 and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> str:
    """Device -> its name for a person, such as "CPU, 2 cores"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cores = os.cpu_count() or 1
    return f"CPU, {cores} core{'s' if cores > 1 else ''}" if device.type == "cpu" else device.type.upper()


def batch_size(projector: Projector, most: int = 8192) -> int:
    """How many matrices to make at once: bounded memory, and about a hundred million operations a batch.

    Depends on the projector alone, never on the machine, so that a seeded stream of batches is the same everywhere.
    """
    n = projector.n
    working_set = 8 * (4 * projector.parameter_count + 16 * n**2)
    operations = projector.flops + 25 * n**3
    return max(1, min(most, WORKING_SET // working_set, 100_000_000 // operations))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on the calling thread alone: these operations are too small to share.

    Its threads wait by spinning. A second one gains a fifth on an idle machine, and on a busy one they wait for each
    other: a map of four seconds took minutes.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
