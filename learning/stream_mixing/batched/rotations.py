"""go-mHC in training, several ranks s at once: gathers, inverses and products of small matrices, forward and back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from learning.stream_mixing.batched.base import Map, Memory
from learning.stream_mixing.batched.rotation_tables import pooling, tables
from projectors import Projector, Rotational

LARGEST_ORDER, MOST_ENTRIES = 32, 2**20
"""Largest ns, and most entries of all Q of one method, that pay: beyond, the arithmetic counts and not the calls."""

NEAR = 0.02
"""Largest entry of I - MX from which Newton's iteration for the inverse of M starts."""

CLOSE = 1e-8
"""Largest entry of I - MX that one step of Newton's iteration takes to rounding."""


class RotationMap(Map):
    """X = (I + A)^-1, Q = 2X - I, B = mean squares of the blocks of Q; back: A receives -(4/s) X^H E X^H.

    E is Q times the gradient of its entries' blocks. Whatever concerns single numbers is one call for all ranks, on
    memory that holds their matrices one after another. Real or unitary, not both in one map.
    """

    def __init__(self, projectors: Sequence[Projector], places: Sequence[int], memory: Memory) -> None:
        super().__init__(projectors, places, memory)
        rotational = [each for each in projectors if isinstance(each, Rotational)]
        device, p = memory.theta.device, len(memory.theta)
        self.flat, self.to_flat, self.to_blocks = memory.theta, memory.to_theta, memory.to_matrices.view(-1)
        self.tables = tables(rotational, places, self.count, memory.matrices.shape[1]).to(device)
        self.poolings = [pooling(each, device) for each in rotational]
        self.signed = torch.zeros(2 * p + 2, dtype=torch.float64, device=device)
        self.signed[2 * p] = 1
        self.plus, self.minus = self.signed[:p], self.signed[p : 2 * p]
        self.minus_identity = -(self.tables.source == 2 * p).double()
        # Not a number: the first inverses have none before them to start from.
        memories = torch.full((5, len(self.minus_identity)), torch.nan, dtype=torch.float64, device=device)
        self.shifted, self.inverse, self.before, self.rotation, self.work = memories
        pieces = [_pieces(numbers, rotational, self.count) for numbers in memories]
        self.shifted_pieces, self.inverse_pieces, self.before_pieces, self.rotation_pieces, self.work_pieces = pieces
        self.numbers = [torch.view_as_real(each) if each.is_complex() else each for each in self.work_pieces]
        self.info = torch.empty(self.count, dtype=torch.int32, device=device)

    @classmethod
    def shared_by(cls, projector: Projector, count: int) -> Hashable:
        """go-mHC of moderate size, real with real and unitary with unitary."""
        if not isinstance(projector, Rotational):
            return None
        N = projector.order
        return (cls, type(projector)) if N <= LARGEST_ORDER and count * N * N <= MOST_ENTRIES else None

    def forward(self) -> None:
        """Gather I + A, invert, average squares."""
        self.plus.copy_(self.flat)
        torch.neg(self.flat, out=self.minus)
        torch.index_select(self.signed, 0, self.tables.source, out=self.shifted)
        if not self._refined():
            for shifted, inverse in zip(self.shifted_pieces, self.inverse_pieces, strict=True):
                # LAPACK works on columns: to it these row by row matrices are transposed, and so is what it returns.
                torch.linalg.inv_ex(shifted.mT, out=(inverse.mT, self.info))
        torch.add(self.minus_identity, self.inverse, alpha=2, out=self.rotation)
        torch.mul(self.rotation, self.rotation, out=self.work)
        for squares, (rows, columns), matrices in zip(self.numbers, self.poolings, self.matrices, strict=True):
            if rows is None:
                torch.mm(squares.flatten(1), columns, out=matrices)
            else:
                matrices.copy_((rows @ (squares.flatten(2) @ columns)).flatten(1))

    def _refined(self) -> bool:
        """Find the inverses near where those of the last two steps lead to; if they are not, leave it to LAPACK.

        A step of Newton's iteration X (2I - MX) squares the residual I - MX. Two of them are usual, and cost a third of
        an inversion.
        """
        self.before.neg_().add_(self.inverse, alpha=2)
        self.inverse, self.before = self.before, self.inverse
        self.inverse_pieces, self.before_pieces = self.before_pieces, self.inverse_pieces
        residual, change = self.work, self.rotation
        for _ in range(5):
            for M, X, MX in zip(self.shifted_pieces, self.inverse_pieces, self.work_pieces, strict=True):
                torch.bmm(M, X, out=MX)
            residual += self.minus_identity
            low, high = residual.aminmax()
            size = max(-float(low), float(high))
            if not size < NEAR:  # neither where it is not a number
                return False
            for X, R, XR in zip(self.inverse_pieces, self.work_pieces, self.rotation_pieces, strict=True):
                torch.bmm(X, R, out=XR)
            self.inverse -= change
            if size < CLOSE:
                return True
        return False

    def backward(self) -> None:
        """Spread the gradient over blocks, multiply from both sides, gather."""
        torch.index_select(self.to_blocks, 0, self.tables.block, out=self.work)
        self.work *= self.rotation
        for X, E, product in zip(self.inverse_pieces, self.work_pieces, self.shifted_pieces, strict=True):
            torch.bmm(torch.bmm(X.mH, E, out=product), X.mH, out=E)
        torch.index_select(self.work, 0, self.tables.first, out=self.to_flat)
        self.to_flat *= self.tables.first_weight
        self.to_flat.addcmul_(self.work.index_select(0, self.tables.second), self.tables.second_weight)


def _pieces(numbers: Tensor, projectors: Sequence[Rotational], count: int) -> list[Tensor]:
    """Flat numbers -> views (t, N, N), real or complex, one for each projector."""
    views = []
    for projector in projectors:
        N, width = projector.order, projector.numbers_per_entry
        part, numbers = numbers.split([count * N * N * width, len(numbers) - count * N * N * width])
        part = part.view(count, N, N, width)
        views.append(torch.view_as_complex(part) if width == 2 else part.squeeze(-1))
    return views
