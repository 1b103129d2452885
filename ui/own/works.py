"""What is computed of a collection: measures of all sites, and the nearest matrices of every method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.work import Work

if TYPE_CHECKING:
    from inspector import Converted, Depth, Measures
    from projectors import Projector
    from ui.own.visit import Held

CHUNK = 64 * 4**3
"""Matrices measured at a time, times n^3: a fraction of a second."""

NANOSECONDS = 300
"""Measuring one matrix takes about so many times n^3, and never less than 100 microseconds."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Measures of the sites of one n, in their order, as far as they came; `stacks` when all are there."""

    measures: Measures
    done: int
    total: int
    stacks: dict[str, Depth]


def measuring(held: Held, n: int) -> Work[Measured]:
    """Collection, n -> the measures of its sites with so many streams; of dynamic ones those of the mean."""

    def make() -> Iterator[Measured]:
        from inspector import measures, stacks
        from inspector.measuring import Measures

        matrices = held.collection.matrices(n)
        step, parts = max(1, CHUNK // n**3), []
        for begin in range(0, len(matrices), step):
            parts.append(measures(matrices[begin : begin + step]))
            joined = Measures.joined(parts)
            done = len(joined.row_error)
            final = stacks(held.collection, n) if done == len(matrices) else {}
            yield Measured(joined, done, len(matrices), final)

    count = len(held.collection.of_size(n))
    return Work(
        key=(*held.key, "measures", n),
        make=make,
        finished=lambda found: found.done == found.total,
        share=lambda found: found.done / found.total,
        told=lambda found: f"{found.done:,} of {found.total:,} sites",
        seconds=count * max(1e-4, NANOSECONDS * 1e-9 * n**3),
    )


def search_seconds(projector: Projector) -> float:
    """projector -> about how long it takes to find its matrix nearest to a given one; next to nothing by a formula."""
    from geometry.distances.preimages import preimage

    if preimage.dispatch(type(projector)) is not preimage.dispatch(object):
        return 1e-3
    return 0.02 * max(1.0, projector.parameter_count / 100) * (1 + projector.calls / 3)


def converting(held: Held, projector: Projector, numbers: tuple[int, ...]) -> Work[Converted]:
    """Collection, projector, numbers of sites of its n -> the nearest matrices to each of them."""

    def make() -> Iterator[Converted]:
        from inspector import convert

        yield convert(held.collection.matrices(projector.n)[list(numbers)], projector)

    return Work(
        key=(*held.key, "converted", projector, numbers),
        make=make,
        finished=lambda found: True,
        share=lambda found: 1.0,
        told=lambda found: "done",
        seconds=len(numbers) * search_seconds(projector),
    )
