"""A piece of long work as a value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Work(Generic[T]):
    """Ever better results under a key, and what to say of them meanwhile.

    `key` holds everything that the finished result depends on, and nothing else. `share` says how much of a result is
    done, 0 to 1, and `told` in words how far it is. `seconds` is what the work takes, about; `patience` says how many
    of the usual deadlines it may go on before it is cut off, until the reader asks for more. Work that is not
    `unasked` waits for the reader, however short it is.
    """

    key: Hashable
    make: Callable[[], Iterator[T]]
    finished: Callable[[T], bool]
    share: Callable[[T], float]
    told: Callable[[T], str]
    seconds: float = 0.0
    patience: float = inf
    unasked: bool = True
