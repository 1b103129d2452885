"""Projections, slices, clouds and nearest matrices as long work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ui.work import Work, complete, in_time

if TYPE_CHECKING:
    from geometry.grid import Window
    from geometry.slices import Cloud, Projection, SliceMap, View
    from projectors import Projector

BINS = 201
STARTS = 12
"""From how many random matrices the nearest one to a chosen point is sought."""

MOST_CELLS = {8: 101, 12: 51, 16: 31}
"""Cells a side of a slice, by the largest n they are used for."""

MISSING_CELLS, MISSING_POINTS = "more cells may belong", "distances may be smaller"


def resolution(projector: Projector) -> int | None:
    """projector -> cells a side of its slice, or None where a search would take too long."""
    if projector.flops > 200_000 and projector.n > 3:
        return None
    return next((cells for n, cells in MOST_CELLS.items() if projector.n <= n), None)


def projection_work(
    projector: Projector,
    view: View,
    count: int,
    measure: str,
    seed: int,
    bins: int = BINS,
    window: Window | None = None,
) -> Work[Projection]:
    """projector, view -> projections of ever more matrices, the last of all `count`."""
    from geometry.grid import WHOLE
    from geometry.sampling import sampling_seconds
    from geometry.slices import projection

    window = window or WHOLE
    return Work(
        key=("projection", projector, view, count, measure, seed, bins, window),
        make=partial(projection, projector, view, count, measure, seed, bins=bins, window=window),  # type: ignore[arg-type]
        finished=lambda part: part.matrices == count,
        share=lambda part: part.matrices / count,
        told=lambda part: f"{part.matrices:,} of {count:,} matrices",
        seconds=sampling_seconds(projector, count, measure),  # type: ignore[arg-type]
    )


def slice_work(
    projector: Projector, view: View, cells: int, seed: int, patience: float = 1.0, window: Window | None = None
) -> Work[SliceMap]:
    """projector, view, cells a side -> ever more complete slices."""
    from geometry.grid import WHOLE
    from geometry.slices import slice_maps

    window = window or WHOLE
    return Work(
        key=("slice", projector, view, cells, seed, window),
        make=partial(slice_maps, projector, view, cells, seed, window=window),
        finished=lambda part: part.finished,
        share=lambda part: float(np.isfinite(part.distance[part.inside]).mean()) if part.inside.any() else 1.0,
        told=lambda part: f"{int(part.member.sum()):,} cells of the slice certified",
        patience=patience,
    )


def cloud_work(projector: Projector, view: View, count: int, measure: str, seed: int) -> Work[Cloud]:
    """projector, a view in space -> the shadows of a sample with their depths."""
    from geometry.sampling import sampling_seconds
    from geometry.slices import space_sample

    return Work(
        key=("cloud", projector, view, count, measure, seed),
        make=lambda: map(partial(space_sample, projector, view, count, measure), [seed]),  # type: ignore[arg-type]
        finished=lambda _: True,
        share=lambda _: 1.0,
        told=lambda part: f"{len(part.points):,} matrices",
        seconds=sampling_seconds(projector, count, measure),  # type: ignore[arg-type]
    )


def space_work(projector: Projector, view: View, seed: int) -> Work[Cloud]:
    """projector, a view in space -> a grid of its matrices with ever better distances to the set."""
    from geometry.slices import space_slices

    return Work(
        key=("space", projector, view, seed),
        make=partial(space_slices, projector, view, seed),
        finished=lambda part: part.finished,
        share=lambda part: part.share,
        told=lambda part: f"{int((part.values == 0).sum()):,} matrices reached",
        patience=1.0,
    )


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
    ended: str


def closest_work(projector: Projector, view: View, point: tuple[float, float], seed: int) -> Work[Closest | None]:
    """projector, view, point -> its nearest matrix, or None where the section has no doubly stochastic matrix there."""
    from geometry.devices import expected_seconds

    return Work(
        key=("closest", projector, view, point, seed),
        make=lambda: in_time(partial(_closest, projector, view, point, seed)),
        finished=complete,
        share=lambda _: 1.0,
        told=lambda _: "found",
        seconds=expected_seconds(projector, 100 * STARTS),
        patience=1.0,
    )


def _closest(projector: Projector, view: View, point: tuple[float, float], seed: int, seconds: float) -> Closest | None:
    import torch

    from geometry.distances import nearest
    from geometry.effort import Effort
    from geometry.spectra import eigenvalues

    place = torch.tensor([point], dtype=torch.float64)
    if not bool(view.holds(place, 1e-9)):
        return None
    wanted = view.embed(place).clamp_min(0)
    found = nearest(projector, wanted, seed, starts=STARTS, effort=Effort(seconds=seconds))
    return Closest(
        wanted[0].numpy(),
        found.matrix[0].numpy(),
        found.theta[0].numpy(),
        float(found.distance[0]),
        view.project(found.matrix)[0].numpy(),
        np.asarray(eigenvalues(found.matrix, tolerance=None)[0].numpy()),
        bool(found.member[0]),
        str(found.ended[0]),
    )
