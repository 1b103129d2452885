"""The cells that a map seeks: of a window that is symmetric about the real axis the upper half, of others all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.grid import Window, cell_centres


@dataclass(frozen=True)
class Cells:
    """resolution x resolution square cells of a window, row = Im ascending, column = Re ascending, resolution odd.

    Eigenvalues of real matrices come in conjugate pairs: where the window is its own mirror image, rows below the real
    axis are that of those above, and only those above are `sought`.
    """

    window: Window
    resolution: int

    @property
    def mirrored(self) -> bool:
        """Whether the lower half is the mirror image of the upper."""
        return self.window.centre.imag == 0

    @property
    def offsets(self) -> NDArray[np.float64]:
        """Coordinates (resolution,) of centres from the window's own, in either direction."""
        return cell_centres(self.resolution, self.window.half)

    @property
    def side(self) -> float:
        """The side of a cell."""
        return float(self.offsets[1] - self.offsets[0])

    @cached_property
    def sought(self) -> NDArray[np.complex128]:
        """Centres (rows, resolution) of the cells that are sought."""
        first = self.resolution // 2 if self.mirrored else 0
        return self.window.centre + (self.offsets + 1j * self.offsets[first:, None])

    def places(self, values: NDArray[np.complex128]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """Points of any shape -> row and column among those sought, and whether there is such a cell."""
        half, away = self.resolution // 2, values - self.window.centre
        column = np.rint(away.real / self.side) + half
        row = np.rint(away.imag / self.side)
        row = np.abs(row) if self.mirrored else row + half
        fits = (column >= 0) & (column < self.resolution) & (row >= 0) & (row < len(self.sought))
        return np.where(fits, row, 0).astype(int), np.where(fits, column, 0).astype(int), fits

    def whole(self, part: NDArray[Any]) -> NDArray[Any]:
        """What is known of the cells sought (rows, resolution) -> of all (resolution, resolution)."""
        return np.concatenate([part[:0:-1], part]) if self.mirrored else part
