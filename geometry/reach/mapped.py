"""What a map of the reach is: cells of the complex plane, what is known of each, and its witness."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.effort import Ended, reasons
from geometry.grid import cell_centres, cell_plane, on_axis
from geometry.reach.known import formula
from geometry.reach.search.attempts import TOLERANCE
from geometry.reach.search.targets import cells_across, complex_target
from geometry.reach.search.witnesses import Witnesses
from geometry.regions import Region
from projectors import Projector
from projectors.checks import instance

Origin = Literal["searched here", "shipped"]


FORMULA = -2
"""In place of a witness's number: a formula gives it when it is asked for."""

MOST_DENSE = 720
"""Parameters of a matrix up to which a map keeps those of every witness, and looks beyond what a formula reaches."""


@dataclass(frozen=True)
class ReachShare:
    """What of a region is known to be reached, and what a search has seen of it, both from 0 to 1.

    certified: cells whose centre is an eigenvalue, among all cells that meet the region: no more than the share of the
    area that is reached. touched: cells in which the search found an eigenvalue, among the cells whose centre is in the
    region, at most 1: what it saw, on the grid. It is no upper bound, as a search that finds no more proves nothing.
    Cells on the real axis are left out: on it, reach is a length, not an area. nan where the region has no area, and
    where no doubly stochastic matrix was found at all: what has no sums of 1 reaches nothing that could be compared.
    """

    certified: float
    touched: float
    cell: float


@dataclass(frozen=True, eq=False)
class ReachMap:
    """The reach of a projector on a grid of square cells, row = Im ascending, column = Re ascending, bins odd.

    centres (bins,) of cells in either direction are from `centre`, that of the window, 0 for the whole plane. For each
    cell (bins, bins), reached: its centre is an eigenvalue of a matrix within 1e-8; touched: an eigenvalue of a matrix
    found is in it; residual: distance from the centre to the nearest eigenvalue found, nan where none was sought, inf
    where none was found. These hold for every map.

    witness (bins, bins) are numbers of witnesses, -1 for none, -2 where a formula gives it; a cell of the lower half
    plane shares the witness of its mirror image. `witnesses` keeps their parameters, in no more numbers than they need,
    and `theta` gives all. A finished map searched here has a witness for every touched cell; one that still grows, a
    shipped one, and what `without_witnesses` returns, has none at all: `has_witnesses` tells.

    ended: why the search ended, CONVERGED when nothing more came and OUT_OF_TIME when the effort's seconds were over;
    None while it goes on. seconds: how long it took on this machine, nan for a shipped map.
    """

    projector: Projector
    centres: NDArray[np.float64]
    reached: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    residual: NDArray[np.float64]
    witnesses: Witnesses
    witness: NDArray[np.int64]
    seconds: float
    ended: Ended | None
    origin: Origin = "searched here"
    centre: complex = 0j

    @property
    def plane(self) -> NDArray[np.complex128]:
        """The cells' centres (bins, bins)."""
        return cell_plane(self.centres, self.centre)

    @property
    def theta(self) -> Tensor:
        """The parameters (k, p) of all witnesses: of large matrices they fill gigabytes."""
        return self.witnesses.of(torch.arange(len(self.witnesses)))

    @property
    def finished(self) -> bool:
        """Whether the search came to its own end: no cell is left that it would still try."""
        return self.ended is Ended.CONVERGED

    @property
    def has_witnesses(self) -> bool:
        """Whether every touched cell has its witness."""
        return bool((self.witness[self.touched] != -1).all())

    @property
    def has_matrices(self) -> bool:
        """Whether there is any doubly stochastic matrix; a projector that is not exact may have none."""
        return self.projector.exact or bool(np.isfinite(self.residual).any())

    def without_witnesses(self) -> ReachMap:
        """The same map in a small part of the memory: parameters fill megabytes, cells do not."""
        return replace(self, witnesses=Witnesses(self.projector, 0), witness=np.full_like(self.witness, -1))

    def counts(self) -> dict[Ended, int]:
        """Why the search of each cell ended -> how many cells; those beyond the known regions were never sought."""
        sought = torch.from_numpy(self.residual[~np.isnan(self.residual)])
        each = Counter(reasons(sought, TOLERANCE, cut=not self.finished))
        return {reason: each[reason] for reason in Ended}

    @property
    def cell(self) -> float:
        """The side of a cell."""
        return float(self.centres[1] - self.centres[0])

    def coverage(self, region: Region) -> ReachShare:
        """Region -> which share of it, within the window, is certified, and in which share eigenvalues were seen."""
        instance(region, Region, "the region")
        z = self.plane
        corners = [z + self.cell / 2 * corner for corner in (0, 1 + 1j, 1 - 1j, -1 + 1j, -1 - 1j)]
        off_axis = ~on_axis(z, self.cell)
        inside = region.contains(z) & off_axis
        meets = np.any([region.contains(corner) for corner in corners], axis=0) & off_axis
        if not inside.any() or not self.has_matrices:
            return ReachShare(float("nan"), float("nan"), self.cell)
        certified = float((self.reached & meets).sum() / meets.sum())
        return ReachShare(certified, min(1.0, float((self.touched & meets).sum() / inside.sum())), self.cell)

    def matrix(self, z: complex) -> Tensor | None:
        """Point of the plane -> the witness matrix (n, n) of its cell, or None if the cell is not touched.

        Raises ValueError for a point that is not finite, and if the map has no witnesses.
        """
        away = complex_target(z) - self.centre
        if not self.has_witnesses:
            raise ValueError(
                f"this map of {self.projector} has no witnesses: reach_map finds them again, "
                "with the resolution and the seed that it was made with"
            )
        middle = len(self.centres) // 2
        if not max(abs(away.real), abs(away.imag)) <= len(self.centres) * self.cell:
            return None
        column, row = round(away.real / self.cell) + middle, round(away.imag / self.cell) + middle
        if not (0 <= row < len(self.centres) and 0 <= column < len(self.centres)) or self.witness[row, column] == -1:
            return None
        with torch.no_grad():
            if self.witness[row, column] == FORMULA:
                return self.projector(formula(self.projector, self.plane[row, column : column + 1])[0])
            return self.projector(self.witnesses.of(torch.from_numpy(self.witness[row, column, None]))[0])


def unknown_map(projector: Projector, resolution: int = 101) -> ReachMap:
    """projector -> a map of which nothing is known: what a search starts from.

    Raises ValueError unless resolution is odd, from 5 to 1001.
    """
    instance(projector, Projector, "the projector")
    shape = (cells_across(resolution),) * 2
    none = np.zeros(shape, dtype=bool)
    unseen, nobody = np.full(shape, np.nan), np.full(shape, -1)
    return ReachMap(projector, cell_centres(resolution), none, none, unseen, Witnesses(projector, 0), nobody, 0.0, None)
