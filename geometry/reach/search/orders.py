"""What fewer streams reach, all do: with the others left alone, a matrix of order m has its eigenvalues at order n.

So most of a large map is found where a step costs next to nothing, and witnesses are as small as they can be.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import torch
from torch import Tensor

from projectors import Mixture, Projector
from projectors.rotations.rotational import Rotational

ORDERS = (4, 8, 16, 32)
"""Numbers of streams at which a map of more is sought first."""


@singledispatch
def smaller(projector: Projector, order: int) -> Projector | None:
    """projector, m < n -> the same method for m streams, if with n - m streams left alone its matrices are of it.

    None where that is not so, or not known.
    """
    return None


@smaller.register
def _(projector: Rotational, order: int) -> Projector:
    return replace(projector, n=order)


@smaller.register
def _(projector: Mixture, order: int) -> Projector | None:
    inner = smaller(projector.projector, order)
    return None if inner is None else Mixture(inner, projector.k, projector.weights)


@singledispatch
def lifted(small: Projector, theta: Tensor, large: Projector) -> Tensor:
    """theta (b, q) of what `smaller` gave for a projector -> theta (b, p) of the projector itself.

    The matrix of it is that of theta on the first m streams, and the identity on the others.
    """
    return theta


@lifted.register
def _(small: Rotational, theta: Tensor, large: Rotational) -> Tensor:
    """A rotation of the first ms coordinates: the skew matrix is 0 elsewhere."""
    row, column = torch.triu_indices(large.order, large.order, 1, device=theta.device)
    upper = (row < small.order) & (column < small.order)
    kept = upper
    if large.numbers_per_entry == 2:
        kept = torch.cat([upper, upper, torch.arange(large.order, device=theta.device) < small.order])
    whole = theta.new_zeros(len(theta), large.parameter_count)
    whole[:, kept] = theta
    return whole


@lifted.register
def _(small: Mixture, theta: Tensor, large: Mixture) -> Tensor:
    """Each term by itself; the weights stay."""
    each = small.k * small.projector.parameter_count
    terms = theta[:, :each].unflatten(-1, (small.k, -1)).flatten(0, 1)
    whole = lifted(small.projector, terms, large.projector).unflatten(0, (len(theta), small.k)).flatten(1)
    return torch.cat([whole, theta[:, each:]], -1)
