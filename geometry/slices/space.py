"""Matrices as points in space: the shadows of a sample, or the slice of a set through a space of the polytope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.distances.frobenius import TOLERANCE, Matching, nearest
from geometry.distances.preimages import preimage
from geometry.parts import last
from geometry.polytope import facet_distance
from geometry.sampling import Measure, sample
from geometry.slices.views import View, check_view
from projectors import Projector
from projectors.checks import whole_number

MOST_GRID, STARTS = 1200, 24
"""Most matrices of a grid whose distance to the set is sought, and from how many random matrices each."""

SIDES = (33, 27, 23, 19, 17, 15, 13, 11, 9, 7)
"""Points along the side of a grid over [-1.05, 1.05], odd: the first that is affordable."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points (k, 3) with a value (k,) each, their matrices (k, n, n), and whether the values are final.

    `share` of all points that are to be there, 0 to 1, are.

    Of a sample, values are distances to the nearest facet B_ij = 0, from 0 to 1/(n - 1); of a slice, Frobenius
    distances to the nearest matrix of the set that was found, 0 where a witness is within 1e-6.
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    matrices: NDArray[np.float64]
    finished: bool = True
    share: float = 1.0


def space_sample(projector: Projector, view: View, count: int, measure: Measure = "initial", seed: int = 0) -> Cloud:
    """projector, a view in space of its n, count -> the shadows of a sample with their distances to the nearest facet.

    Raises ValueError like `geometry.sampling.sample`, and for a view that is no space or of another n.

    >>> from geometry.slices import KleinSpace
    >>> from projectors import Orthostochastic
    >>> space_sample(Orthostochastic(4, 2), KleinSpace(), 100).points.shape
    (100, 3)
    """
    check_view(view, projector, 3)
    matrices = sample(projector, count, measure, seed)
    depth = facet_distance(matrices, tolerance=None).clamp_min(0)  # rounding may leave an entry below 0
    return Cloud(view.project(matrices).numpy(), depth.numpy(), matrices.numpy())


def space_slice(projector: Projector, view: View, seed: int = 0) -> Cloud:
    """projector, a view in space of its n -> a grid of the space's doubly stochastic matrices and how far the set is.

    Every value of 0 is certified by a witness; a larger one is an upper bound, which proves nothing. Raises ValueError
    for a view that is no space or of another n, and unless seed is from 0 to 2**63 - 1.

    >>> from geometry.slices import KleinSpace
    >>> from projectors import Orthostochastic
    >>> float(space_slice(Orthostochastic(4, 1), KleinSpace()).values.max())  # all of it, by quaternions
    0.0
    """
    return last(space_slices(projector, view, seed))


def space_slices(projector: Projector, view: View, seed: int = 0) -> Iterator[Cloud]:
    """As `space_slice`, yielding the grid with ever better distances: draw it, report progress, or stop iterating.

    Before the last, a cloud holds only the matrices that were approached so far.
    """
    check_view(view, projector, 3)
    whole_number(seed, "the seed", 0, 2**63 - 1)
    points = grid(view)
    targets = view.embed(points).clamp_min(0)
    if preimage(projector, targets[:1]) is not None:
        yield _cloud(points, targets, nearest(projector, targets, seed).distance, finished=True)
        return
    matching = Matching(projector, targets, seed)
    for _ in matching.search(STARTS, thorough=True):
        yield _cloud(points, targets, matching.distance, finished=False)
    yield _cloud(points, targets, matching.result().distance, finished=True)


def grid(view: View) -> Tensor:
    """A view in space -> the points (k, 3) of the finest affordable grid in its section, then the section's corners."""
    for side in SIDES:
        half = side // 2
        axis = 1.05 * torch.arange(-half, half + 1, dtype=torch.float64) / half  # with 0 itself, unlike linspace
        layers = torch.cartesian_prod(axis, axis, axis).split(side**2)  # a matrix each: not all of them at once
        points = torch.cat([layer[view.holds(layer)] for layer in layers])
        if len(points) <= MOST_GRID:
            break
    return torch.cat([points, torch.from_numpy(view.section)])


def _cloud(points: Tensor, targets: Tensor, distance: Tensor, *, finished: bool) -> Cloud:
    found = distance.isfinite()
    away = distance[found]
    away = away.where(away > TOLERANCE, 0.0)
    share = float(found.double().mean())
    return Cloud(points[found].numpy(), away.numpy(), targets[found].numpy(), finished, share)
