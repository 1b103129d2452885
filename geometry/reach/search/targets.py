"""What searches are asked for, checked once for all of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from geometry.arrays import numbers
from geometry.devices import known_device
from geometry.effort import Effort
from projectors import Projector
from projectors.checks import instance, odd_number

FARTHEST = 1e6
"""The largest modulus of a target: beyond, differences between eigenvalues drown in rounding."""


def checked(projector: Projector, effort: Effort, device: str | torch.device = "cpu") -> None:
    """Raise ValueError for what is no projector, no effort, or no device of this machine."""
    instance(projector, Projector, "the projector")
    instance(effort, Effort, "the effort")
    known_device(device)


def cells_across(resolution: int) -> int:
    """Any object -> the cells of a map in a direction; ValueError unless odd and from 5 to 1001."""
    return odd_number(resolution, "the resolution", 5, 1001)


def complex_targets(targets: ArrayLike | Tensor, device: str | torch.device) -> Tensor:
    """Numbers (m,) of any kind -> complex128 on the device; ValueError unless finite, numbers and one-dimensional."""
    array = numbers(targets, "iufc")
    if array is None or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"targets must be finite complex numbers of shape (m,), not {targets!r}")
    return torch.from_numpy(near(array.astype(np.complex128))).to(device)


def near(targets: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Finite numbers of any shape -> the same, or ValueError if one is too far out to be steered to."""
    if targets.size and not np.abs(targets).max() <= FARTHEST:
        farthest = complex(targets.ravel()[np.abs(targets).argmax()])
        raise ValueError(f"targets must be of modulus {FARTHEST:g} at most, as eigenvalues are of 1, not {farthest!r}")
    return targets


def complex_target(target: complex) -> complex:
    """One number of any kind -> complex; ValueError unless it is a finite number."""
    array = numbers(target, "iufc")
    if array is None or array.ndim != 0 or not np.isfinite(array):
        raise ValueError(f"the target must be a finite complex number, not {target!r}")
    return complex(array)


def directions(angles: ArrayLike) -> NDArray[np.float64]:
    """Angles (m,) in radians -> float64; ValueError unless finite, real and one-dimensional."""
    array = numbers(angles, "iuf")
    if array is None or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"angles must be finite numbers of shape (m,), not {angles!r}")
    return array.astype(np.float64)
