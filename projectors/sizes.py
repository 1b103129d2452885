"""Which sizes n methods exist at: how many permutations there may be, and how n factors. Imports no torch."""

from __future__ import annotations

from projectors.checks import whole_number

LARGEST_SIZE = 4096
"""The largest matrix, average, and rotation behind a matrix: beyond, one would only wait, or run out of memory."""

LARGEST_PERMUTATION_SIZE = 8
"""n! = 40,320 weights at n = 8; 362,880 at n = 9 is where the method stops being one."""


def factorizations(n: int, most: int = LARGEST_PERMUTATION_SIZE) -> list[tuple[int, ...]]:
    """n -> every way to write it as a product of at least two factors from 2 to `most`, smallest factors first.

    >>> factorizations(12)
    [(2, 2, 3), (2, 6), (3, 4)]
    """

    def descend(rest: int, least: int) -> list[tuple[int, ...]]:
        whole = [(rest,)] if least <= rest <= most else []
        smaller = [size for size in range(least, most + 1) if rest % size == 0 and rest // size >= size]
        return [(size, *others) for size in smaller for others in descend(rest // size, size)] + whole

    return [sizes for sizes in descend(whole_number(n, "n", 1), 2) if len(sizes) > 1]
