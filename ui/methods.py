"""Which methods stand side by side on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projectors import Projector

MOST_PARAMETERS = 6000
"""Beyond so many, a method is left out where each of several is searched or differentiated."""


def contenders(n: int, s: int) -> dict[str, Projector]:
    """n, s -> the paper's methods at this n, with go-mHC at ranks 1, 2 and s, by their names on the page."""
    from projectors import ranked

    return ranked(n, ranks(s))


def small_contenders(n: int, s: int) -> dict[str, Projector]:
    """n, s -> those of the contenders that have not too many parameters."""
    return {name: each for name, each in contenders(n, s).items() if each.parameter_count <= MOST_PARAMETERS}


def ranks(s: int) -> list[int]:
    """s -> the ranks of go-mHC that stand beside each other."""
    return sorted({1, 2, s})
