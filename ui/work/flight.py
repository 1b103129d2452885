"""One computation on a thread of its own, watched by everybody who asked for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from threading import Condition, Thread
from typing import Generic, TypeVar

from geometry.stopping import stopping
from ui.work.turns import PULSE, Turn, Turns

T = TypeVar("T")


class Waiting(Enum):
    """What a watcher gets while there is nothing new: no result, for None may be one."""

    STILL = "still waiting"


class Flight(Generic[T]):
    """Runs a maker of ever better results, in its turns, until one is finished or nobody watches any more.

    The thread touches no page: a watcher takes what is new whenever it looks, and whoever leaves holds up nobody.
    """

    def __init__(
        self,
        make: Callable[[], Iterator[T]],
        finished: Callable[[T], bool],
        landed: Callable[[list[T]], None],
        turns: Turns,
    ) -> None:
        self.watchers = 0
        self._make, self._finished, self._landed, self._turns = make, finished, landed, turns
        self._news = Condition()
        self._count, self._over = 0, False
        self._latest: T | None = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin, on a thread that ends with the process."""
        Thread(target=self._fly, daemon=True, name="work").start()

    def watch(self) -> Iterator[T | Waiting]:
        """Yield the latest result whenever there is a newer one, and STILL after every pulse without; raise its error.

        Ends after the last result.
        """
        seen = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._count > seen or self._over, PULSE)  # noqa: B023
                fresh, part = self._count > seen, self._latest
                seen, over, error = self._count, self._over, self._error
            if error is not None:
                raise error
            if fresh:
                yield part  # type: ignore[misc]
            elif over:
                return
            else:
                yield Waiting.STILL

    def _fly(self) -> None:
        done: list[T] = []
        turn = Turn(self._turns, lambda: not self.watchers)
        try:
            with stopping(turn.to_stop):
                for part in taken_in_turn(iter(self._make()), turn):
                    if not self.watchers:
                        break  # what was stopped on its way looks finished, and is not
                    if self._finished(part):
                        done = [part]
                        self._landed(done)  # first: whoever sees the result finds it kept
                    with self._news:
                        self._count, self._latest = self._count + 1, part
                        self._news.notify_all()
                    if done:
                        break
        except BaseException as error:  # whatever it was belongs to those who asked
            self._error = error
        if not done:
            self._landed(done)
        with self._news:
            self._over = True
            self._news.notify_all()


def taken_in_turn(parts: Iterator[T], turn: Turn) -> Iterator[T]:
    """Parts -> the same, each made in a turn of its own."""
    while True:
        with turn:
            if turn.to_stop():
                return
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part
