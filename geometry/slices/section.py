"""The slice of a parameterization through a plane of the polytope: which matrices of the plane belong to its set."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.devices import known_device, one_thread
from geometry.distances.frobenius import NEARER, TOLERANCE, Matching, nearest
from geometry.distances.matching import match
from geometry.distances.preimages import preimage
from geometry.distances.roots import EXHAUSTIVE
from geometry.grid import WHOLE, Window, cell_centres, cell_plane
from geometry.parts import last
from geometry.slices.views import View, check_view
from projectors import Projector, Rotational
from projectors.checks import instance, odd_number, whole_number

ROUNDS = 100
"""How often matrices may spread from cell to cell at most."""

NEAR = 1.5
"""A set that passes through a cell is nearer to its centre than this many cell widths."""

RANDOM, FUTILE = 3, 1e-3
"""Further random starts of a cell, ended when not more than this share of those that are no members came nearer."""

AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0))


ROOTED = 1e-3
"""How near the squares of an orthogonal root must come to a cell's matrix for it to be where the search starts. Up to
n = 4, where all roots are compared, they take longer than the search, which needs none there."""


@dataclass(frozen=True, eq=False)
class SliceMap:
    """A slice on square cells over [-1.05, 1.05]^2 or a window, row = y ascending, column = x ascending, bins odd.

    centres (bins,) of cells in either direction, from the grid's own centre x + iy = `centre`. All others (bins, bins).
    inside: the matrix at the cell's centre is doubly stochastic; member: it belongs to the set, a witness is within
    1e-6; touched: a witness within 1e-6 of the section lies in the cell, members included; distance: Frobenius, from
    the centre's matrix to the nearest found, nan outside.
    """

    projector: Projector
    view: View
    centres: NDArray[np.float64]
    inside: NDArray[np.bool_]
    member: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    distance: NDArray[np.float64]
    seconds: float
    finished: bool
    centre: complex = 0j

    @property
    def cell(self) -> float:
        """The side of a cell."""
        return float(self.centres[1] - self.centres[0])

    @property
    def share(self) -> float:
        """The share of the slice's cells whose centre belongs to the set, 0 to 1: of its area, where it has one."""
        return float(self.member.sum() / max(1, self.inside.sum()))


def slice_map(
    projector: Projector,
    view: View,
    resolution: int = 101,
    seed: int = 0,
    *,
    window: Window = WHOLE,
    device: str | torch.device = "cpu",
) -> SliceMap:
    """projector, a plane view of its n -> the finished slice on resolution x resolution cells over the window.

    Every member is certified by a witness; a cell that is none has resisted, which proves nothing. Raises ValueError
    for a view that is no plane or of another n, and unless resolution is odd, from 5 to 401, seed a whole number from 0
    to 2**63 - 1, window a Window, and device one of this machine.

    >>> from geometry.slices import cyclic_view
    >>> from projectors import Orthostochastic
    >>> found = slice_map(Orthostochastic(3, 2), cyclic_view(3), resolution=21)
    >>> round(found.share, 2), round(float(found.distance[10, 10]), 6)  # the barycentre belongs
    (0.71, 0.0)
    """
    return last(slice_maps(projector, view, resolution, seed, window=window, device=device))


def slice_maps(
    projector: Projector,
    view: View,
    resolution: int = 101,
    seed: int = 0,
    *,
    window: Window = WHOLE,
    device: str | torch.device = "cpu",
) -> Iterator[SliceMap]:
    """As `slice_map`, yielding the slice after every batch of cells: draw it, report progress, or stop iterating."""
    check_view(view, projector, 2)
    resolution = odd_number(resolution, "the resolution", 5, 401)
    whole_number(seed, "the seed", 0, 2**63 - 1)
    instance(window, Window, "the window")
    device = known_device(device)
    begun = perf_counter()
    search = _Search(projector, view, resolution, seed, window, device)
    for _ in search.run():
        yield search.map(perf_counter() - begun, finished=False)
    yield search.map(perf_counter() - begun, finished=True)


class _Search:
    """The state of a slice: the cells inside, numbered row by row, and how near the set comes to each."""

    def __init__(
        self,
        projector: Projector,
        view: View,
        resolution: int,
        seed: int,
        window: Window,
        device: str | torch.device,
    ) -> None:
        self.projector, self.view, self.seed, self.device = projector, view, seed, device
        self.centres, self.centre = cell_centres(resolution, window.half), window.centre
        points = torch.view_as_real(torch.from_numpy(cell_plane(self.centres, self.centre)))
        self.inside = view.holds(points)
        self.targets = view.embed(points[self.inside])
        self.number = torch.full(self.inside.shape, -1)
        self.number[self.inside] = torch.arange(len(self.targets))
        self.distance = torch.full((len(self.targets),), torch.inf, dtype=torch.float64)
        self.passing = torch.zeros_like(self.inside)
        width = float(self.centres[1] - self.centres[0])
        self.near = NEAR * width / float(torch.linalg.matrix_norm(view.directions).max())

    def run(self) -> Iterator[None]:
        """Where there is a formula, use it; else approach every cell from random matrices, then from its neighbours."""
        if not len(self.targets):
            return  # a window beside the polytope
        if preimage(self.projector, self.targets[:1]) is not None:
            for rows in torch.arange(len(self.targets)).split(256):
                self.distance[rows] = nearest(self.projector, self.targets[rows], self.seed).distance
                yield
            return
        matching = Matching(self.projector, self.targets.to(self.device), self.seed)
        self.distance = matching.distance
        yield from _counted(matching.from_nearest())
        if isinstance(self.projector, Rotational) and self.projector.s == 1 and self.projector.n > EXHAUSTIVE:
            yield from _counted(matching.from_structure(within=ROOTED))
        for _ in range(RANDOM):
            tried = len(matching.open)
            if (yield from _counted(matching.from_random())) <= FUTILE * tried:
                break
        asked = torch.zeros(len(AROUND), len(self.targets), dtype=torch.bool)
        for each in (self._spread, partial(self._ask_neighbours, asked=asked), self._spread):
            for _ in range(ROUNDS):
                if not (yield from _counted(each(matching))):
                    break
        yield from _counted(matching.patiently())
        self.distance = matching.result().distance
        yield from self._pass_through(matching)

    def _spread(self, matching: Matching) -> Iterator[int]:
        """Start every cell that is not a member from the neighbour whose matrix is nearer to it than its own."""
        rows = matching.open
        for part in matching.batches(rows):
            best, owner = matching.distance[part] * (1 - NEARER), part.clone()
            for neighbour in self._neighbours(part.cpu()):
                known = neighbour >= 0
                there = neighbour.clamp_min(0).to(part.device)
                with torch.no_grad():
                    matrices = matching.space.matrices(matching.points[there])
                gap = torch.linalg.matrix_norm(matrices - matching.targets[part])
                better = known.to(part.device) & (gap < best)
                best, owner = torch.where(better, gap, best), torch.where(better, there, owner)
            moved = owner != part
            if bool(moved.any()):
                yield matching.approach(part[moved], matching.points[owner[moved]])

    def _ask_neighbours(self, matching: Matching, asked: Tensor) -> Iterator[int]:
        """Start every cell from each neighbour once, if the set is near or the neighbour is a member.

        Near the set, distances from cell to cell are longer than those to the set and say nothing; and where members
        are few, as on a curve, one leads to the next.
        """
        for part in matching.batches(matching.open):
            rows = part.cpu()
            for before, neighbour in zip(asked, self._neighbours(rows), strict=True):
                there = neighbour.clamp_min(0).to(part.device)
                worth = (matching.distance[part] < self.near) | (matching.distance[there] <= TOLERANCE)
                fresh = worth.cpu() & (neighbour >= 0) & ~before[rows]
                before[rows] |= fresh
                if bool(fresh.any()):
                    yield matching.approach(part[fresh.to(part.device)], matching.points[there[fresh.to(part.device)]])

    def _neighbours(self, rows: Tensor) -> list[Tensor]:
        """Cells by number (k,) -> the numbers (k,) of their four neighbours, -1 for none."""
        padded = torch.nn.functional.pad(self.number, (1, 1, 1, 1), value=-1)
        row, column = torch.nonzero(self.inside)[rows].unbind(-1)
        return [padded[row + 1 + down, column + 1 + right] for down, right in AROUND]

    def _pass_through(self, matching: Matching) -> Iterator[None]:
        """Find where the set crosses the plane within cells whose centre it misses: a curve hits no centre."""
        near = (matching.distance > TOLERANCE) & (matching.distance < self.near)
        width = float(self.centres[1] - self.centres[0])
        middle = torch.tensor([self.centre.real, self.centre.imag], dtype=torch.float64)
        for rows in matching.batches(torch.nonzero(near)[:, 0]):
            with torch.no_grad(), one_thread():
                points, goals = matching.points[rows], matching.targets[rows]
                points, _ = match(matching.space, points, goals, ignored=self.view.along)
                matrices = self.projector.matrices(matching.space.settled(matching.space.parameters(points))).cpu()
            landed = self.view.project(matrices)
            off = torch.linalg.matrix_norm(matrices - self.view.embed(landed))
            landed = landed[off <= TOLERANCE]
            column, row = ((landed - middle) / width).round().long().unbind(-1)
            half = len(self.centres) // 2
            on_grid = (row.abs() <= half) & (column.abs() <= half)
            self.passing[row[on_grid] + half, column[on_grid] + half] = True
            yield

    def map(self, seconds: float, *, finished: bool) -> SliceMap:
        """The slice as it stands."""
        distance = torch.full(self.inside.shape, torch.nan, dtype=torch.float64)
        distance[self.inside] = self.distance.cpu()
        member = distance <= TOLERANCE
        return SliceMap(
            self.projector,
            self.view,
            self.centres,
            self.inside.numpy(),
            member.numpy(),
            (member | self.passing).numpy(),
            distance.numpy(),
            seconds,
            finished,
            self.centre,
        )


def _counted(rounds: Iterator[int]) -> Generator[None, None, int]:
    """Counts that come one after the other -> a stream of nothing, which returns their sum."""
    total = 0
    for count in rounds:
        total += count
        yield
    return total
