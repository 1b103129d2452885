"""The way an eigenvalue takes to its target."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geometry.devices import one_thread
from geometry.effort import USUAL, Effort
from geometry.reach.search.attempts import spectra
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.newton import steer
from geometry.reach.search.targets import checked, complex_target, near
from projectors import Projector


def path(projector: Projector, target: complex, seed: int = 0, *, effort: Effort = USUAL) -> NDArray[np.complex128]:
    """projector, target -> the eigenvalue (k,) nearest to the target at every step of its way there, the start first.

    Gauss-Newton steps, at most `effort.path`, from the random matrix that starts nearest to half-way between the origin
    and the target, so that there is a way to see. The start alone when time is up, and nothing, k = 0, where no random
    matrix is finite. Raises ValueError for a target that is no finite number, and for a seed that is no whole number
    from 0 to 2^63 - 1.
    """
    checked(projector, effort)
    goal = torch.from_numpy(near(np.array([complex_target(target)])))
    return way(Hunt(projector, goal, seed, effort), 0)


def way(hunt: Hunt, row: int) -> NDArray[np.complex128]:
    """A hunt, however far it has come, and the number of a target -> what `path` gives for this target and seed."""
    target, goal = complex(hunt.targets[row]), hunt.targets[row : row + 1]
    known, points = hunt.starts.bank
    if not len(points):
        return np.empty(0, dtype=np.complex128)
    begin = int(np.abs(known.ravel() - target / 2).argmin()) // known.shape[1]
    steps = 0 if hunt.deadline.passed() else hunt.effort.path
    trace: list[Tensor] = []
    with torch.no_grad(), one_thread(), hunt.deadline.watched():
        steer(hunt.space, points[begin : begin + 1], goal, steps, trace=trace)
        values = spectra(hunt.projector, hunt.space.parameters(torch.cat(trace)))[0].cpu().numpy()
    nearest = np.abs(values - target).argmin(-1)
    return np.asarray(values[np.arange(len(values)), nearest])
