"""Searches that answer by their deadline with what they have, and go on if there is more to be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Protocol, TypeVar

from ui.work import limits


class Answer(Protocol):
    """What a search found, and why it ended, in the words of `geometry.effort.Ended`."""

    @property
    def ended(self) -> str:
        """Why the search ended."""
        ...


A = TypeVar("A", bound=Answer | None)


def complete(found: Answer | None) -> bool:
    """Whether a search came to its end: None says that there was nothing to search."""
    return found is None or found.ended != "out of time"


def in_time(search: Callable[[float], A]) -> Iterator[A]:
    """A search that takes the seconds it may spend -> what it finds by its deadline and, if that is not all, all."""
    found = search(0.9 * limits.SHORT)
    yield found
    if not complete(found):
        yield search(inf)
