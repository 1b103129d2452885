"""The nearest reachable point to a target that nothing reaches, and the way an eigenvalue takes to its target."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from geometry.reach.attempts import spectra
from geometry.reach.hunt import Hunt
from geometry.reach.newton import steer
from geometry.tangent import deflate
from projectors import Projector


def approach(projector: Projector, theta: Tensor, target: complex, iterations: int = 200) -> Tensor:
    """theta (p,) -> theta (p,) at which the eigenvalue nearest to the target is locally as near as it gets.

    Minimises |lambda - target| by L-BFGS. Where eigenvalues meet the distance has a kink and the search may stop early.
    A projector that is not exact is not held to doubly stochastic matrices here. Where nothing nearer is found, theta
    comes back.
    """

    def gap(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        point = torch.from_numpy(flat.copy()).requires_grad_()
        with torch.enable_grad():
            distance = (torch.linalg.eigvals(deflate(projector(point))) - target).abs().min()
        (slope,) = torch.autograd.grad(distance, point)
        return float(distance.detach()), slope.nan_to_num(0.0).numpy()

    found = minimize(gap, theta.cpu().numpy(), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return torch.from_numpy(found.x) if found.fun <= gap(theta.cpu().numpy())[0] else theta


def path(projector: Projector, target: complex, seed: int = 0, *, iterations: int = 60) -> NDArray[np.complex128]:
    """projector, target -> the eigenvalue (k,) nearest to the target at every step of its way there, the start first.

    Gauss-Newton steps from the random matrix that starts nearest to half-way between the origin and the target, so that
    there is a way to see.
    """
    goal = torch.tensor([target], dtype=torch.complex128)
    hunt = Hunt(projector, goal, seed)
    begin = int(hunt.owners[np.abs(hunt.known - target / 2).argmin()])
    trace: list[Tensor] = []
    with torch.no_grad():
        steer(hunt.space, hunt.pool[0][begin : begin + 1], goal, iterations, trace=trace)
        values = spectra(projector, hunt.space.parameters(torch.cat(trace)))[0].numpy()
    nearest = np.abs(values - target).argmin(-1)
    return np.asarray(values[np.arange(len(values)), nearest])
