"""A map of the reach: which cells of the complex plane hold an eigenvalue, with a witness for every one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.grid import cell_centres
from geometry.reach.hunt import Hunt
from geometry.regions import Region, karpelevich
from projectors import Projector
from projectors.checks import whole_number

FARTHEST = 2.5
"""After the first round, a cell is tried only if a known eigenvalue is within this many cell widths."""

ROUNDS = 40
HOLE_ROUNDS = 3


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

    centres (bins,) of cells in either direction; reached (bins, bins): the centre is an eigenvalue of the cell's
    witness within 1e-8; touched: some eigenvalue of a witness is in the cell; residual: distance from the centre to
    the nearest eigenvalue found, nan where none was sought. theta (k, p) are the witnesses' parameters and witness
    (bins, bins) their numbers, -1 for none; a cell of the lower half plane shares the witness of its mirror image.
    """

    projector: Projector
    centres: NDArray[np.float64]
    reached: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    residual: NDArray[np.float64]
    theta: Tensor
    witness: NDArray[np.int64]
    seconds: float
    finished: bool

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
        """Point of the plane -> the witness matrix (n, n) of its cell, or None if the cell is not touched."""
        middle = len(self.centres) // 2
        column, row = round(z.real / self.cell) + middle, round(z.imag / self.cell) + middle
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
    return ReachMap(projector, cell_centres(resolution), none, none, unseen, theta, nobody, 0.0, False)


def reach_map(
    projector: Projector, resolution: int = 101, seed: int = 0, *, device: str | torch.device = "cpu"
) -> ReachMap:
    """projector -> the finished map of its reach on resolution x resolution cells over [-1.05, 1.05]^2.

    Every reached cell is certified by a witness; a cell that is not reached has resisted, which proves nothing. Raises
    ValueError unless resolution is odd, from 5 to 1001.
    """
    *_, last = reach_maps(projector, resolution, seed, device=device)
    return last


def reach_maps(
    projector: Projector, resolution: int = 101, seed: int = 0, *, device: str | torch.device = "cpu"
) -> Iterator[ReachMap]:
    """As `reach_map`, yielding the map after every batch of cells: draw it, report progress, or stop iterating."""
    if whole_number(resolution, "the resolution", 5, 1001) % 2 == 0:
        raise ValueError(f"the resolution must be odd, so that the middle row is the real axis, not {resolution}")
    begun = perf_counter()
    centres = cell_centres(resolution)
    upper = centres + 1j * centres[resolution // 2 :, None]
    cell = float(centres[1] - centres[0])
    sought = karpelevich(projector.n).contains(upper, tolerance=cell)
    hunt = Hunt(projector, torch.from_numpy(upper[sought]).to(device), seed, device=device)
    for _ in chain(spread(hunt, cell), fill_holes(hunt, sought, cell)):
        yield _drawn(hunt, centres, sought, perf_counter() - begun, finished=False)
    yield _drawn(hunt, centres, sought, perf_counter() - begun, finished=True)


def spread(hunt: Hunt, cell: float) -> Iterator[int]:
    """Run rounds until none solves a target: first every target, then those next to known eigenvalues."""
    for round_number in range(ROUNDS):
        won = 0
        for new in hunt.advance(np.inf if round_number == 0 else FARTHEST * cell):
            won += new
            yield new
        if won == 0 and round_number > 2:
            return


def fill_holes(hunt: Hunt, sought: NDArray[np.bool_], cell: float) -> Iterator[int]:
    """Try the cells that resisted among solved neighbours once more, patiently."""
    for _ in range(HOLE_ROUNDS):
        reached = np.zeros(sought.shape, dtype=bool)
        reached[sought] = hunt.solved.cpu().numpy()
        around = np.pad(np.concatenate([reached[1:2], reached]), ((0, 1), (1, 1))).astype(int)
        neighbours = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        holes = (neighbours >= 3) & ~reached
        hunt.insist(torch.from_numpy(holes[sought]))
        yield from hunt.advance(FARTHEST * cell)


def _drawn(
    hunt: Hunt, centres: NDArray[np.float64], sought: NDArray[np.bool_], seconds: float, *, finished: bool
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
        hunt.theta if finished else hunt.theta.clone(),
        whole(witness),
        seconds,
        finished,
    )
