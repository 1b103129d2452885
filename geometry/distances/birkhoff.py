"""The doubly stochastic matrix nearest to any matrix: the Euclidean projection onto the Birkhoff polytope."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.devices import batch_size
from geometry.polytope import square
from projectors import EuclideanProjection


def birkhoff_projection(matrices: Tensor) -> Tensor:
    """Any real matrices (..., n, n) -> the nearest doubly stochastic ones (..., n, n) in the Frobenius norm.

    Those of `projectors.EuclideanProjection` [ExactProjection2026], exact to rounding, in double precision throughout
    and without a gradient. Raises ValueError for anything but finite square matrices with n >= 2.

    >>> birkhoff_projection(torch.tensor([[2.0, 0], [0, 0]], dtype=torch.float64))
    tensor([[1., 0.],
            [0., 1.]], dtype=torch.float64)
    """
    given = square(matrices, "birkhoff_projection", least=2)
    if not bool(given.isfinite().all()):
        raise ValueError("birkhoff_projection wants finite matrices; there are entries that are nan or inf")
    if not given.numel():
        return given.detach()
    project = EuclideanProjection(given.shape[-1])
    flat = given.detach().double().flatten(-2).reshape(-1, project.parameter_count)
    found = torch.cat([project.matrices(part) for part in flat.split(batch_size(project))])
    return found.reshape(given.shape).to(given.dtype)
