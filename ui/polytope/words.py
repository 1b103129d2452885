"""Matrices in words, for what is told where the pointer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geometry.slices import View

WRITTEN_IN_PLANE, WRITTEN_IN_SPACE = 6, 5
"""Largest n at which a matrix is written into a label."""


def matrix_words(view: View, centres: NDArray[np.float64], centre: complex = 0j) -> NDArray[np.str_]:
    """View, centres (bins,) from the grid's own -> the section's matrix at each cell in words; "" without any."""
    import torch

    from geometry.grid import cell_plane

    words = np.full((len(centres), len(centres)), "", dtype=object)
    if view.n > WRITTEN_IN_PLANE:
        return words
    points = torch.view_as_real(torch.from_numpy(cell_plane(centres, centre)))
    inside = view.holds(points).numpy()
    for (row, column), matrix in zip(np.argwhere(inside), view.embed(points[torch.from_numpy(inside)]), strict=True):
        words[row, column] = _written(matrix.tolist())
    return words


def cloud_words(matrices: NDArray[np.float64]) -> list[str] | None:
    """Matrices (k, n, n) -> each in words, or None where they are large."""
    if matrices.shape[-1] > WRITTEN_IN_SPACE:
        return None
    return [_written(matrix) for matrix in matrices.tolist()]


def _written(matrix: list[list[float]]) -> str:
    return "".join("<br>" + " ".join(f"{entry:.2f}" for entry in row) for row in matrix)
