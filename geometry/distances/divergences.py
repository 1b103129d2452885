"""How much information doubly stochastic matrices miss of others: rows and columns are probability distributions."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from geometry.polytope import square
from projectors.checks import one_of

Axis = Literal["rows", "columns"]


def divergence(matrices: Tensor, targets: Tensor) -> Tensor:
    """Matrices (..., n, n) and targets (..., n, n), broadcast -> (...,), the mean of `divergences`, in nats.

    The mean over rows and the mean over columns are one number, the sum over all entries divided by n: which of the
    two appendix F.2 of [goMHC2026] means makes no difference. Raises ValueError like `divergences`.

    >>> divergence(torch.full((2, 2), 0.5), torch.eye(2))
    tensor(0.6931)
    """
    return divergences(matrices, targets).mean(-1)


def divergences(matrices: Tensor, targets: Tensor, over: Axis = "rows") -> Tensor:
    """Matrices (..., n, n), targets (..., n, n), broadcast -> (..., n), KL(target row || matrix row) or of columns.

    In nats, from 0 (equal) to inf (the matrix has a 0 where the target has none); 0 log 0 = 0. A row or column is a
    distribution only as far as it sums to 1: for matrices that are not exact the result may fall below 0 by as much as
    they err. The gradient is finite wherever the result is, and 0 by targets that are 0. Raises ValueError for other
    shapes, for dtypes that are not real floating-point, and unless `over` is "rows" or "columns".

    >>> divergences(torch.tensor([[0.5, 0.5], [0.25, 0.75]]), torch.tensor([[1.0, 0], [0, 1]]))  # log 2, log 4/3
    tensor([0.6931, 0.2877])
    """
    one_of(over, get_args(Axis), "over")
    for given in (matrices, targets):
        square(given, "divergences")
    try:
        torch.broadcast_shapes(matrices.shape, targets.shape)
    except RuntimeError:
        fits = False
    else:
        fits = matrices.shape[-1] == targets.shape[-1]
    if not fits:
        raise ValueError(
            "divergences wants matrices and targets of one size (..., n, n), "
            f"not {tuple(matrices.shape)} and {tuple(targets.shape)}"
        )
    # Where the target is 0 the matrix does not matter: a 1 there keeps inf - inf and 0/0 out of value and gradient.
    compared = torch.where(targets > 0, matrices.clamp_min(0), 1)
    entries = targets * (torch.where(targets == 0, 1, targets).log() - compared.log())
    return entries.sum(-1 if over == "rows" else -2)
