"""Finished results, kept for all visitors within a bound of memory; those under way, made once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeVar

import streamlit as st
from cachetools import LRUCache

from ui.work.flight import Flight, Waiting
from ui.work.turns import Turns
from ui.work.weight import weight

T = TypeVar("T")

MOST_BYTES = 2**29
"""Bytes of finished results that are kept, the least recently used going first."""

MISSING = object()
"""What is kept under a key that has nothing: None is a result like any other."""


class Store:
    """Finished results by key, and at most one computation under way for each key.

    Streamlit's own cache cannot fill up step by step, and it would take Orthostochastic(4, 2) and Unistochastic(4, 2)
    for equal: it hashes a dataclass by its fields.

    Python collects garbage on any thread, in the middle of anything, and visits and watchers that end there come here:
    perhaps on the thread that holds the lock. So they never wait for it, but leave what is due to whoever holds it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._results: LRUCache[Hashable, Any] = LRUCache(most_bytes, getsizeof=weight)
        self._flights: dict[Hashable, Flight[Any]] = {}
        self._lock, self._turns = Lock(), Turns()
        self._due: SimpleQueue[Callable[[], None]] = SimpleQueue()  # which may be put into while it is put into

    def get(self, key: Hashable) -> Any:
        """Key -> its finished result, or MISSING."""
        with self._alone():
            return self._results.get(key, MISSING)

    def parts(
        self, key: Hashable, make: Callable[[], Iterator[T]], finished: Callable[[T], bool]
    ) -> Generator[T | Waiting, None, None]:
        """Key, maker of ever better results -> those results as they come, STILL while there is nothing new.

        At once the finished one if it is known. Who asks for what somebody else is waiting for joins them; when the
        last one leaves, by closing this iterator, the work is given up. A maker must not ask the store itself: it would
        wait for a place to compute while it holds one.
        """
        with self._alone():
            done = self._results.get(key, MISSING)
            if done is MISSING:
                flight = self._joined(key, make, finished)
        if done is not MISSING:
            yield done
            return
        try:
            yield from flight.watch()
        finally:
            self._soon(partial(self._left, key, flight))

    def _joined(self, key: Hashable, make: Callable[[], Iterator[T]], finished: Callable[[T], bool]) -> Flight[T]:
        """The computation under way for a key, begun if there is none, with one watcher more."""
        if (flight := self._flights.get(key)) is not None:
            flight.watchers += 1
            return flight

        def landed(done: list[T]) -> None:
            with self._alone():
                self._forget(key, begun)
                if done:
                    with suppress(ValueError):  # larger than all that may be kept
                        self._results[key] = done[0]

        begun = self._flights[key] = Flight(make, finished, landed, self._turns)
        begun.watchers = 1
        begun.start()
        return begun

    def forget(self, wanted: Callable[[Hashable], bool]) -> None:
        """Drop the finished results whose keys are wanted gone, now or when the store is free. May be a finalizer."""
        self._soon(partial(self._drop, wanted))

    def _drop(self, wanted: Callable[[Hashable], bool]) -> None:
        for key in [key for key in self._results if wanted(key)]:
            del self._results[key]

    def _left(self, key: Hashable, flight: Flight[Any]) -> None:
        flight.watchers -= 1
        if not flight.watchers:
            self._forget(key, flight)

    def _forget(self, key: Hashable, flight: Flight[Any]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            yield
        self._catch_up()

    def _soon(self, due: Callable[[], None]) -> None:
        """Let this be done under the lock: now, or by who holds it, who looks after having let go of it."""
        self._due.put(due)
        self._catch_up()

    def _catch_up(self) -> None:
        while not self._due.empty() and self._lock.acquire(blocking=False):
            try:
                while not self._due.empty():
                    self._due.get()()
            finally:
                self._lock.release()


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store of this server."""
    return Store()


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """Key, maker of its result -> the result, made once for everybody; for work of a fraction of a second."""
    with closing(store().parts(key, lambda: iter([make()]), lambda _: True)) as parts:
        *_, result = parts
    assert not isinstance(result, Waiting)
    return result


def is_kept(key: Hashable) -> bool:
    """Key -> whether its finished result is known."""
    return store().get(key) is not MISSING
