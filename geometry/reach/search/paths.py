"""The nearest reachable point to a target that nothing reaches, and the way an eigenvalue takes to its target."""

from __future__ import annotations

from math import inf

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from geometry.devices import one_thread
from geometry.effort import USUAL, Effort
from geometry.reach.search.attempts import spectra
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.newton import steer
from geometry.reach.search.targets import checked, complex_target, near
from geometry.spectra.derivatives import decomposed
from geometry.stopping import to_stop
from geometry.tangent import deflate, inflate
from projectors import Projector

TINY = float(np.finfo(float).tiny)


def approach(projector: Projector, theta: Tensor, target: complex, iterations: int) -> Tensor:
    """theta (p,) -> theta (p,) at which the eigenvalue nearest to the target is locally as near as it gets.

    Minimises |lambda - target| by L-BFGS. Where eigenvalues meet the distance has a kink and the search may stop early.
    A projector that is not exact is not held to doubly stochastic matrices here. Where nothing nearer is found, theta
    comes back.
    """

    def gap(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        point = torch.from_numpy(flat.copy()).requires_grad_()
        with torch.enable_grad():
            matrix = projector.matrices(point)
        if not bool(matrix.isfinite().all()):
            return inf, np.zeros_like(flat)
        values, right = (found[0].numpy() for found in decomposed(deflate(matrix.detach())[None]))
        gaps = np.abs(values - target)
        place = gaps.argmin()
        # An eigenvalue moves by y dC x for its right vector x and its left one y with y x = 1. Where eigenvalues meet,
        # right vectors may be dependent, and there is no inverse.
        left = np.linalg.pinv(right)[place] * ((values[place] - target).conj() / max(gaps[place], TINY))
        pull = inflate(torch.from_numpy(np.outer(left, right[:, place]).real))
        (slope,) = torch.autograd.grad(matrix, point, pull)
        return float(gaps[place]), slope.nan_to_num(0.0).numpy()

    def go_on(_: object) -> None:
        if to_stop():
            raise StopIteration

    options = {"maxiter": iterations}
    found = minimize(gap, theta.cpu().numpy(), jac=True, method="L-BFGS-B", options=options, callback=go_on)
    return torch.from_numpy(found.x) if found.fun <= gap(theta.cpu().numpy())[0] else theta


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
