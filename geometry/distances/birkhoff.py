"""The doubly stochastic matrix nearest to any matrix: the Euclidean projection onto the Birkhoff polytope."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from geometry.devices import batch_size
from geometry.polytope import in_memory, square
from projectors import EuclideanProjection
from projectors.ranges import no_larger


def birkhoff_projection(matrices: Tensor) -> Tensor:
    """Any real matrices (..., n, n) -> the nearest doubly stochastic ones (..., n, n) in the Frobenius norm.

    Those of `projectors.EuclideanProjection` [ExactProjection2026], of entries of any size, exact to their rounding, in
    double precision throughout and without a gradient. Raises ValueError for anything but finite square matrices with
    n >= 2.

    >>> birkhoff_projection(torch.tensor([[2.0, 0], [0, 0]], dtype=torch.float64))
    tensor([[1., 0.],
            [0., 1.]], dtype=torch.float64)
    """
    given = in_memory(square(matrices, "birkhoff_projection", least=2), "birkhoff_projection")
    if not bool(given.isfinite().all()):
        raise ValueError("birkhoff_projection wants finite matrices; there are entries that are nan or inf")
    if not given.numel():
        return given.detach()
    project = EuclideanProjection(given.shape[-1])
    flat = given.detach().double().reshape(-1, *given.shape[-2:])
    found = torch.cat([project.matrices(_reduced(part).flatten(1)) for part in flat.split(batch_size(project))])
    return found.reshape(given.shape).to(given.dtype)


def nearest_permutations(matrices: Tensor) -> Tensor:
    """Finite matrices (..., n, n) -> of each the nearest permutation (..., n), row i's column: of the largest sum."""
    flat = matrices.reshape(-1, *matrices.shape[-2:]).cpu().numpy()
    found = [linear_sum_assignment(matrix, maximize=True)[1] for matrix in flat]
    columns = np.array(found, dtype=np.int64).reshape(matrices.shape[:-1])
    return torch.from_numpy(columns).to(matrices.device)


def _reduced(matrices: Tensor) -> Tensor:
    """Matrices (t, n, n) of any size -> others, of no entry beyond about 2n, that have the same projections.

    What rows or columns have in common does not count: by their potentials in the assignment problem, all entries get
    negative, but for a permutation of zeros P. As the projection X has no negative entry but where u_i + v_j is larger
    than what is given, u_i + v_j <= 1 on P, and the sum of all u and v is n at most. Through each positive entry of X
    goes a permutation of such entries; along it the given entries sum to that of X, less u and v: more than -n. So what
    is below -n belongs to zeros, however far below (twice that here, as sums are rounded).
    """
    n = matrices.shape[-1]
    matrices = no_larger(matrices, torch.finfo(matrices.dtype).max / (8 * n))  # so that sums are finite
    columns = nearest_permutations(matrices)[:, None, :].expand_as(matrices)
    paired = matrices.gather(-1, columns)
    gains = paired - paired.diagonal(dim1=-2, dim2=-1)[:, None, :]  # of row i, if it took the column of row k
    heights = matrices.new_zeros(matrices.shape[:-1])
    for _ in range(n):
        heights = (gains + heights[:, None, :]).amax(-1)
    below = (gains - heights[:, :, None] + heights[:, None, :]).clamp(-2 * n, 0)
    return torch.empty_like(below).scatter(-1, columns, below)
