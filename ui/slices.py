"""Projections, slices and nearest matrices as the pages need them: streamed while they run, kept when they are done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ui.store import kept, streamed

if TYPE_CHECKING:
    from geometry.slices import Projection, SliceMap, View
    from projectors import Projector

BINS = 201
WRITTEN = 6
"""Largest n at which a cell's matrix is written into its label."""

MOST_CELLS = {8: 101, 12: 51, 16: 31}
"""Cells a side of a slice, by the largest n they are used for."""


def resolution(projector: Projector) -> int | None:
    """projector -> cells a side of its slice, or None where a search would take too long."""
    if projector.flops > 200_000 and projector.n > 3:
        return None
    return next((cells for n, cells in MOST_CELLS.items() if projector.n <= n), None)


def identity(view: View) -> tuple[object, ...]:
    """View -> what tells it from every other: it is no hashable value itself."""
    return (view.name, view.permutations, view.directions.numpy().tobytes())


def told(view: View, centres: NDArray[np.float64]) -> NDArray[np.str_]:
    """View, centres (bins,) -> the section's matrix at each cell (bins, bins) in words; "" where there is none."""
    import torch

    words = np.full((len(centres), len(centres)), "", dtype=object)
    if view.n > WRITTEN:
        return words
    x = torch.from_numpy(centres)
    points = torch.stack([x.expand(len(x), -1), x[:, None].expand(-1, len(x))], -1)
    inside = view.holds(points).numpy()
    for (row, column), matrix in zip(np.argwhere(inside), view.embed(points[torch.from_numpy(inside)]), strict=True):
        words[row, column] = "".join("<br>" + " ".join(f"{entry:.2f}" for entry in line) for line in matrix.tolist())
    return words


def projections(
    projector: Projector, view: View, count: int, measure: str, seed: int, bins: int = BINS
) -> Iterator[Projection]:
    """projector, view -> projections of ever more matrices, the last of all `count`."""
    from geometry.slices import projection

    return streamed(
        ("projection", projector, identity(view), count, measure, seed, bins),
        lambda: projection(projector, view, count, measure, seed, bins=bins),  # type: ignore[arg-type]
        lambda part: part.matrices == count,
    )


def slices(projector: Projector, view: View, cells: int, seed: int, patience: float) -> Iterator[SliceMap]:
    """projector, view, seconds -> ever more complete slices; the last is not finished if the time was up."""
    from geometry.slices import slice_maps

    begun = perf_counter()

    def over(part: SliceMap) -> bool:
        return part.finished or perf_counter() - begun > patience

    key = ("slice", projector, identity(view), cells, seed, patience)
    for part in streamed(key, lambda: slice_maps(projector, view, cells, seed), over):
        yield part
        if over(part):
            return


@dataclass(frozen=True, eq=False)
class Closest:
    """The matrix (n, n) of a section at a chosen point, and a method's nearest: theta, distance, shadow, spectrum."""

    wanted: NDArray[np.float64]
    matrix: NDArray[np.float64]
    theta: NDArray[np.float64]
    distance: float
    landed: NDArray[np.float64]
    spectrum: NDArray[np.complex128]
    member: bool


def closest(projector: Projector, view: View, x: float, y: float, seed: int) -> Closest | None:
    """projector, view, point -> its nearest matrix, or None where the section has no doubly stochastic matrix there."""
    return kept(("closest", projector, identity(view), x, y, seed), lambda: _closest(projector, view, x, y, seed))


def _closest(projector: Projector, view: View, x: float, y: float, seed: int) -> Closest | None:
    import torch

    from geometry.distances import nearest
    from geometry.spectra import eigenvalues

    point = torch.tensor([[x, y]], dtype=torch.float64)
    if not bool(view.holds(point, 1e-9)):
        return None
    wanted = view.embed(point).clamp_min(0)
    found = nearest(projector, wanted, seed, starts=12)
    return Closest(
        wanted[0].numpy(),
        found.matrix[0].numpy(),
        found.theta[0].numpy(),
        float(found.distance[0]),
        view.project(found.matrix)[0].numpy(),
        np.asarray(eigenvalues(found.matrix)[0].numpy()),
        bool(found.member[0]),
    )
