"""Parameters that a piece may be proved from: of several with an eigenvalue there, one that the forecast likes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from geometry.devices import batch_size, one_thread
from geometry.proofs.forecast import forecast
from geometry.proofs.kinds import Kind
from geometry.reach.search.attempts import spectra
from geometry.reach.search.newton import steer
from geometry.spaces import space_of
from geometry.spectra.closed_forms import by_lapack
from projectors import Projector

POOL = 20_000
"""Random points to start from."""

TRIES, FRUITLESS = 16, 4
"""How many of the nearest a piece starts from at most, and after how many without an eigenvalue there it is left."""

STEPS = 24

NEAR = 0.05
"""How far from where it is sought, in the lesser side of its piece, the eigenvalue may be that its parameters have."""


class Candidates:
    """Random points of a projector, by the eigenvalues that they have, from which pieces are served."""

    def __init__(self, projector: Projector, rule: Kind) -> None:
        self.projector, self.rule, self.space = projector, rule, space_of(projector)
        generator = torch.Generator().manual_seed(0)
        size = batch_size(projector)
        parts = [self.space.random(min(size, POOL - begun), generator) for begun in range(0, POOL, size)]
        self.points = torch.cat(parts)
        values = torch.cat([spectra(projector, self.space.parameters(part))[0] for part in parts]).numpy()
        owners = np.broadcast_to(np.arange(POOL)[:, None], values.shape)
        above = values.imag > 1e-3
        self.owners = owners[above]
        self.known = cKDTree(np.stack([values[above].real, values[above].imag], -1))

    def of(self, sides: NDArray[np.float64]) -> dict[int, list[int]]:
        """Sides (m, 4) of pieces -> of those that a proof is forecast for, their number -> the integers to prove from.

        The eigenvalue is sought in the middle of Re, and of the square of Im.
        """
        aims = (sides[:, 0] + sides[:, 1]) / 2 + 1j * np.sqrt((sides[:, 2] ** 2 + sides[:, 3] ** 2) / 2)
        near = NEAR * np.minimum(sides[:, 1] - sides[:, 0], sides[:, 3] - sides[:, 2])
        count = min(TRIES, len(self.owners))
        if not count:
            return {}
        _, rows = self.known.query(np.stack([aims.real, aims.imag], -1), k=range(1, count + 1))
        found: dict[int, list[int]] = {}
        open_, hit = np.ones(len(aims), dtype=bool), np.zeros(len(aims), dtype=bool)
        for place in range(count):
            left = np.flatnonzero(open_ if place < FRUITLESS else open_ & hit)
            for part in np.array_split(left, 1 + len(left) // batch_size(self.projector, 1024)):
                if not len(part):
                    continue
                targets = torch.from_numpy(aims[part])
                start = self.points[torch.from_numpy(self.owners[rows[part, place]])]
                numbers, missed, passes = self._tried(start, targets, torch.from_numpy(sides[part]))
                close = missed < near[part]
                hit[part] |= close
                for row in np.flatnonzero(close & passes):
                    found[int(part[row])] = numbers[row].tolist()
                    open_[part[row]] = False
        return found

    def _tried(
        self, start: Tensor, targets: Tensor, sides: Tensor
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        """Points (b, ...), targets (b,), sides (b, 4) -> integers (b, k), how far off (b,), and the forecast (b,)."""
        with one_thread(), torch.no_grad():
            points = steer(self.space, start, targets, STEPS, patience=6).points
            numbers = self.rule.numbers(self.space.parameters(points))
            model = self.rule.model(numbers)
            values = by_lapack(model.B)
            missed = (values - targets[:, None]).abs().amin(-1).nan_to_num(torch.inf)
            return numbers, missed.numpy(), forecast(model, sides).numpy()
