"""Where everything is when rotations of several sizes lie in memory one after another: tables for gathering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from projectors import Rotational
from projectors.averages.kronecker import kronecker


@dataclass(frozen=True, eq=False)
class Tables:
    """Indices into flat real memory; a complex entry is two of its numbers.

    source: for each number of I + A, where it is in (theta, -theta, 1, 0). first, second and their weights: for each
    parameter, the numbers of the gradient of A that make up its own, and with which factor. block: for each number of
    Q, where its block is among the matrices (t, M, n, n).
    """

    source: Tensor
    first: Tensor
    second: Tensor
    first_weight: Tensor
    second_weight: Tensor
    block: Tensor

    def to(self, device: torch.device) -> Tables:
        """Return the same tables on a device."""
        return Tables(*(getattr(self, field.name).to(device) for field in fields(self)))


def tables(projectors: Sequence[Rotational], places: Sequence[int], count: int, methods: int) -> Tables:
    """Projectors, all real or all unitary, their places among the methods, number of targets -> the tables of all."""
    total = count * sum(projector.parameter_count for projector in projectors)
    parameters = numbers = 0
    parts = []
    for projector, place in zip(projectors, places, strict=True):
        parts.append(_of_one(projector, place, count, methods, total, parameters, numbers))
        parameters += len(parts[-1].first)
        numbers += len(parts[-1].source)
    return Tables(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Tables)))


def _of_one(
    projector: Rotational, place: int, count: int, methods: int, total: int, parameters: int, numbers: int
) -> Tables:
    """As `tables`, for one projector whose parameters and numbers start at these places of the flat memory."""
    n, s, p = projector.n, projector.s, projector.parameter_count
    N, width = projector.order, projector.numbers_per_entry
    row, column = torch.triu_indices(N, N, 1)
    diagonal, k = torch.arange(N), len(row)
    theta = (parameters + torch.arange(count * p)).view(count, p)

    source = torch.full((count, N, N, width), 2 * total + 1)
    source[:, diagonal, diagonal, 0] = 2 * total
    source[:, row, column, 0] = theta[:, :k]
    source[:, column, row, 0] = total + theta[:, :k]
    above, below = (row * N + column) * width, (column * N + row) * width
    first, second, sign = above, below, -torch.ones(k)
    if width == 2:  # the imaginary part is symmetric, and has a diagonal
        source[:, row, column, 1] = source[:, column, row, 1] = theta[:, k : 2 * k]
        source[:, diagonal, diagonal, 1] = theta[:, 2 * k :]
        on = diagonal * (N + 1) * width + 1
        first, second = torch.cat([above, above + 1, on]), torch.cat([below, below + 1, on])
        sign = torch.cat([sign, torch.ones(k), torch.zeros(N)])

    target = torch.arange(count)[:, None]
    start = numbers + target * N * N * width
    step = torch.arange(N) // s
    block = (step[:, None] * n + step).flatten().repeat_interleave(width)
    weight = torch.full((p,), -4 / s, dtype=torch.float64)
    return Tables(
        source=source.flatten(),
        first=(start + first).flatten(),
        second=(start + second).flatten(),
        first_weight=weight.repeat(count),
        second_weight=(weight * sign).repeat(count),
        block=((target * methods + place) * n * n + block).flatten(),
    )


def pooling(projector: Rotational, device: torch.device) -> tuple[Tensor | None, Tensor]:
    """Projector -> L (n, N) and R, with which L @ squares @ R are the means of squares (N, numbers) over blocks.

    For small n, None and the one matrix (numbers of Q, n^2) that takes the flat squares there in a single product.
    """
    n, s = projector.n, projector.s
    rows = torch.eye(n, dtype=torch.float64).repeat_interleave(s, 0) / s
    columns = torch.eye(n, dtype=torch.float64).repeat_interleave(s * projector.numbers_per_entry, 0)
    if n <= 4:
        return None, kronecker(rows, columns).to(device)
    return rows.T.contiguous().to(device), columns.to(device)
