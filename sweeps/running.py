"""Compute what a plan asks for and its store lacks, on a cluster of Dask's."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeps.plan import Plan
from sweeps.quantities import QUANTITIES
from sweeps.store import Store
from sweeps.tasks import Task

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 60.0
"""Seconds that a scheduler may be away before the run gives up."""

LOOK = 2.0
"""Seconds between two looks at what another run is computing."""

AHEAD = 3
"""How many tasks a run takes for each thread of its workers."""

LOST = "lost"

ROUNDS = 5
"""How often tasks that are lost with a scheduler are given out again, without one of them coming back."""


@dataclass(frozen=True)
class Outcome:
    """What a run did: tasks computed by it, found done (here or by other runs), and failed, with why."""

    computed: tuple[Task, ...]
    found: tuple[Task, ...]
    failed: tuple[tuple[Task, str], ...]


def work(task: Task, url: str, device: str = "cpu") -> str:
    """Compute a task and keep its result in the store at this URL -> its key. What a worker does."""
    import torch

    torch.set_num_threads(1)
    store = Store(url)
    if store.has(task.key):
        return task.key
    begun = time.perf_counter()
    numbers, arrays = QUANTITIES[task.quantity].compute(task, device)
    store.write(task, numbers, arrays, time.perf_counter() - begun)
    return task.key


@contextmanager
def cluster(workers: int = 1, scheduler: str | None = None, *, memory: float = 0) -> Iterator[Client]:
    """A client of the scheduler at this address, or of so many processes of this machine's own.

    These share its memory evenly, and are fewer where each would have less than `memory` bytes, as `Plan.memory` says;
    one that takes more than its share is stopped and started again, and its task tried elsewhere. Raises ValueError
    where Dask is missing or nobody answers.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ValueError("sweeps need Dask: pip install distributed") from error
    if scheduler is not None:
        try:
            with Client(scheduler, timeout=PATIENCE) as client:
                yield client
        except (TimeoutError, OSError) as error:
            raise ValueError(f"no scheduler answers at {scheduler}") from error
        return
    from distributed.system import MEMORY_LIMIT

    workers = max(1, min(workers, int(MEMORY_LIMIT // memory) if memory else workers))
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as local,
        Client(local) as client,
    ):
        yield client


def done(plan: Plan, store: Store) -> set[str]:
    """Plan, store -> the keys of those of its tasks that have a result that can be read."""
    there = store.keys()
    return {task.key for task in plan.tasks if task.key in there and store.read(task.key) is not None}


def run(
    plan: Plan,
    store: Store,
    client: Client,
    *,
    retries: int = 2,
    device: str = "cpu",
    told: Callable[[Task, str], object] = lambda task, how: None,
    there: set[str] | None = None,
) -> Outcome:
    """Plan, store, client of a cluster -> what became of its tasks, those that take the shortest first.

    Every worker writes its result into the store itself: whatever dies, what is there stays, and another run goes on
    from it. A task that raises is tried `retries` times again. Two runs of one store share its tasks. `told` is called
    with each task and "computed", "found", or why it failed. `there` is what `done` has said, if it was asked before.
    """
    store.create()
    store.tidy()
    there = done(plan, store) if there is None else there
    ended: dict[Task, str] = {}

    def end(task: Task, how: str) -> None:
        ended[task] = how
        told(task, how)

    for task in plan.tasks:
        if task.key in there:
            end(task, "found")
    with store.running() as name:
        lost = 0
        while left := [task for task in plan.tasks if task not in ended]:
            before = len(ended)
            outstanding = 0
            for task, how in _given_out(left, store, client, name, retries, device):
                if how == LOST:
                    outstanding += 1
                    continue
                store.release(task.key)
                end(task, how)
            lost = 0 if len(ended) > before else lost + bool(outstanding)
            if lost > ROUNDS or (outstanding and not _answers(client)):
                raise ValueError(
                    f"the cluster lost {outstanding} tasks and gives no sign; what is done is in the store, and "
                    "another run goes on from it"
                )
            if not outstanding and len(ended) < len(plan.tasks):
                time.sleep(LOOK)  # all that is left is another run's
    return Outcome(
        tuple(task for task, how in ended.items() if how == "computed"),
        tuple(task for task, how in ended.items() if how == "found"),
        tuple((task, how) for task, how in ended.items() if how not in ("computed", "found")),
    )


def _given_out(
    tasks: list[Task], store: Store, client: Client, name: str, retries: int, device: str
) -> Iterator[tuple[Task, str]]:
    """Tasks -> each that this run has, and how it ended, "found" where another run was faster, or `LOST`.

    A run takes no more than its workers have to do for a while, so that others find some to take. Where a task is lost
    with its scheduler, nothing more is given out.
    """
    from distributed import as_completed

    if not _answers(client):
        yield tasks[0], LOST
        return
    most = AHEAD * max(1, sum(client.ncores().values()))
    waiting, running = deque(enumerate(tasks)), as_completed()
    by_future: dict[Any, Task] = {}
    while waiting or by_future:
        while waiting and len(by_future) < most:
            rank, task = waiting.popleft()
            if store.read(task.key) is not None:
                yield task, "found"
            elif store.claim(task.key, name):
                if store.read(task.key) is not None:  # another run finished it, and let go, between the two questions
                    store.release(task.key)
                    yield task, "found"
                    continue
                store.remove(task.key)  # a disk's fault, or a hand's; nobody else writes it while it is claimed
                future = client.submit(
                    *(work, task, store.url, device),
                    key=f"{task.key}-{time.time_ns()}",
                    retries=retries,
                    priority=-rank,
                    pure=False,
                )
                by_future[future] = task
                running.add(future)
        if not by_future:
            return
        future = next(running)
        task = by_future.pop(future)
        try:
            error = future.exception()
        except (CancelledError, OSError) as gone:
            error = gone
        if isinstance(error, CancelledError) or future.cancelled():
            waiting.clear()
            yield task, LOST
        elif error is None:
            yield task, "computed"
        else:
            sentence = f"{type(error).__name__}: {error}"
            with suppress(OSError):  # a full disk has no room for it either
                store.fail(task, sentence)
            yield task, sentence


def _answers(client: Client) -> bool:
    """Whether the scheduler is there, within a minute: it may be starting again."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError, TimeoutError, AttributeError, ValueError):
            client.ncores()
            if client.status == "running":
                return True
        time.sleep(0.2)
    return False
