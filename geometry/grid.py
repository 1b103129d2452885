"""The grid of square cells that every map, slice and density is drawn on, and what is counted in its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.arrays import numbers
from projectors.checks import odd_number, real_number

EXTENT = 1.05
"""Densities, maps and slices cover [-EXTENT, EXTENT]^2."""

BINS, RESOLUTION = 201, 101
"""Cells in each direction: of a density, and of a map or slice, whose every cell is a search."""


@dataclass(frozen=True)
class Window:
    """A square part of the complex plane: its centre, and half its side; without any, the whole of what is drawn.

    Of a plane through the polytope, x + iy takes the place of an eigenvalue.

    Raises ValueError unless the centre is a number of modulus at most 2 and half the side from 1e-6 to 2.

    >>> Window(0.5 + 0.5j, 0.01).square, Window().square
    (((0.5+0.5j), 0.01), None)
    """

    centre: complex = 0j
    half: float = EXTENT

    def __post_init__(self) -> None:
        """Refuse what is no window near the unit disk."""
        object.__setattr__(self, "centre", _complex_number(self.centre, "the centre of a window"))
        if not abs(self.centre) <= 2:
            raise ValueError(f"the centre of a window must be of modulus at most 2, not {self.centre!r}")
        object.__setattr__(self, "half", real_number(self.half, "half the side of a window", 1e-6, 2))

    @property
    def square(self) -> tuple[complex, float] | None:
        """Centre and half the side; None for the whole."""
        return None if self == Window() else (self.centre, self.half)


@dataclass(frozen=True, eq=False)
class Density:
    """How many eigenvalues fall into each square cell of a grid over a square of side 2 extent, around 0 or elsewhere.

    `counts` has shape (bins, bins), row = Im ascending, column = Re ascending; bins is odd, so that the middle row
    holds the centre's imaginary part, the real axis by default. Densities of the same grid add up.
    """

    counts: NDArray[np.int64]
    extent: float
    centre: complex = 0j

    @property
    def bin_width(self) -> float:
        """The side of a cell."""
        return 2 * self.extent / len(self.counts)

    @property
    def centres(self) -> NDArray[np.float64]:
        """Coordinates (bins,) of the cells' centres from the grid's own centre, the same for Re and Im."""
        return cell_centres(len(self.counts), self.extent)

    @property
    def plane(self) -> NDArray[np.complex128]:
        """The cells' centres (bins, bins)."""
        return cell_plane(self.centres, self.centre)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Coordinates (bins + 1,) of the cells' edges from the grid's centre, the same for Re and Im."""
        return np.linspace(-self.extent, self.extent, len(self.counts) + 1)

    def __add__(self, other: Density) -> Density:
        """Return the density of both sets of eigenvalues together."""
        if (self.counts.shape, self.extent, self.centre) != (other.counts.shape, other.extent, other.centre):
            raise ValueError("densities on different grids cannot be added")
        return Density(self.counts + other.counts, self.extent, self.centre)


def density(values: Tensor, bins: int = BINS, extent: float = EXTENT, *, centre: complex = 0j) -> Density:
    """Eigenvalues of any shape -> how many fall into each of bins x bins cells over centre + [-extent, extent]^2.

    The grid around 0 is exactly symmetric under conjugation. Values outside it, and NaN, are not counted. Raises
    ValueError for anything but a tensor of complex numbers, unless bins is odd, from 3 to 2001, unless extent is
    positive, and for a centre that is no finite number.
    """
    if not isinstance(values, Tensor) or not values.is_complex():
        received = f"{values.dtype} of shape {tuple(values.shape)}" if isinstance(values, Tensor) else repr(values)
        raise ValueError(f"a density is of complex numbers in a torch.Tensor, not of {received}")
    values = values.to(torch.promote_types(values.dtype, torch.complex64))  # half precision cannot number the cells
    centre = _complex_number(centre, "the centre of a density")
    bins = odd_number(bins, "the number of bins", 3, 2001)
    extent = real_number(extent, "the extent of a density", 0, strictly=True)
    width, half = 2 * extent / bins, bins // 2
    column = ((values.real.flatten() - centre.real) / width).round_().nan_to_num_(1e9)
    row = ((values.imag.flatten() - centre.imag) / width).round_().nan_to_num_(1e9)
    inside = (column.abs() <= half) & (row.abs() <= half)
    cells = torch.where(inside, (row + half) * bins + column + half, bins * bins).long()
    counts = torch.bincount(cells, minlength=bins * bins + 1)[:-1]
    return Density(counts.reshape(bins, bins).cpu().numpy(), extent, centre)


def _complex_number(value: object, name: str) -> complex:
    """Any object -> the finite complex number that it is, or ValueError."""
    found = numbers(value, "iufc")
    if found is None or found.ndim != 0 or not np.isfinite(found):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return complex(found)


def cell_centres(cells: int, extent: float = EXTENT) -> NDArray[np.float64]:
    """Odd number of cells in a direction -> coordinates (cells,) of their centres; the middle one is 0."""
    half = cells // 2
    return np.asarray(np.arange(-half, half + 1) * np.float64(2 * extent / cells))


def cell_plane(centres: NDArray[np.float64], centre: complex = 0j) -> NDArray[np.complex128]:
    """Centres of cells (cells,) from the grid's own -> those of all cells (cells, cells), row = imaginary part."""
    return np.asarray(centre + (centres + 1j * centres[:, None]))


def on_axis(plane: NDArray[np.complex128], cell: float) -> NDArray[np.bool_]:
    """Centres of cells of any shape, the side of one -> which cells the real axis passes through."""
    return np.asarray(np.abs(plane.imag) < cell / 2)


WHOLE = Window()
"""All that is drawn: the unit disk with a margin."""
