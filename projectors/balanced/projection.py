"""The Euclidean projection onto the Birkhoff polytope, as a map with a derivative [ExactProjection2026]."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from projectors.base import Projector
from projectors.ranges import no_larger, wide
from projectors.tracing import traced

MOST_STEPS, TRACED_STEPS = 100, 30
"""Newton steps at most, and as many as are taken where no number may decide."""

HALVINGS = 24
"""How many step sizes 1, 1/2, 1/4, ... are looked at together."""

BALANCED = 1e-9
"""The error of a sum, over the size of theta, at which the entries that are not 0 are the right ones."""

DAMPING = 1e-4
"""Of the error of the sums: what is added to a Newton system, whose matrix is singular where rows do not meet."""

SATURATED = 1e4
"""Size of theta beyond which it counts as its rescaling to that size: most projections are vertices long before."""

POLISHED = 2
"""How often sums are corrected at the end, so that they are exact also where theta is large."""


@dataclass(frozen=True)
class EuclideanProjection(Projector):
    """theta (..., n^2) -> the doubly stochastic matrices (..., n, n) nearest to theta in the Frobenius norm.

    Exact, and onto: every doubly stochastic matrix is its own projection, so that vertices and faces are met by finite
    parameters. The map is a contraction and piecewise linear: where an entry is 0, its parameter has no gradient, as
    with a ReLU. So training can stop for good on a face that it starts on, at the face's own nearest point to a target:
    from normal theta it misses the targets of the paper's Fig. 6 by 50 times the least loss and more. Start inside.

    X = max(0, theta + u 1^T + 1 v^T), with u and v from a semismooth Newton method on the concave dual, whose steps
    end after finitely many. The derivative is the implicit one: the projection onto matrices with sums 0 and the zeros
    of X, whatever steps led there, and so is every higher one, which is 0. What is still beyond 1e4 once rows and
    columns have mean 0 is first rescaled to that size.
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of the projected matrix,", 2)

    @property
    def parameter_count(self) -> int:
        """n^2."""
        return self.n**2

    @property
    def flops(self) -> int:
        """Counts six Newton steps, of (2n)^3 / 3 and 24 step sizes of 6 n^2 each, and 20 (2n)^3 for the last solution.

        Six is what normal parameters take at n = 4; larger and farther ones take more.
        """
        return 6 * ((2 * self.n) ** 3 // 3 + HALVINGS * 6 * self.n**2) + 20 * (2 * self.n) ** 3

    @property
    def calls(self) -> int:
        """Forty for each of six Newton steps, and as many for the last solution, which are slow ones."""
        return 320

    def matrices(self, theta: Tensor) -> Tensor:
        given = theta.unflatten(-1, (self.n, self.n))
        start = wide(given)
        # What rows or columns have in common does not matter, and is not to count as size.
        start = no_larger(start, sqrt(torch.finfo(start.dtype).max))
        start = start - start.mean(-1, keepdim=True)
        start = no_larger(start - start.mean(-2, keepdim=True), SATURATED)
        with torch.no_grad():
            active = _without_negative(_active(start.detach()), start.detach())
        return _on(active, start).clamp_min(0).to(given.dtype)


def _sums(matrices: Tensor) -> Tensor:
    """(..., n, n) -> the sums of rows, then of columns (..., 2n)."""
    return torch.cat([matrices.sum(-1), matrices.sum(-2)], -1)


def _spread(duals: Tensor) -> Tensor:
    """u and v (..., 2n) -> u 1^T + 1 v^T (..., n, n)."""
    u, v = duals.chunk(2, -1)
    return u[..., :, None] + v[..., None, :]


def _system(active: Tensor) -> Tensor:
    """Which entries are not 0, as 0 and 1 (..., n, n) -> how their sums follow u and v (..., 2n, 2n)."""
    rows, columns = active.sum(-1).diag_embed(), active.sum(-2).diag_embed()
    return torch.cat([torch.cat([rows, active], -1), torch.cat([active.mT, columns], -1)], -2)


def _on(active: Tensor, given: Tensor) -> Tensor:
    """Which entries are not 0 (..., n, n), matrices (..., n, n) -> the nearest with sums 1 and these zeros; linear."""
    inverse = torch.linalg.pinv(_system(active), hermitian=True, rtol=1e-10)
    X = given * active
    for _ in range(1 + POLISHED):
        X = X + active * _spread((inverse @ (1 - _sums(X))[..., None])[..., 0])
    return X


def _without_negative(active: Tensor, given: Tensor) -> Tensor:
    """Entries that are not 0 (..., n, n), less those that come out negative beyond rounding: mistaken at a bound."""
    for _ in range(POLISHED):
        wrong = active * (_on(active, given) < -1e-13)
        if not traced(given) and not bool(wrong.any()):
            break
        active = active - wrong
    return active


def _active(given: Tensor) -> Tensor:
    """Matrices (..., n, n) -> where their projections are positive, as 0 and 1 (..., n, n)."""
    n = given.shape[-1]
    sums = _sums(given)
    # Of matrices with sums 1, the nearest: there, u and v are these.
    duals = (1 - sums) / n - (n - sums[..., :n].sum(-1, keepdim=True)) / (2 * n**2)
    if traced(given):
        for _ in range(TRACED_STEPS):
            duals = _stepped(given, duals)
    else:
        flat, duals = given.reshape(-1, n, n), duals.reshape(-1, 2 * n)
        for _ in range(MOST_STEPS):
            missing = (1 - _sums(_primal(flat, duals))).abs().amax(-1)
            rows = (missing > BALANCED * (1 + flat.abs().amax((-2, -1)))).nonzero()[:, 0]
            if not len(rows):
                break
            duals[rows] = _stepped(flat[rows], duals[rows])
        duals = duals.reshape(*given.shape[:-2], 2 * n)
    return (given + _spread(duals) > 0).to(given.dtype)


def _primal(given: Tensor, duals: Tensor) -> Tensor:
    """Matrices (..., n, n), u and v (..., 2n) -> X (..., n, n)."""
    return (given + _spread(duals)).clamp_min(0)


def _stepped(given: Tensor, duals: Tensor) -> Tensor:
    """Matrices (..., n, n), u and v (..., 2n) -> u and v one damped Newton step further, of the best size tried.

    The smallest steps matter where the damping is all that keeps a system from being singular, and a step is huge.
    """
    n = given.shape[-1]
    X = _primal(given, duals)
    missing = 1 - _sums(X)
    damping = (DAMPING * missing.abs().amax(-1).clamp_max(1) + 1e-14)[..., None, None]
    system = _system((X > 0).to(X)) + damping * torch.eye(2 * n, dtype=X.dtype, device=X.device)
    step = torch.linalg.solve_ex(system, missing[..., None])[0][..., 0]
    sizes = 0.5 ** torch.arange(HALVINGS, dtype=X.dtype, device=X.device)
    tried = duals[..., None, :] + sizes[:, None] * step[..., None, :]
    value = _primal(given[..., None, :, :], tried).square().sum((-2, -1)) / 2 - tried.sum(-1)
    best = value.argmin(-1)[..., None, None].expand(*duals.shape[:-1], 1, 2 * n)
    return tried.gather(-2, best)[..., 0, :]
