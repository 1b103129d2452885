"""How much of a region a set of eigenvalues fills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geometry.grid import Density, on_axis
from geometry.regions import Region
from projectors.checks import instance


@dataclass(frozen=True)
class Coverage:
    """The share of a region's area that is filled, 0 to 1, with the side of the cells it was counted in.

    Finer cells need more eigenvalues for the same share: shares of different bin widths do not compare. A region
    without area has share nan.
    """

    share: float
    bin_width: float
    filled: int
    cells: int

    def __str__(self) -> str:
        """Write the share with its bin width, such as "83.1 % in cells of 0.0104"."""
        return f"{100 * self.share:.1f} % in cells of {self.bin_width:.4f}"


def coverage(density: Density, region: Region) -> Coverage:
    """Binned eigenvalues and a region -> the share of its cells that are not empty; a cell is where its centre is.

    The real axis is left out where the region has area: on it every method collects eigenvalues, whatever its reach.
    Raises ValueError for anything else.
    """
    instance(density, Density, "the density")
    instance(region, Region, "the region")
    inside = region.contains(density.plane) & ~on_axis(density.plane, density.bin_width)
    cells = int(inside.sum())
    filled = int(np.count_nonzero(density.counts[inside]))
    return Coverage(filled / cells if cells else float("nan"), density.bin_width, filled, cells)
