"""Matrices as points in space: a sample with its depths, or a grid with its distances to a set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ui.recipes import Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from geometry.slices import View

WRITTEN = 5
"""Largest n at which the matrix of a point is written into its label."""

MOST_GRID, STARTS = 1200, 24
"""Most matrices of a space whose distance to the set is sought, and from how many random matrices each."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points (k, 3) with a value (k,) each, their matrices (k, n, n), and whether the values are final."""

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    matrices: NDArray[np.float64]
    finished: bool = True

    @property
    def words(self) -> list[str] | None:
        """Each matrix in words, or None where they are large."""
        if self.matrices.shape[-1] > WRITTEN:
            return None
        lines = ([" ".join(f"{entry:.2f}" for entry in row) for row in matrix] for matrix in self.matrices.tolist())
        return ["".join("<br>" + line for line in matrix) for matrix in lines]


def sampled(recipe: Recipe, view: View) -> Cloud:
    """Recipe, view -> the shadows of a sample with their distances to the nearest facet."""
    from geometry.distances import facet_distance
    from geometry.sampling import sample

    matrices = sample(recipe.projector, recipe.matrices, recipe.measure, recipe.seed)  # type: ignore[arg-type]
    depth = facet_distance(matrices).clamp_min(0)
    return Cloud(view.project(matrices).numpy(), depth.numpy(), matrices.numpy())


def sectioned(recipe: Recipe, view: View) -> Iterator[Cloud]:
    """Recipe, view -> a grid of the space's doubly stochastic matrices with ever better distances to the set."""
    from geometry.distances import nearest
    from geometry.distances.frobenius import TOLERANCE, Matching
    from geometry.distances.preimages import preimage

    points = _grid(view)
    targets = view.embed(points).clamp_min(0)

    def cloud(distance: Tensor, *, finished: bool) -> Cloud:
        found = distance.isfinite()
        away = distance[found]
        away = away.where(away > TOLERANCE, 0.0)
        return Cloud(points[found].numpy(), away.numpy(), targets[found].numpy(), finished)

    if preimage(recipe.projector, targets[:1]) is not None:
        yield cloud(nearest(recipe.projector, targets, recipe.seed).distance, finished=True)
        return
    matching = Matching(recipe.projector, targets, recipe.seed)
    for _ in matching.search(STARTS):
        yield cloud(matching.distance, finished=False)
    yield cloud(matching.result().distance, finished=True)


def _grid(view: View) -> Tensor:
    """View -> the points (k, 3) of the finest grid that is affordable in its section, and the section's corners."""
    import torch

    for side in (33, 27, 23, 19, 17, 15, 13, 11, 9, 7):
        axis = torch.linspace(-1.05, 1.05, side, dtype=torch.float64)
        points = torch.cartesian_prod(axis, axis, axis)
        points = points[view.holds(points)]
        if len(points) <= MOST_GRID:
            break
    return torch.cat([points, torch.from_numpy(view.section)])
