"""Checks of arguments that every layer shares; imports no torch."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite
from operator import index
from typing import TypeVar

T = TypeVar("T")


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


def whole_numbers(values: object, name: str, lowest: int, highest: int | None = None) -> tuple[int, ...]:
    """Any object -> the ints that it holds; ValueError unless it is some whole numbers from `lowest` to `highest`.

    >>> whole_numbers([2, 3], "factors", 2)
    (2, 3)
    """
    wanted = f"{name} must be a sequence of whole numbers, not {values!r}"
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise ValueError(wanted)
    try:
        values = list(values)
    except TypeError:  # an array without axes says that it can be iterated over
        raise ValueError(wanted) from None
    return tuple(whole_number(value, name, lowest, highest) for value in values)


def odd_number(value: object, name: str, lowest: int, highest: int) -> int:
    """Any object -> the number of cells in a direction that it is; ValueError unless odd, from `lowest` to `highest`.

    >>> odd_number(101, "the resolution", 5, 1001)
    101
    """
    number = whole_number(value, name, lowest, highest)
    if number % 2 == 0:
        raise ValueError(f"{name} must be odd, so that the middle is the centre of a cell, not {number}")
    return number


def real_number(
    value: object, name: str, lowest: float = -inf, highest: float = inf, *, strictly: bool = False
) -> float:
    """Any object -> the float it is; ValueError unless it is a finite number from `lowest` to `highest` (no bool).

    `strictly` leaves the bounds themselves out.

    >>> real_number(2, "extent", 0)
    2.0
    >>> real_number(float("nan"), "extent", 0)
    Traceback (most recent call last):
        ...
    ValueError: extent must be a number from 0 to inf, not nan
    """
    between = "strictly between {:g} and {:g}" if strictly else "from {:g} to {:g}"
    wanted = f"{name} must be a number {between.format(lowest, highest)}, not {value!r}"
    if isinstance(value, bool | str | bytes | complex) or getattr(value, "shape", ()) != ():
        raise ValueError(wanted)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ValueError(wanted) from None
    inside = lowest < number < highest if strictly else lowest <= number <= highest
    if not isfinite(number) or not inside or str(getattr(value, "dtype", "")).endswith("bool"):
        raise ValueError(wanted)
    return number


def instance(value: T, kind: type, name: str) -> T:
    """Any object -> itself, or ValueError unless it is of this kind.

    >>> instance("go-mHC", int, "the number")
    Traceback (most recent call last):
        ...
    ValueError: the number must be of type int, not str: 'go-mHC'
    """
    if not isinstance(value, kind):
        shown = repr(value)
        shown = shown if len(shown) <= 100 else f"{shown[:97]}..."
        raise ValueError(f"{name} must be of type {kind.__name__}, not {type(value).__name__}: {shown}")
    return value


def one_of(value: T, options: tuple[object, ...], name: str) -> T:
    """Any object -> itself, or ValueError unless it is one of these words.

    >>> one_of("edge", ("initial", "edges"), "measure")
    Traceback (most recent call last):
        ...
    ValueError: measure must be one of initial, edges, not 'edge'
    """
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(str, options))}, not {value!r}")
    return value
