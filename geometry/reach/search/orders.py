"""What fewer streams reach, all do: with the others left alone, a matrix of order m has its eigenvalues at order n.

And what a rank reaches, its multiples do [Nechita2023]. So most of a large map is found where a step costs next to
nothing, and witnesses are as small as they can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch

import torch
from torch import Tensor

from projectors import Mixture, Projector
from projectors.rotations.rotational import Rotational

ORDERS = (4, 8, 16, 32)
"""Numbers of streams at which a map of more is sought first."""


@singledispatch
def ladder(projector: Projector) -> Iterator[Projector]:
    """projector -> the same method for fewer streams, and for ranks that divide its own, from the smallest on.

    Nothing where their matrices, with the other streams left alone, are not known to be the projector's own.
    """
    yield from ()


@ladder.register
def _(projector: Rotational) -> Iterator[Projector]:
    """Rotate ms coordinates, or s / t of them alike."""
    for n in [*(order for order in ORDERS if order < projector.n), projector.n]:
        for s in (rank for rank in range(1, projector.s + 1) if projector.s % rank == 0):
            if (n, s) != (projector.n, projector.s):
                yield replace(projector, n=n, s=s)


@ladder.register
def _(projector: Mixture) -> Iterator[Projector]:
    """Take each term from fewer streams."""
    for smaller in ladder(projector.projector):
        yield Mixture(smaller, projector.k, projector.weights)


@singledispatch
def lifted(small: Projector, theta: Tensor, large: Projector) -> Tensor:
    """theta (b, q) of what `ladder` gives for a projector -> theta (b, p) of the projector itself.

    The matrix of it is that of theta on the first m streams, and the identity on the others.
    """
    return theta


@lifted.register
def _(small: Rotational, theta: Tensor, large: Rotational) -> Tensor:
    """The skew matrix A of theta becomes A x I_k on the first coordinates, for k times the rank, and 0 elsewhere."""
    N, k = large.order, large.s // small.s
    place = torch.zeros(N, N, dtype=torch.long, device=theta.device)
    pairs = N * (N - 1) // 2
    place[tuple(torch.triu_indices(N, N, 1, device=theta.device))] = torch.arange(pairs, device=theta.device)
    copies = torch.arange(k, device=theta.device)[:, None]
    row, column = torch.triu_indices(small.order, small.order, 1, device=theta.device) * k
    upper = place[row + copies, column + copies]
    if large.numbers_per_entry == 2:
        diagonal = torch.arange(small.order, device=theta.device) * k + copies
        upper = torch.cat([upper, pairs + upper, 2 * pairs + diagonal], -1)
    whole = theta.new_zeros(len(theta), large.parameter_count)
    whole[:, upper] = theta[:, None]
    return whole


@lifted.register
def _(small: Mixture, theta: Tensor, large: Mixture) -> Tensor:
    """Each term by itself; the weights stay."""
    each = small.k * small.projector.parameter_count
    terms = theta[:, :each].unflatten(-1, (small.k, -1)).flatten(0, 1)
    whole = lifted(small.projector, terms, large.projector).unflatten(0, (len(theta), small.k)).flatten(1)
    return torch.cat([whole, theta[:, each:]], -1)
