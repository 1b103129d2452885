"""Steer eigenvalues of a parameterization onto given targets, each with its witness."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from geometry.reach.attempts import TOLERANCE, misses, spectra
from geometry.reach.hunt import Hunt
from geometry.reach.nearest import approach
from projectors import Projector
from projectors.checks import whole_number

POLISHED = 32
"""How many unsolved targets `solve` approaches one by one."""


@dataclass(frozen=True, eq=False)
class Solution:
    """One row a target: the parameters found, their matrix, its eigenvalue nearest to the target, and how near it is.

    theta (m, p), matrix (m, n, n), eigenvalue (m,) complex, residual (m,) = |eigenvalue - target|, iterations (m,). The
    eigenvalue is recomputed from theta by LAPACK in float64. The residual is inf where the matrix is not doubly
    stochastic within 1e-8, which only projectors that are not exact allow. Where it is above the tolerance, the row is
    the nearest that was found: evidence, not proof, that the target cannot be reached.
    """

    targets: Tensor
    theta: Tensor
    matrix: Tensor
    eigenvalue: Tensor
    residual: Tensor
    iterations: Tensor

    @property
    def solved(self) -> Tensor:
        """Which targets (m,) are eigenvalues of their matrices, within 1e-8."""
        return self.residual <= TOLERANCE


def solve(
    projector: Projector,
    targets: ArrayLike | Tensor,
    seed: int = 0,
    *,
    rounds: int = 8,
    iterations: int = 24,
    device: str | torch.device = "cpu",
) -> Solution:
    """projector, complex targets (m,) -> for each a matrix with an eigenvalue there, or as near as was found.

    Gauss-Newton on the characteristic polynomial from the nearest of a few thousand random matrices, then from the
    nearest solved targets; `rounds` bounds how often a target is tried. The first 32 targets that resist are approached
    by descent, so that their row is a nearest reachable point. Raises ValueError for targets that are not
    finite or not one-dimensional.

    >>> from projectors import Orthostochastic
    >>> found = solve(Orthostochastic(n=3, s=1), [-0.3 + 0.5j, 0.2 + 0.3j])
    >>> found.solved.tolist(), round(found.residual[1].item(), 6)
    ([True, False], 0.026372)
    """
    goals = torch.as_tensor(targets, dtype=torch.complex128, device=device)
    if goals.ndim != 1 or not bool(goals.isfinite().all()):
        raise ValueError(f"targets must be finite complex numbers of shape (m,), not {targets!r}")
    whole_number(rounds, "the number of rounds", 1)
    whole_number(iterations, "the number of iterations", 1)
    hunt = Hunt(projector, goals, seed, iterations, patience=None, device=device)
    for _ in range(rounds):
        if not len(goals) or bool(hunt.solved.all()):
            break
        for _ in hunt.advance():
            pass
    for row in torch.nonzero(~hunt.solved)[:POLISHED, 0].tolist():
        near = hunt.space.settled(approach(projector, hunt.theta[row], complex(goals[row]))[None]).to(hunt.theta)
        if bool(misses(*spectra(projector, near), goals[row : row + 1]) < hunt.distance[row]):
            hunt.theta[row] = near[0]
    return solution(hunt)


def solution(hunt: Hunt) -> Solution:
    """A hunt as it stands -> its solution, every number recomputed from theta."""
    theta = hunt.theta
    with torch.no_grad():
        matrix = hunt.projector(theta)
    values, errors = spectra(hunt.projector, theta)
    place = (values - hunt.targets[:, None]).abs().argmin(-1, keepdim=True)
    residual = misses(values, errors, hunt.targets)
    return Solution(hunt.targets, theta, matrix, values.gather(-1, place)[:, 0], residual, hunt.steps)
