"""Steer eigenvalues of a parameterization onto given targets, each with its witness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from geometry.devices import batch_size, one_thread
from geometry.effort import USUAL, Effort, Ended, reasons
from geometry.reach.known import possible
from geometry.reach.search.attempts import TOLERANCE, misses, spectra
from geometry.reach.search.descent import approach
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.paths import way
from geometry.reach.search.targets import checked, complex_targets
from projectors import Projector


@dataclass(frozen=True, eq=False)
class Solution:
    """One row a target: the parameters found, their matrix, its eigenvalue nearest to the target, and how near it is.

    theta (m, p), matrix (m, n, n), eigenvalue (m,) complex, residual (m,) = |eigenvalue - target|, iterations (m,),
    ended (m): why the search of each ended. The eigenvalue is recomputed from theta by LAPACK in float64. The residual
    is inf where the matrix is not finite, or not doubly stochastic within 1e-8, which only projectors that are not
    exact allow. Where it is above the tolerance, the row is the nearest that was found: evidence, unless time was up,
    not proof, that the target cannot be reached. paths holds for each target what `path` gives, where asked for.
    """

    targets: Tensor
    theta: Tensor
    matrix: Tensor
    eigenvalue: Tensor
    residual: Tensor
    iterations: Tensor
    ended: tuple[Ended, ...]
    paths: tuple[NDArray[np.complex128], ...] = ()

    @property
    def solved(self) -> Tensor:
        """Which targets (m,) are eigenvalues of their matrices, within 1e-8."""
        return self.residual <= TOLERANCE


def solve(
    projector: Projector,
    targets: ArrayLike | Tensor,
    seed: int = 0,
    *,
    paths: bool = False,
    effort: Effort = USUAL,
    device: str | torch.device = "cpu",
) -> Solution:
    """projector, complex targets (m,) -> for each a matrix with an eigenvalue there, or as near as was found.

    Gauss-Newton on the characteristic polynomial from the nearest of a few thousand random matrices, then from the
    nearest solved targets; `effort.rounds` bounds how often a target is tried. The first 32 targets that resist,
    `effort.polished`, are tried from more neighbours where no theorem excludes them (`not_excluded`), and those that
    resist that too are approached by descent, so that their row is a nearest reachable point. Of targets that a theorem
    does exclude 32 are tried, once, and the others given the nearest matrix known. Raises ValueError for targets that
    are not finite or not one-dimensional, for a seed that is no whole number from 0 to 2^63 - 1, and for a device that
    this machine has not.

    >>> from projectors import Orthostochastic
    >>> found = solve(Orthostochastic(n=3, s=1), [-0.3 + 0.5j, 0.2 + 0.3j])
    >>> [str(reason) for reason in found.ended], round(found.residual[1].item(), 6)
    (['converged', 'stalled'], 0.026372)
    """
    checked(projector, effort, device)
    goals = complex_targets(targets, device)
    hunt = Hunt(projector, goals, seed, effort, device=device)
    hunt.patience = None
    open_ = torch.from_numpy(possible(projector, goals.cpu().numpy(), TOLERANCE))
    hunt.give_up(~open_ & ((~open_).cumsum(0) > effort.polished))
    for _ in range(effort.rounds):
        if not len(goals) or bool(hunt.solved.all()):
            break
        for _ in hunt.advance():
            pass
        hunt.give_up(~open_)
        hunt.patience = hunt.half_a_try
    hunt.patience = None
    resisting = ~hunt.solved & ((~hunt.solved).cumsum(0) <= effort.polished)
    rows = torch.nonzero(open_ & resisting.cpu())[:, 0].numpy()
    for _ in hunt.scout(rows, hunt.starts.scattered(goals.cpu().numpy()[rows], effort.stubborn)):
        pass
    hunt.fall_back()
    assert hunt.witnesses is not None
    theta = hunt.witnesses.of(torch.arange(len(goals)))
    for part in hunt.deadline.before(torch.nonzero(resisting & ~hunt.solved)[:, 0].split(batch_size(projector))):
        with hunt.deadline.watched(), one_thread():
            near = hunt.space.settled(approach(projector, theta[part], goals[part], effort.descent))
        nearer = misses(*spectra(projector, near), goals[part]) < hunt.distance[part]
        theta[part[nearer]] = near[nearer]
    return _solution(hunt, theta, paths=paths)


def _solution(hunt: Hunt, theta: Tensor, *, paths: bool) -> Solution:
    """A hunt as it stands, theta (m, p) -> its solution, every number recomputed from theta."""
    cut = hunt.deadline.cut
    with torch.no_grad():
        matrix = hunt.projector.matrices(theta)
    values, errors = spectra(hunt.projector, theta)
    place = (values - hunt.targets[:, None]).abs().argmin(-1, keepdim=True)
    residual = misses(values, errors, hunt.targets)
    return Solution(
        targets=hunt.targets,
        theta=theta,
        matrix=matrix,
        eigenvalue=values.gather(-1, place)[:, 0],
        residual=residual,
        iterations=hunt.steps,
        ended=reasons(residual, TOLERANCE, cut=cut),
        paths=tuple(way(hunt, row) for row in range(len(theta))) if paths else (),
    )
