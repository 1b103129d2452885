"""Whose turn it is to compute: as many at a time as there are cores, short work before long."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from threading import Condition
from time import monotonic

PORTION = 0.5
"""Seconds after which whoever computes gives way to those who come first."""

PULSE = 0.25
"""Seconds after which whoever waits, for a place or for a result, looks around."""


class Turns:
    """A fixed number of places for those who compute; who is next is decided by arrival plus seconds spent so far.

    So a first chunk of work goes before the refinement of what somebody looks at already, and a long search goes on
    for all that: the longer it has waited, the earlier it comes. More threads than cores would only get in each other's
    way, for Python runs one of them at a time.
    """

    def __init__(self, places: int | None = None) -> None:
        self._free = places or max(2, os.cpu_count() or 1)
        self._news = Condition()
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()

    def enter(self, spent: float, given_up: Callable[[], bool]) -> bool:
        """Seconds spent so far -> whether there is a place now; False if the work was given up before."""
        with self._news:
            ticket = (monotonic() + spent, next(self._numbers))
            self._waiting.append(ticket)
            try:
                while not (self._free and ticket == min(self._waiting)):
                    self._news.wait(PULSE)
                    if given_up():
                        return False
                self._free -= 1
                return True
            finally:
                self._waiting.remove(ticket)
                self._news.notify_all()

    def leave(self) -> None:
        """Free the place."""
        with self._news:
            self._free += 1
            self._news.notify_all()

    def before(self, spent: float) -> bool:
        """Seconds spent so far -> whether somebody waits who comes first, and finds no place."""
        with self._news:
            return not self._free and bool(self._waiting) and min(self._waiting)[0] < monotonic() + spent


class Turn:
    """The turns of one piece of work: enters, gives way when others come first, and counts the seconds it has had."""

    def __init__(self, turns: Turns, given_up: Callable[[], bool]) -> None:
        self._turns, self._given_up = turns, given_up
        self._spent, self._since = 0.0, 0.0
        self._inside = False

    def __enter__(self) -> None:
        self._enter()

    def __exit__(self, *_: object) -> None:
        self._leave()

    def to_stop(self) -> bool:
        """Return whether the work was given up; gives way meanwhile, if its portion is over and others come first."""
        if self._given_up():
            return True
        had = monotonic() - self._since
        if had > PORTION and self._turns.before(self._spent + had):
            self._leave()
            self._enter()
        return self._given_up()

    def _enter(self) -> None:
        self._inside = self._turns.enter(self._spent, self._given_up)
        self._since = monotonic()

    def _leave(self) -> None:
        if self._inside:
            self._spent += monotonic() - self._since
            self._inside = False
            self._turns.leave()
