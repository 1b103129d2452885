"""Down to the nearest reachable points of targets that nothing reaches: L-BFGS, many targets at once."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.spectra.derivatives import decomposed
from geometry.stopping import to_stop
from geometry.tangent import deflate, inflate
from projectors import Projector

MEMORY = 10
"""Of how many steps the changes of slopes are remembered."""

ENOUGH = 1e-4
"""Share of the decrease that the slope promises which a step has to bring."""

STEEP = 0.9
"""Where so much of the slope is left after a step, a longer one is tried."""

TRIES = 20
"""How many lengths of a step are tried at most."""

ACCURATE, FLAT = 2e-9, 1e-5
"""A descent ends where a step gains no larger share of the distance, or where no entry of the slope is larger."""


def approach(projector: Projector, theta: Tensor, targets: Tensor, iterations: int) -> Tensor:
    """theta (b, p), complex targets (b,) -> theta (b, p) of which one eigenvalue is locally as near as it gets.

    Minimises |lambda - target| by L-BFGS. Where eigenvalues meet the distance has a kink and the search may stop early.
    A projector that is not exact is not held to doubly stochastic matrices here. Where nothing nearer is found, theta
    comes back.
    """
    ends, rows = theta.clone(), torch.arange(len(theta), device=theta.device)
    gap, slope = _gaps(projector, theta, targets)
    past: list[tuple[Tensor, Tensor]] = []
    for _ in range(iterations):
        on = torch.nonzero(gap.isfinite() & (slope.abs() > FLAT).any(-1))[:, 0]
        if not len(on) or to_stop():
            break
        if len(on) < len(rows):
            rows, targets, gap, slope = (each[on] for each in (rows, targets, gap, slope))
            past = [(step[on], change[on]) for step, change in past]
        point = ends[rows]
        way, informed = _downhill(slope, past)
        reach, ahead, ahead_slope = _line(projector, point, targets, gap, slope, way)
        step, stuck = reach[:, None] * way, gap - ahead <= ACCURATE * gap
        ends[rows] = point + step
        past = [(old * ~stuck[:, None], change) for old, change in [*past, (step, ahead_slope - slope)][-MEMORY:]]
        gap, slope = ahead, ahead_slope * ~(stuck & ~informed)[:, None]
    return ends


def _line(
    projector: Projector, point: Tensor, targets: Tensor, gap: Tensor, slope: Tensor, way: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Points (b, p), with gap and slope, and directions (b, p) -> how far along (b,), and gap and slope there.

    So far that it brings a part of what the slope promises, and farther where it goes on as steeply; 0 where nothing
    near brings that.
    """
    promised = (slope * way).sum(-1)
    reach, ahead, ahead_slope = torch.zeros_like(gap), gap.clone(), slope.clone()
    left, far = torch.arange(len(gap), device=gap.device), torch.ones_like(gap)
    for _ in range(TRIES):
        there, there_slope = _gaps(projector, point[left] + far[:, None] * way[left], targets[left])
        down = there <= gap[left] + ENOUGH * far * promised[left]
        took = left[down]
        reach[took], ahead[took], ahead_slope[took] = far[down], there[down], there_slope[down]
        steep = down & ((there_slope * way[left]).sum(-1) < STEEP * promised[left])
        # Back to where the parabola through what is known is lowest, but where a shorter step was good already.
        lowest = -promised[left] * far**2 / (2 * (there - gap[left] - far * promised[left]))
        back = torch.minimum(torch.maximum(lowest.nan_to_num(0.0), 0.1 * far), 0.5 * far)
        far, on = torch.where(steep, 4 * far, back), steep | (~down & (reach[left] == 0))
        left, far = left[on], far[on]
        if not len(left):
            break
    return reach, ahead, ahead_slope


def _downhill(slope: Tensor, past: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Slopes (b, p), past steps and changes of slopes (b, p) -> directions (b, p), and whether the past has a say (b,).

    The two loops of L-BFGS [Nocedal1980]. Where no past step says more, the steepest way down, no longer than 1.
    """
    way, scale = -slope, (1 / torch.linalg.vector_norm(slope, dim=-1)).clamp_max(1)
    shares = []
    for step, change in reversed(past):
        bend = (step * change).sum(-1)
        curved = bend > 1e-10 * torch.linalg.vector_norm(step, dim=-1) * torch.linalg.vector_norm(change, dim=-1)
        inverse = torch.where(curved, 1 / bend, 0.0)
        shares.append((inverse, inverse * (step * way).sum(-1)))
        way = way - shares[-1][1][:, None] * change
    if past:
        step, change = past[-1]
        scale = torch.where(shares[0][0] > 0, (step * change).sum(-1) / change.square().sum(-1), scale)
    way = scale[:, None] * way
    for (step, change), (inverse, share) in zip(past, reversed(shares), strict=True):
        way = way + (share - inverse * (change * way).sum(-1))[:, None] * step
    informed = torch.stack([inverse > 0 for inverse, _ in shares]).any(0) if shares else scale < 0
    return way, informed


def _gaps(projector: Projector, theta: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """theta (b, p), targets (b,) -> how far the nearest eigenvalue is (b,), and its slope (b, p).

    inf and 0 where the matrix is not finite.
    """
    point = theta.detach().requires_grad_()
    with torch.enable_grad():
        matrix = projector.matrices(point)
    finite = matrix.detach().isfinite().all(-1).all(-1)
    values, right = decomposed(deflate(torch.where(finite[:, None, None], matrix.detach(), 0.0).double()))
    gaps = (values - targets[:, None]).abs()
    gap, place = gaps.min(-1)
    each = torch.arange(len(theta), device=theta.device)
    # An eigenvalue moves by y dC x for its right vector x and its left one y with y x = 1. Where eigenvalues meet,
    # right vectors may be dependent, and there is no inverse.
    aside = (values[each, place] - targets).conj() / gap.clamp_min(torch.finfo(gap.dtype).tiny)
    left = torch.linalg.pinv(right)[each, place] * aside[:, None]
    pull = inflate((left[:, :, None] * right[each, :, place][:, None, :]).real)
    (slope,) = torch.autograd.grad(matrix, point, pull.to(matrix))
    return torch.where(finite, gap, torch.inf), torch.where(finite[:, None], slope.nan_to_num(0.0), 0.0)
