"""Parameters of many matrices, kept in the order at which each was found: a matrix of 4 streams needs few of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.reach.search.orders import lifted
from projectors import Projector


class Witnesses:
    """For each of so many targets the parameters of a matrix of the projector, or none yet.

    They are kept as those of fewer streams where they were found so, and given (`of`) as the projector's own.
    """

    def __init__(self, projector: Projector, count: int, device: str | torch.device = "cpu") -> None:
        self.projector, self._device = projector, device
        self._parts: list[tuple[Projector, Tensor]] = []
        self._part, self._row = np.full(count, -1), np.zeros(count, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._part)

    @property
    def nbytes(self) -> int:
        """Bytes of all parameters kept."""
        return sum(theta.nbytes for _, theta in self._parts)

    def put(self, rows: Tensor, theta: Tensor, projector: Projector | None = None) -> None:
        """Let theta (b, p), of that projector if not of the own one, stand for the targets in rows (b,)."""
        if not len(rows):
            return
        numbers = rows.cpu().numpy()
        self._part[numbers], self._row[numbers] = len(self._parts), np.arange(len(numbers))
        self._parts.append((projector or self.projector, theta))
        if sum(len(part) for _, part in self._parts) > 2 * len(self):
            self._parts, self._part, self._row = self._only(np.arange(len(self)))

    def of(self, rows: Tensor) -> Tensor:
        """Rows (b,) -> theta (b, p) of the projector, 0 for targets that have none yet."""
        numbers = rows.cpu().numpy()
        found = torch.zeros(len(numbers), self.projector.parameter_count, dtype=torch.float64, device=self._device)
        for number, (projector, theta) in enumerate(self._parts):
            here = np.flatnonzero(self._part[numbers] == number)
            chosen = theta[torch.from_numpy(self._row[numbers[here]]).to(theta.device)]
            found[torch.from_numpy(here).to(found.device)] = lifted(projector, chosen, self.projector)
        return found

    def chosen(self, rows: NDArray[np.int64]) -> Witnesses:
        """Rows (k,) -> the witnesses of these targets alone, with copies of their parameters."""
        few = Witnesses(self.projector, len(rows), self._device)
        few._parts, few._part, few._row = self._only(rows)
        return few

    def _only(
        self, rows: NDArray[np.int64]
    ) -> tuple[list[tuple[Projector, Tensor]], NDArray[np.int64], NDArray[np.int64]]:
        """Rows (k,) -> the parts, one a projector, that hold the parameters of these targets and nothing else."""
        part, row = np.full(len(rows), -1), np.zeros(len(rows), dtype=np.int64)
        pieces: dict[Projector, list[Tensor]] = {}
        for number, (projector, theta) in enumerate(self._parts):
            here = np.flatnonzero(self._part[rows] == number)
            if not len(here):
                continue
            own = pieces.setdefault(projector, [])
            part[here] = list(pieces).index(projector)
            row[here] = sum(map(len, own)) + np.arange(len(here))
            own.append(theta[torch.from_numpy(self._row[rows[here]]).to(theta.device)])
        return [(projector, torch.cat(own)) for projector, own in pieces.items()], part, row
