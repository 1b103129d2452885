"""Results that come in parts, each more complete than the one before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TypeVar

Part = TypeVar("Part")


def last(parts: Iterable[Part]) -> Part:
    """Parts of a result, at least one -> the last, which is the whole, with no more than two in memory at a time.

    `*_, whole = parts` would keep them all: thousands of a survey of large matrices, a third of a megabyte each.

    >>> from geometry.survey import survey
    >>> from projectors import Orthostochastic
    >>> last(survey(Orthostochastic(n=3), 5000)).matrices
    5000
    """
    return deque(parts, maxlen=1).pop()
