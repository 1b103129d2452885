"""A word to a search that it is to stop, wherever on its way it is: for its deadline, or because nobody waits for it.

Without torch, so that who only waits need not load it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ASKED: ContextVar[Callable[[], bool] | None] = ContextVar("asked to stop", default=None)


class Stopped(Exception):  # noqa: N818 - like StopIteration, it is no error
    """What could not end early with less than was asked for was asked to stop."""


def to_stop() -> bool:
    """Return whether the search that asks is to stop. To be asked where there is more to do, between two steps."""
    asked = _ASKED.get()
    return asked is not None and asked()


def stop_if_asked(what: str) -> None:
    """Raise `Stopped` if what is not complete yet, "the sample", is to stop."""
    if to_stop():
        raise Stopped(f"{what} is not complete: it was asked to stop")


@contextmanager
def stopping(when: Callable[[], bool]) -> Iterator[None]:
    """Let searches of this thread stop at their next step once `when()` holds, as if their time was up.

    Searches within, at any depth, ask it often: it should take no longer than looking at a clock. They return what they
    have then; `geometry.sampling.sample`, which owes a number of matrices, raises `Stopped`. Not to be entered by a
    generator that yields inside: it would stop whoever iterates, too.

    >>> from geometry.reach import solve
    >>> from projectors import Orthostochastic
    >>> with stopping(lambda: True):
    ...     solve(Orthostochastic(n=3, s=1), [0.2 + 0.3j]).ended
    (<Ended.OUT_OF_TIME: 'out of time'>,)
    """
    outer = _ASKED.get()
    token = _ASKED.set(lambda: (outer is not None and outer()) or when())
    try:
        yield
    finally:
        _ASKED.reset(token)
