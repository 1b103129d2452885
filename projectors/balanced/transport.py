"""TBP-mHC: a walk through the transportation polytope, entry by entry [TBPmHC2026]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from projectors.base import Projector


@dataclass(frozen=True)
class TransportationWalk(Projector):
    """theta (..., (n-1)^2) -> doubly stochastic (..., n, n): exact, and every positive one for exactly one theta.

    Row by row, entry (i, j) is placed by a sigmoid between the least and the most that what is left of row i and of
    the columns allows; the last column and the last row take what remains. That is as many parameters as the polytope
    has dimensions. The map is continuous, with kinks where two of the bounds meet, and treats streams unequally: the
    first entries have all the room, so that theta = 0 is far from the barycentre.

    Of [TBPmHC2026] this is the plain walk. Its code widens every interval to at least 1e-7, by which entries may come
    out negative, and mixes in a share of the barycentre, which keeps it from the faces that its title's "full
    expressivity" includes; neither is done here.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of the transported matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """(n - 1)^2, the dimension of the Birkhoff polytope."""
        return (self.n - 1) ** 2

    @property
    def flops(self) -> int:
        """Counts ten for each of the (n - 1)^2 entries that are placed, a sigmoid as three, and n^2 for the rests."""
        return 10 * (self.n - 1) ** 2 + self.n**2

    @property
    def calls(self) -> int:
        """Ten for each entry that is placed, one after the other."""
        return 10 * (self.n - 1) ** 2

    def matrices(self, theta: Tensor) -> Tensor:
        # A row's entries one after another, each for the whole batch, which is contiguous.
        shares = theta.movedim(-1, 0).contiguous().sigmoid().unflatten(0, (self.n - 1, self.n - 1))
        columns, rows = [torch.ones_like(shares[0, 0])] * self.n, []
        for row in shares:
            entries = self._placed(row, columns)
            columns = [(whole - part).clamp_min(0) for whole, part in zip(columns, entries, strict=True)]
            rows.append(torch.stack(entries, -1))
        return torch.stack([*rows, torch.stack(columns, -1)], -2)

    def _placed(self, shares: Tensor, columns: list[Tensor]) -> list[Tensor]:
        """Shares (n - 1, ...) of a row, what is left of the columns -> its n entries (...)."""
        left, entries = torch.ones_like(shares[0]), []
        for share, column, others in zip(shares, columns, _after(columns), strict=False):
            low, high = _bounds(left, column, others)
            entries.append(low + (high - low) * share)
            left = (left - entries[-1]).clamp_min(0)  # not below 0 by rounding
        return [*entries, left]

    def parameters(self, matrices: Tensor) -> Tensor:
        """Doubly stochastic (..., n, n) -> the theta (..., (n-1)^2) that walks there; zeros are met within 1e-15."""
        columns, theta = [torch.ones_like(matrices[..., 0, 0])] * self.n, []
        for row in matrices.unbind(-2)[:-1]:
            left = torch.ones_like(columns[0])
            for entry, column, others in zip(row.unbind(-1), columns[:-1], _after(columns), strict=False):
                low, high = _bounds(left, column, others)
                below, above = ((entry - low).clamp_min(TINY), (high - entry).clamp_min(TINY))
                theta.append(below.log() - above.log())
                left = (left - entry).clamp_min(0)
            columns = [(whole - part).clamp_min(0) for whole, part in zip(columns, row.unbind(-1), strict=True)]
        return torch.stack(theta, -1)


TINY = 1e-30
"""What stands for a distance of 0 from a bound, of which the logarithm is taken."""


def _after(columns: list[Tensor]) -> list[Tensor]:
    """What is left of n columns -> for each, what is left of all that come after it, together."""
    sums = [torch.zeros_like(columns[0])]
    for column in columns[:0:-1]:
        sums.append(sums[-1] + column)
    return sums[::-1]


def _bounds(left: Tensor, column: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """What is left of a row, of a column, and of those after it -> the least and the most that an entry may be.

    No column holds more than 1, which is what every row below can take: rows never run short, only columns do.
    """
    low = (left - others).clamp_min(0)
    return low, torch.maximum(torch.minimum(left, column), low)
