"""Results that arrive in parts: streamed while they are made, kept for everybody when they are done."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import is_dataclass
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar, cast

import streamlit as st

T = TypeVar("T")
KEPT, MOST_BYTES = 64, 2**29
"""Finished results kept for all visitors, most of them about 0.3 MB; a training run may take a hundred."""


def weight(result: object) -> int:
    """Result -> about how many bytes its arrays, tensors and texts take."""
    if isinstance(result, str):
        return len(result)
    if isinstance(result, Mapping):
        return sum(map(weight, result.values()))
    if isinstance(result, tuple | list):
        return sum(map(weight, result))
    if is_dataclass(result):
        return sum(map(weight, vars(result).values()))
    return int(getattr(result, "nbytes", 0))


class _Store:
    """A bounded store of finished results, shared by all sessions. Streamlit's own cache cannot fill up step by step,
    and it would take Orthostochastic(4, 2) and Unistochastic(4, 2) for equal: it hashes a dataclass by its fields.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._weights: dict[Hashable, int] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def put(self, key: Hashable, result: Any) -> None:
        with self._lock:
            self._results[key], self._weights[key] = result, weight(result)
            self._results.move_to_end(key)
            while len(self._results) > KEPT or (len(self._results) > 1 and sum(self._weights.values()) > MOST_BYTES):
                oldest, _ = self._results.popitem(last=False)
                del self._weights[oldest]


@st.cache_resource(show_spinner=False)
def _store() -> _Store:
    return _Store()


def streamed(key: Hashable, make: Callable[[], Iterator[T]], finished: Callable[[T], bool]) -> Iterator[T]:
    """Key of a recipe, maker of ever better results -> those results, or at once the finished one if it is known."""
    done = _store().get(key)
    if done is not None:
        yield done
        return
    for part in make():
        if finished(part):
            _store().put(key, part)
        yield part


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """Key of a recipe, maker of its result -> the result, made once."""
    done = _store().get(key)
    if done is None:
        done = make()
        _store().put(key, done)
    return cast("T", done)


def is_kept(key: Hashable) -> bool:
    """Key of a recipe -> whether its finished result is known."""
    return _store().get(key) is not None


class Paced:
    """Says when it is time to draw again: at once, then after longer pauses, because a redraw costs a blink."""

    def __init__(self, pause: float = 0.7, longest: float = 5.0) -> None:
        self._pause, self._longest = pause, longest
        self._next = 0.0

    def due(self) -> bool:
        """Return whether to draw now."""
        now = perf_counter()
        if now < self._next:
            return False
        self._next = now + self._pause
        self._pause = min(2 * self._pause, self._longest)
        return True
