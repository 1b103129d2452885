"""The Euclidean projection onto the Birkhoff polytope, as a map with a derivative [ExactProjection2026]."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import torch
from torch import Tensor

from projectors.base import Projector
from projectors.ranges import no_larger, wide
from projectors.tracing import traced

MOST_STEPS = 1000
"""Newton steps at most; sixty were enough for whatever was tried, up to n = 128."""

NEAR, ROUGHLY = 100.0, 1e-4
"""Size of theta from which on its rescaling to that size is balanced first, to an error of so much: many steps less."""

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
    columns have mean 0 is first rescaled to that size. A matrix whose sums are not 1 after all steps is nan.
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
            active = (_opaque if traced(start) else _positive)(start.detach())
        X = _on(active, start).clamp_min(0)
        missing = (1 - _sums(X.detach())).abs().amax(-1)[..., None, None]
        return X.masked_fill(missing > sqrt(torch.finfo(X.dtype).eps), nan).to(given.dtype)


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


def _positive(given: Tensor) -> Tensor:
    """Matrices (..., n, n) -> where their projections are positive, as 0 and 1 (..., n, n)."""
    flat = given.flatten(0, -3) if given.ndim > 2 else given[None]
    near = no_larger(flat, NEAR)
    farther = (flat.abs().amax((-2, -1)) / NEAR).clamp_min(1)[:, None]
    duals = _balanced(flat, _balanced(near, _affine(near), ROUGHLY) * farther, BALANCED)
    active = (flat + _spread(duals) > 0).to(flat)
    # Less those that come out negative beyond rounding: mistaken at a bound.
    for _ in range(POLISHED):
        wrong = active * (_on(active, flat) < -1e-13)
        if not bool(wrong.any()):
            break
        active = active - wrong
    return active.reshape(given.shape).contiguous()


# Where no number may decide, only a fixed number of steps could be taken, too few for some: torch does not look inside.
_opaque = torch.library.custom_op(
    "birkhoff::positive_entries", _positive, mutates_args=(), schema="(Tensor given) -> Tensor"
)
_opaque.register_fake(lambda given: given.new_empty(given.shape))
_opaque.register_vmap(lambda _, places, given: (_opaque(given.movedim(places[0], 0)), 0))


def _affine(given: Tensor) -> Tensor:
    """Matrices (..., n, n) -> u and v (..., 2n) of the nearest with sums 1, whatever their signs."""
    n, sums = given.shape[-1], _sums(given)
    return (1 - sums) / n - (n - sums[..., :n].sum(-1, keepdim=True)) / (2 * n**2)


def _balanced(given: Tensor, duals: Tensor, tolerance: float) -> Tensor:
    """Matrices (batch, n, n), u and v (batch, 2n) to start from, error -> u and v for which sums are 1 up to that."""
    allowed = tolerance * (1 + given.abs().amax((-2, -1)))
    for _ in range(MOST_STEPS):
        missing = (1 - _sums((given + _spread(duals)).clamp_min(0))).abs().amax(-1)
        rows = (missing > allowed).nonzero()[:, 0]
        if not len(rows):
            break
        duals = duals.index_copy(0, rows, _stepped(given[rows], duals[rows]))
    return duals


def _stepped(given: Tensor, duals: Tensor) -> Tensor:
    """Matrices (batch, n, n), u and v (batch, 2n) -> u and v one damped Newton step further, of the best size tried.

    The smallest steps matter where the damping is all that keeps a system from being singular, and a step is huge.
    """
    n = given.shape[-1]
    shifted = given + _spread(duals)
    X = shifted.clamp_min(0)
    missing = 1 - _sums(X)
    damping = (DAMPING * missing.abs().amax(-1).clamp_max(1) + 1e-14)[..., None, None]
    system = _system((X > 0).to(X)) + damping * torch.eye(2 * n, dtype=X.dtype, device=X.device)
    step = torch.linalg.solve_ex(system, missing[..., None])[0][..., 0]
    sizes = 0.5 ** torch.arange(HALVINGS, dtype=X.dtype, device=X.device)
    tried = torch.addcmul(shifted[:, None], sizes[:, None, None], _spread(step)[:, None]).clamp_min_(0)
    # Without the duals themselves, which are the same in all and large: what is gained would be lost in their rounding.
    value = tried.flatten(2).square().sum(-1) / 2 - sizes * step.sum(-1, keepdim=True)
    return duals + sizes[value.argmin(-1)][:, None] * step
