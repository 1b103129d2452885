"""Checks of arguments that every layer shares; imports nothing."""

from __future__ import annotations

from operator import index


def whole_number(value: object, name: str, lowest: int, highest: int | None = None) -> int:
    """Any object -> the int it is; ValueError unless it is a whole number from `lowest` to `highest` (no bool).

    >>> whole_number(4, "n", 2, 64)
    4
    >>> whole_number(4.5, "n", 2, 64)
    Traceback (most recent call last):
        ...
    ValueError: n must be a whole number from 2 to 64, not 4.5
    """
    upper = f"from {lowest} to {highest}" if highest is not None else f"of at least {lowest}"
    wanted = f"{name} must be a whole number {upper}, not {value!r}"
    if not hasattr(value, "__index__"):
        raise ValueError(wanted)
    try:
        number = index(value)
    except TypeError:
        raise ValueError(wanted) from None
    plain = value.item() if hasattr(value, "item") else value  # a tensor of bool is an index, too
    if isinstance(plain, bool) or number < lowest or (highest is not None and number > highest):
        raise ValueError(wanted)
    return number
