"""A map of the reach: which cells of the complex plane hold an eigenvalue, with a witness for every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from time import perf_counter
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.effort import USUAL, Effort, Ended, reasons
from geometry.grid import cell_centres
from geometry.reach.attempts import TOLERANCE
from geometry.reach.hunt import Hunt
from geometry.reach.rounds import fill_holes, spread
from geometry.reach.targets import complex_target
from geometry.regions import Region, karpelevich
from projectors import Projector
from projectors.checks import whole_number

Origin = Literal["searched here", "shipped"]


@dataclass(frozen=True)
class Bracket:
    """The share of a region's area that is reached lies between `certified` and `touched`, both from 0 to 1.

    certified: cells whose centre is an eigenvalue, among all cells that meet the region. touched: cells that hold an
    eigenvalue, among the cells whose centre is in the region; at most 1. Cells on the real axis are left out: on it,
    reach is a length, not an area. nan where the region has no area.
    """

    certified: float
    touched: float
    cell: float


@dataclass(frozen=True, eq=False)
class ReachMap:
    """The reach of a projector on a grid of square cells, row = Im ascending, column = Re ascending, bins odd.

    centres (bins,) of cells in either direction; reached (bins, bins): the centre is an eigenvalue of a matrix within
    1e-8; touched: some eigenvalue of a matrix that was found is in the cell; residual: distance from the centre to the
    nearest eigenvalue found, nan where none was sought, inf where none was found. These hold for every map.

    theta (k, p) are the parameters of the witnesses and witness (bins, bins) their numbers, -1 for none; a cell of the
    lower half plane shares the witness of its mirror image. A map searched here has one for every touched cell; a
    shipped one, and what `without_witnesses` returns, has none at all: `has_witnesses` tells.

    ended: why the search ended, CONVERGED when nothing more came and OUT_OF_TIME when the effort's seconds were over;
    None while it goes on. seconds: how long it took on this machine, nan for a shipped map.
    """

    projector: Projector
    centres: NDArray[np.float64]
    reached: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    residual: NDArray[np.float64]
    theta: Tensor
    witness: NDArray[np.int64]
    seconds: float
    ended: Ended | None
    origin: Origin = "searched here"

    @property
    def finished(self) -> bool:
        """Whether the search came to its own end: no cell is left that it would still try."""
        return self.ended is Ended.CONVERGED

    @property
    def has_witnesses(self) -> bool:
        """Whether every touched cell has its witness."""
        return bool((self.witness[self.touched] >= 0).all())

    def without_witnesses(self) -> ReachMap:
        """The same map in a small part of the memory: parameters fill megabytes, cells do not."""
        return replace(self, theta=self.theta[:0].clone(), witness=np.full_like(self.witness, -1))

    def counts(self) -> dict[Ended, int]:
        """Why the search of each cell ended -> how many cells; those beyond the known regions were never sought."""
        sought = torch.from_numpy(self.residual[~np.isnan(self.residual)])
        each = Counter(reasons(sought, TOLERANCE, cut=not self.finished))
        return {reason: each[reason] for reason in Ended}

    @property
    def cell(self) -> float:
        """The side of a cell."""
        return float(self.centres[1] - self.centres[0])

    def coverage(self, region: Region) -> Bracket:
        """Region -> the bracket of its share that is reached."""
        z = self.centres + 1j * self.centres[:, None]
        corners = [z + self.cell / 2 * corner for corner in (0, 1 + 1j, 1 - 1j, -1 + 1j, -1 - 1j)]
        inside = region.contains(z)
        meets = np.any([region.contains(corner) for corner in corners], axis=0)
        inside[len(z) // 2] = meets[len(z) // 2] = False
        if not inside.any():
            return Bracket(float("nan"), float("nan"), self.cell)
        certified = float((self.reached & meets).sum() / meets.sum())
        return Bracket(certified, min(1.0, float((self.touched & meets).sum() / inside.sum())), self.cell)

    def matrix(self, z: complex) -> Tensor | None:
        """Point of the plane -> the witness matrix (n, n) of its cell, or None if the cell is not touched.

        Raises ValueError for a point that is not finite, and if the map has no witnesses.
        """
        point = complex_target(z)
        if not self.has_witnesses:
            raise ValueError(
                f"this map of {self.projector} has no witnesses: reach_map finds them again, "
                "with the resolution and the seed that it was made with"
            )
        middle = len(self.centres) // 2
        column, row = round(point.real / self.cell) + middle, round(point.imag / self.cell) + middle
        if not (0 <= row < len(self.centres) and 0 <= column < len(self.centres)) or self.witness[row, column] < 0:
            return None
        with torch.no_grad():
            return self.projector(self.theta[self.witness[row, column]])


def unknown_map(projector: Projector, resolution: int = 101) -> ReachMap:
    """projector -> a map of which nothing is known: what a search starts from."""
    shape = (resolution, resolution)
    none = np.zeros(shape, dtype=bool)
    theta = torch.empty(0, projector.parameter_count, dtype=torch.float64)
    unseen, nobody = np.full(shape, np.nan), np.full(shape, -1)
    return ReachMap(projector, cell_centres(resolution), none, none, unseen, theta, nobody, 0.0, None)


def reach_map(
    projector: Projector,
    resolution: int = 101,
    seed: int = 0,
    *,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> ReachMap:
    """projector -> the finished map of its reach on resolution x resolution cells over [-1.05, 1.05]^2.

    Every reached cell is certified by a witness; a cell that is not reached has resisted, which proves nothing. When
    the effort's seconds are over, the map as it then stands, which says so. Raises ValueError unless resolution is odd,
    from 5 to 1001, and seed a whole number from 0 to 2^63 - 1.
    """
    *_, last = reach_maps(projector, resolution, seed, effort=effort, device=device)
    return last


def reach_maps(
    projector: Projector,
    resolution: int = 101,
    seed: int = 0,
    *,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> Iterator[ReachMap]:
    """As `reach_map`, yielding the map after every batch of cells: draw it, report progress, or stop iterating."""
    if whole_number(resolution, "the resolution", 5, 1001) % 2 == 0:
        raise ValueError(f"the resolution must be odd, so that the middle row is the real axis, not {resolution}")
    return _maps(projector, resolution, whole_number(seed, "the seed", 0, 2**63 - 1), effort, device)


def _maps(
    projector: Projector, resolution: int, seed: int, effort: Effort, device: str | torch.device
) -> Iterator[ReachMap]:
    begun = perf_counter()
    centres = cell_centres(resolution)
    upper = centres + 1j * centres[resolution // 2 :, None]
    cell = float(centres[1] - centres[0])
    sought = karpelevich(projector.n).contains(upper, tolerance=cell)
    hunt = Hunt(projector, torch.from_numpy(upper[sought]).to(device), seed, effort, device=device)
    for _ in chain(spread(hunt, cell), fill_holes(hunt, sought, cell)):
        yield _drawn(hunt, centres, sought, perf_counter() - begun, None)
    ended = Ended.OUT_OF_TIME if hunt.deadline.cut else Ended.CONVERGED
    yield _drawn(hunt, centres, sought, perf_counter() - begun, ended)


def _drawn(
    hunt: Hunt, centres: NDArray[np.float64], sought: NDArray[np.bool_], seconds: float, ended: Ended | None
) -> ReachMap:
    """A hunt for the centres of the sought cells of the upper half plane -> the map of the whole plane."""
    half = len(centres) // 2
    residual = np.full(sought.shape, np.nan)
    residual[sought] = hunt.distance.cpu().numpy()
    reached = np.zeros(sought.shape, dtype=bool)
    reached[sought] = hunt.solved.cpu().numpy()
    witness = np.full(sought.shape, -1)
    tried = np.flatnonzero(np.isfinite(hunt.distance.cpu().numpy()))
    values = hunt.values[tried].cpu().numpy()
    cell = centres[1] - centres[0]
    column = np.rint(values.real / cell).astype(int) + half
    row = np.abs(np.rint(values.imag / cell).astype(int))
    fits = (column >= 0) & (column < len(centres)) & (row <= half)
    owner = np.broadcast_to(tried[:, None], values.shape)
    witness[row[fits], column[fits]] = owner[fits]
    witness[reached] = np.arange(sought.sum())[reached[sought]]

    def whole(part: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([part[:0:-1], part])

    return ReachMap(
        hunt.projector,
        centres,
        whole(reached),
        whole(witness >= 0),
        whole(residual),
        hunt.theta.clone() if ended is None else hunt.theta,
        whole(witness),
        seconds,
        ended,
    )
