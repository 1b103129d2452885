"""Text from a link -> a value within bounds, or a ValueError that says what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Value = int | float | str


def whole(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    """Name and bounds -> the parser of a whole number; groups of digits may be set apart by , or _."""

    def parse(text: str) -> int:
        digits = text.replace(",", "").replace("_", "").strip()
        plain = digits.removeprefix("-") if lowest < 0 else digits
        number = int(digits) if plain.isascii() and plain.isdigit() and len(digits) <= 12 else None
        if number is None or not lowest <= number <= highest:
            raise ValueError(f"{name} must be a whole number from {lowest:,} to {highest:,}")
        return number

    return parse


def one_of(name: str, options: Sequence[Value] | Callable[[], Sequence[Value]]) -> Callable[[str], Value]:
    """Name and options, or who knows them when asked -> the parser that takes nothing else."""

    def parse(text: str) -> Value:
        known = options() if callable(options) else options
        for option in known:
            if str(option) == text.replace(",", "") or str(option) == text:
                return option
        raise ValueError(f"{name} must be one of {', '.join(str(option) for option in known)}")

    return parse


def number(name: str, lowest: float, highest: float) -> Callable[[str], float]:
    """Name and bounds -> the parser of a real number."""

    def parse(text: str) -> float:
        try:
            number = float(text) if len(text) <= 24 else float("nan")
        except ValueError:
            number = float("nan")
        if not lowest <= number <= highest:
            raise ValueError(f"{name} must be a number from {lowest:g} to {highest:g}")
        return number

    return parse


def short(text: str) -> str:
    """Text of at most 60 letters -> itself."""
    if len(text) > 60:
        raise ValueError("a name must be at most 60 letters long")
    return text
