"""How much memory a result really holds: of a view of an array, all that the view keeps alive."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np


def weight(result: object) -> int:
    """Result -> about how many bytes its arrays, tensors, texts and containers hold; shared ones count once."""
    seen: set[int] = set()
    waiting, total = [result], 0
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        held, parts = _held(part, seen)
        total += held
        waiting += parts
    return total


def _held(part: Any, seen: set[int]) -> tuple[int, list[object]]:
    """One object -> the bytes it holds itself, and what else it refers to."""
    if isinstance(part, np.ndarray):
        if isinstance(part.base, np.ndarray) or hasattr(part.base, "untyped_storage"):
            return 0, [part.base]
        return max(part.nbytes, 1), []
    if hasattr(part, "untyped_storage"):  # a tensor, without importing torch
        storage = part.untyped_storage()
        if storage.data_ptr() in seen:
            return 0, []
        seen.add(storage.data_ptr())
        return int(storage.nbytes()), []
    if isinstance(part, str | bytes):
        return len(part), []
    if isinstance(part, Mapping):
        return sys.getsizeof(part), [*part.keys(), *part.values()]
    if isinstance(part, tuple | list | set | frozenset):
        return sys.getsizeof(part), [*part]
    if hasattr(part, "__dict__") and not isinstance(part, type) and not callable(part):
        return sys.getsizeof(part), [*vars(part).values()]
    return sys.getsizeof(part), []
