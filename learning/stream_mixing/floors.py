"""How low a loss can be: expected over all data sets (Eq. 21-24 of [goMHC2026]), and on the data set at hand."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.distances.birkhoff import birkhoff_projection
from geometry.polytope import square
from geometry.tangent import helmert
from learning.stream_mixing.choices import Objective
from learning.stream_mixing.data import Moments


def least_losses(objective: Objective, averages: Moments, rows: Tensor) -> Tensor:
    """Objective, moments of t data sets, read-outs (t, n) -> least losses (t,) of matrices with row and column sums 1.

    Negative entries are allowed, so it is a lower bound for doubly stochastic matrices, attained where all entries of
    the minimiser are positive. With the moments of all possible data this is eta^2 / 3 plus n sigma^2 E[x^2] for
    projector noise sigma; with those of a data set it is lower, because (n - 1)^2 numbers can be fitted to the noise.
    """
    n = averages.xx.shape[-1]
    if objective in ("matrix", "eigenvalue"):
        return rows.new_zeros(len(rows))
    V, rows = helmert(n, rows.dtype, rows.device), rows[:, None]
    if objective == "features":
        noise, crossed = averages.ee.diagonal(dim1=-2, dim2=-1).sum(-1) / n, V.T @ averages.ex @ V / n**0.5
        curvature = V.T @ averages.xx @ V
    else:
        noise = (rows @ averages.ee @ rows.mT).flatten()
        free = objective == "learned read-out"  # any row can be read out: nothing says that it sums to that of p
        crossed = rows @ averages.ex if free else rows @ averages.ex @ V
        curvature = averages.xx if free else V.T @ averages.xx @ V
    # Few or sparse samples leave directions without any: their curvature is rounding, and is not to be inverted.
    inverse = torch.linalg.pinv(curvature, hermitian=True, rtol=1e-12)
    return (noise - (crossed @ inverse * crossed).sum((-2, -1))).clamp_min(0)


def structural_error(targets: Tensor) -> Tensor:
    """Targets T (..., n, n) of row sums 1 -> (...,), what no doubly stochastic B learns of them: c dist(T, B_n)^2.

    The last term of Eq. 24 of [goMHC2026], which leaves c open: with features x ~ U(0, 1), whose second moments are
    1/12 on the diagonal and 1/4 everywhere, the mean over streams of E |(T - B) x|^2 is |T - B|^2 / (12 n) for every B
    of the same row sums, so that c = 1/(12 n) and the best B is the Euclidean projection. Raises ValueError for
    matrices that are not square, or whose rows do not sum to 1 within 1e-6.

    >>> structural_error(torch.tensor([[1.25, -0.25], [0.0, 1.0]], dtype=torch.float64)).item() > 0
    True
    """
    given = square(targets, "structural_error", least=2)
    if not bool(((given.sum(-1) - 1).abs() <= 1e-6).all()):
        raise ValueError("structural_error wants matrices whose rows sum to 1; those of some do not")
    gaps = given - birkhoff_projection(given)
    return gaps.square().sum((-1, -2)) / (12 * given.shape[-1])
