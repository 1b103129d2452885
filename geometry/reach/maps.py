"""The search for a map of the reach: which cells of the plane hold an eigenvalue, with a witness for every one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from geometry.devices import WORKING_SET, operations
from geometry.effort import USUAL, Deadline, Effort, Ended
from geometry.grid import WHOLE, Window
from geometry.parts import last
from geometry.reach.cells import Cells
from geometry.reach.known import by_formula, formula, met_by_formula, worth_seeking
from geometry.reach.mapped import FORMULA, MOST_DENSE, ReachMap
from geometry.reach.search.attempts import TOLERANCE, misses, spectra
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.rounds import climb, fill_holes, scout, spread
from geometry.reach.search.targets import cells_across, checked
from geometry.reach.search.witnesses import Witnesses
from projectors import Projector
from projectors.checks import instance, whole_number

OVERHEAD, EASY, HARD = 0.1, 4.5e-3, 1.5e-6
"""Seconds that a map takes: so many; so many times the root of a matrix's operations, as the most cells are found at
smaller orders; and so many times those operations, for the cells left. Measured from n = 4 to 24 at 101 x 101 cells,
and up to n = 64, s = 8 at 51 x 51; methods that are no rotations take two or three times as long."""


def expected_seconds(projector: Projector) -> float:
    """projector -> about how long its map of 101 x 101 cells takes on two cores."""
    cost = float(operations(projector))
    return OVERHEAD + EASY * cost**0.5 + HARD * cost


def reach_map(
    projector: Projector,
    resolution: int = 101,
    seed: int = 0,
    *,
    window: Window = WHOLE,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> ReachMap:
    """projector -> the finished map of its reach on resolution x resolution cells over the window.

    Without one, that is [-1.05, 1.05]^2; a small one looks closely.

    Every reached cell is certified by a witness; a cell that is not reached has resisted, which proves nothing. When
    the effort's seconds are over, the map as it then stands, which says so. Raises ValueError unless resolution is odd,
    from 5 to 1001, seed a whole number from 0 to 2^63 - 1, and the device one of this machine.
    """
    cells = _cells(projector, resolution, seed, window, effort, device)
    return last(_maps(projector, cells, int(seed), effort, device, witnesses=True, growing=False))


def reach_maps(
    projector: Projector,
    resolution: int = 101,
    seed: int = 0,
    *,
    window: Window = WHOLE,
    witnesses: bool = True,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> Iterator[ReachMap]:
    """As `reach_map`, yielding the map after every batch of cells: draw it, report progress, or stop iterating.

    Only the last has witnesses, and not even that one where none are wanted: of n = 64, s = 8 they fill gigabytes.
    """
    cells = _cells(projector, resolution, seed, window, effort, device)
    return _maps(projector, cells, int(seed), effort, device, witnesses=witnesses)


def _cells(
    projector: Projector, resolution: int, seed: int, window: Window, effort: Effort, device: str | torch.device
) -> Cells:
    """What a map is asked for -> its cells. Raises ValueError for what cannot be mapped."""
    checked(projector, effort, device)
    resolution = cells_across(resolution)
    whole_number(seed, "the seed", 0, 2**63 - 1)
    return Cells(instance(window, Window, "the window"), resolution)


def _maps(
    projector: Projector,
    cells: Cells,
    seed: int,
    effort: Effort,
    device: str | torch.device,
    *,
    witnesses: bool,
    growing: bool = True,
) -> Iterator[ReachMap]:
    begun = perf_counter()
    if projector.parameter_count > MOST_DENSE and by_formula(projector) is not None:
        yield from _of_formula(projector, cells, effort, device)
        return
    sought = worth_seeking(projector, cells.sought, cells.side)
    targets = torch.from_numpy(cells.sought[sought]).to(device)
    hunt = Hunt(projector, targets, seed, effort, keep=witnesses, device=device)
    for _ in chain(climb(hunt), spread(hunt, cells.side), scout(hunt, cells.side), fill_holes(hunt, sought, cells)):
        if growing:
            yield _drawn(hunt, cells, sought, perf_counter() - begun, None)
    ended = Ended.OUT_OF_TIME if hunt.deadline.cut else Ended.CONVERGED
    yield _drawn(hunt, cells, sought, perf_counter() - begun, ended)


def _of_formula(projector: Projector, cells: Cells, effort: Effort, device: str | torch.device) -> Iterator[ReachMap]:
    """The map of what a formula reaches, witness by witness, for methods with too many parameters to keep or search."""
    begun, deadline = perf_counter(), Deadline(effort)
    z = cells.sought
    rows = np.flatnonzero(met_by_formula(projector, z.ravel()))
    residual = np.where(worth_seeking(projector, z, cells.side), np.inf, np.nan)

    def drawn(ended: Ended | None) -> ReachMap:
        distance = cells.whole(residual)
        found, seconds = distance <= TOLERANCE, perf_counter() - begun
        numbers = np.where(found, FORMULA, -1)
        nobody = Witnesses(projector, 0)
        return _map(projector, cells, (found, found.copy(), distance.copy()), (nobody, numbers), seconds, ended)

    for part in deadline.before(np.array_split(rows, 1 + len(rows) * projector.parameter_count * 8 // WORKING_SET)):
        values, errors = spectra(projector, formula(projector, z.ravel()[part]).to(device))
        targets = torch.from_numpy(z.ravel()[part]).to(device)
        residual.ravel()[part] = misses(values, errors, targets).cpu().numpy()
        yield drawn(None)
    yield drawn(Ended.OUT_OF_TIME if deadline.cut else Ended.CONVERGED)


def _drawn(hunt: Hunt, cells: Cells, sought: NDArray[np.bool_], seconds: float, ended: Ended | None) -> ReachMap:
    """A hunt for the centres of those cells that are `sought` (rows, resolution) -> the map of all.

    Only one that has ended has witnesses, if the hunt has kept any.
    """
    residual = np.full(sought.shape, np.nan)
    residual[sought] = hunt.distance.cpu().numpy()
    reached = np.zeros(sought.shape, dtype=bool)
    reached[sought] = hunt.solved.cpu().numpy()
    witness = np.full(sought.shape, -1)
    tried = np.flatnonzero(np.isfinite(hunt.distance.cpu().numpy()))
    values = hunt.values[tried].cpu().numpy()
    row, column, fits = cells.places(values)
    owner = np.broadcast_to(tried[:, None], values.shape)
    witness[row[fits], column[fits]] = owner[fits]
    witness[reached] = np.arange(sought.sum())[reached[sought]]

    touched = witness >= 0
    if ended is not None and hunt.witnesses is not None:
        owners, witness[touched] = np.unique(witness[touched], return_inverse=True)
        witnesses = hunt.witnesses.chosen(owners)
    else:
        witness[:], witnesses = -1, Witnesses(hunt.projector, 0)
    known = cells.whole(reached), cells.whole(touched), cells.whole(residual)
    return _map(hunt.projector, cells, known, (witnesses, cells.whole(witness)), seconds, ended)


def _map(
    projector: Projector,
    cells: Cells,
    known: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]],
    witnesses: tuple[Witnesses, NDArray[np.int64]],
    seconds: float,
    ended: Ended | None,
) -> ReachMap:
    """What is known of all cells (reached, touched, residual), witnesses and their numbers -> the map."""
    centre = cells.window.centre
    return ReachMap(projector, cells.offsets, *known, *witnesses, seconds, ended, centre=centre)
