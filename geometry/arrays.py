"""Numbers of any kind, as people have them, to NumPy arrays. Imports no torch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(given: Any, kinds: str) -> NDArray[Any] | None:
    """Anything -> the array it is, or None unless its numbers are of these kinds of dtype: no text, no bool.

    A tensor may be on any device and need gradients. `kinds` are those of `numpy.dtype.kind`.
    """
    try:
        plain = given.detach().resolve_conj().cpu() if hasattr(given, "detach") else given
        array = np.asarray(plain)
    except (AttributeError, TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return array if array.dtype.kind in kinds else None


def real_numbers(given: Any, name: str) -> NDArray[np.float64]:
    """Real numbers of any shape and kind -> float64 of the same shape; ValueError unless they are finite."""
    array = numbers(given, "iuf")
    if array is None or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite real numbers, not {given!r}")
    return array.astype(np.float64)


def complex_numbers(given: Any, name: str) -> NDArray[np.complex128]:
    """Numbers of any shape and kind -> complex128 of the same shape, which may hold nan and inf; ValueError if none."""
    array = numbers(given, "iufc")
    if array is None:
        raise ValueError(f"{name} must be real or complex numbers, not {given!r}")
    return array.astype(np.complex128)
