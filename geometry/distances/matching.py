"""Levenberg-Marquardt steps that bring the matrix of a point near to a target matrix, for many targets at once."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.distances.steps import damped_steps
from geometry.effort import USUAL, Effort
from geometry.spaces.base import Space
from geometry.stopping import to_stop

CONVERGED = 1e-10
"""Distance at which a point is left alone."""

DAMPING, SOFTEST, STIFFEST = 1e-2, 1e-12, 1e6
"""The first damping, in the units of the squared directions, and its limits."""

EASED = 0.1
"""The factor of the damping after a step that did as much as it promised."""


def match(
    space: Space,
    points: Tensor,
    targets: Tensor,
    effort: Effort = USUAL,
    *,
    patiently: bool = False,
    ignored: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Points (b, ...), targets (b, n, n), orthonormal ignored (h, n, n) -> points (b, ...) nearer, distances (b,).

    The distance is the Frobenius norm of matrix - target, less the part that lies along `ignored`: a local minimum of
    it, found by damped Gauss-Newton steps. The damping follows what a step gains compared to what it promised, and
    doubles, quadruples and so on from failure to failure [Nielsen1999]: near a face of the polytope, where no step
    moves the matrix to first order, it has to rise fast. A point is given up after so many steps in a row as the effort
    lets it be idle, or patiently idle. Finite starts stay finite; the distance of others is nan.
    """
    most, idle = (effort.patient_steps, effort.patient_idle) if patiently else (effort.steps, effort.idle)
    unseen = targets.new_empty(0, *targets.shape[1:]) if ignored is None else ignored.to(targets)

    def gap(places: Tensor, goals: Tensor) -> Tensor:
        difference = space.matrices(places) - goals
        centred = difference - difference.mean(-1, keepdim=True)
        centred = centred - centred.mean(-2, keepdim=True)
        if not len(unseen):
            return centred
        return centred - torch.einsum("bkl,hkl,hij->bij", centred, unseen, unseen)

    points = points.clone()
    residual = gap(points, targets)
    squared = residual.square().sum((1, 2))
    damping, growth = torch.full_like(squared, DAMPING), torch.full_like(squared, 2)
    idled = torch.zeros(len(points), dtype=torch.long, device=points.device)
    active = torch.arange(len(points), device=points.device)
    for _ in range(most):
        active = active[(squared[active] > CONVERGED**2) & (idled[active] < idle)]
        if not len(active) or to_stop():
            break
        here = points[active]
        step, left = damped_steps(space, here, residual[active], damping[active], unseen)
        trial = space.move(here, step)
        ahead = gap(trial, targets[active])
        square = ahead.square().sum((1, 2))
        better = square < squared[active]
        gain, promised = 1 - square / squared[active], 1 - left / squared[active]
        eased = (1 - (2 * gain / promised.clamp_min(1e-12) - 1) ** 3).clamp(EASED, 2)
        damping[active] = (damping[active] * torch.where(better, eased, growth[active])).clamp(SOFTEST, STIFFEST)
        growth[active] = torch.where(better, 2, 2 * growth[active])
        idled[active] = torch.where(better & (gain > effort.stalled), 0, idled[active] + 1)
        won = active[better]
        points[won], residual[won], squared[won] = trial[better], ahead[better], square[better]
    return points, squared.sqrt()
