"""Where tensors live, and on how many threads: the one place that chooses a torch device and a batch size."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

import torch

from projectors import Projector

Result = TypeVar("Result")

WORKING_SET = 32 * 2**20
"""Bytes one batch may occupy: large enough to amortise a call, small enough for every machine."""

OPERATIONS_PER_SECOND = 6e9
"""How many `operations` two cores do in a second, whatever the projector: good to a factor of three."""


MATRIX_SECONDS = 2e-6
"""What a matrix takes besides, however small it is: calls and memory."""


def best_device(dtype: torch.dtype = torch.float64) -> torch.device:
    """Return CUDA where it is present, else MPS for dtypes it has (not float64), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if dtype != torch.float64 and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def known_device(device: object) -> torch.device:
    """Any object -> the device of numbers that it is or names; ValueError unless this machine has it.

    >>> known_device("cpu")
    device(type='cpu')
    """
    wanted = f"the device must be one of this machine, such as 'cpu' or torch.device('cuda'), not {device!r}"
    if not isinstance(device, str | torch.device):
        raise ValueError(wanted)
    try:
        found = torch.device(device)
        torch.zeros((), device=found).item()  # only one that is there, and is no "meta", has a number
    except (RuntimeError, AssertionError, NotImplementedError):
        raise ValueError(wanted) from None
    return found


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
    working_set = 8 * (4 * projector.parameter_count + 16 * projector.n**2)
    return max(1, min(most, WORKING_SET // working_set, 100_000_000 // operations(projector)))


def operations(projector: Projector) -> int:
    """projector -> floating-point operations to make one of its matrices and find its eigenvalues.

    Counts projector.flops and, by the usual estimate for the QR algorithm, 25 n^3: good to a factor of two.
    """
    return projector.flops + 25 * projector.n**3


def expected_seconds(projector: Projector, matrices: float) -> float:
    """projector, how many matrices -> about how long it takes to make them with their eigenvalues, on two cores."""
    return matrices * (operations(projector) / OPERATIONS_PER_SECOND + MATRIX_SECONDS)


def threads() -> int:
    """On how many threads torch may compute at once: what it was given, whoever is in `one_thread` at the moment."""
    return _THREADS.usual if _THREADS.inside else torch.get_num_threads()


def shared(work: Callable[..., Result], *parts: Sequence[Any]) -> list[Result]:
    """work(a, b, ...) for each of the parts, which are sequences of equal length, on a thread each -> what they return.

    Where torch is slow, so that its threads are free of Python's lock most of the time: large matrices. Each thread
    computes alone (`one_thread`) and is asked to stop as the one that waits is.
    """
    if len(parts[0]) == 1:
        return [work(*each) for each in zip(*parts, strict=True)]
    with ThreadPoolExecutor(len(parts[0])) as pool:
        running = [pool.submit(copy_context().run, work, *each) for each in zip(*parts, strict=True)]
        return [each.result() for each in running]


class _Turns(threading.local):
    """How deep the calling thread is in `one_thread`."""

    depth = 0


class _Threads:
    """The process's number of threads while some threads want it to be 1.

    `torch.set_num_threads` sets the number of the calling thread, and what threads that use torch later start with. One
    that finds a 1 must not take it for the number to come back to: only the first to come in looks, and whoever leaves
    gets what that one saw.
    """

    def __init__(self) -> None:
        self.lock, self.turns = threading.Lock(), _Turns()
        self.inside, self.usual = 0, 1

    def enter(self) -> None:
        self.turns.depth += 1
        if self.turns.depth > 1:
            return
        with self.lock:
            found = torch.get_num_threads()  # a thread that has never asked would later take what others have set
            if not self.inside:
                self.usual = found
            self.inside += 1
            torch.set_num_threads(1)

    def leave(self) -> None:
        self.turns.depth -= 1
        if self.turns.depth:
            return
        with self.lock:
            self.inside -= 1
            torch.set_num_threads(self.usual)


_THREADS = _Threads()  # as global as the setting that it keeps


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on the calling thread alone: these operations are too small to share.

    Its threads wait by spinning. A second one gains a fifth on an idle machine, and on a busy one they wait for each
    other: a map of four seconds took minutes. May be nested, and entered by several threads at the same time: each
    leaves with the number of threads that there was before the first came in.
    """
    _THREADS.enter()
    try:
        yield
    finally:
        _THREADS.leave()
