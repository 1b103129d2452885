"""Whether one matrix belongs to a parameterization's set, by how much it does not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from geometry.distances.birkhoff import birkhoff_projection
from geometry.distances.educated import kronecker_factors
from geometry.distances.frobenius import TOLERANCE, searched
from geometry.distances.preimages import preimage
from geometry.polytope import doubly_stochastic, in_memory, square
from projectors import Kronecker, Orthostochastic, Projector, Unistochastic
from projectors.averages.kronecker import kronecker
from projectors.checks import instance, real_number, whole_number

SIGNS = 12
"""The largest n for which all signs of a row's terms are tried."""


@dataclass(frozen=True, eq=False)
class Membership:
    """Whether a matrix is a member, how far it is from the nearest that was found, and a sentence that says why.

    `proved`: a theorem or a witness decides, not a search. distance: Frobenius distance to `matrix` (n, n), that of
    `theta` (p,), an upper bound of the distance to the set; inf and None where the matrix is not doubly stochastic.
    """

    member: bool
    proved: bool
    distance: float
    reason: str
    theta: Tensor | None = None
    matrix: Tensor | None = None

    def __bool__(self) -> bool:
        """Return whether it is a member."""
        return self.member


def membership(projector: Projector, matrix: Tensor, *, tolerance: float = TOLERANCE, seed: int = 0) -> Membership:
    """projector, matrix (n, n) -> whether the projector reaches it within the tolerance, by how much not, and why.

    Members come with the parameters of a witness. What is none is told apart by the first thing that is wrong: a sum or
    a negative entry; a chain of lengths that cannot close (rank 1 [AuYeungPoon1979]); a matrix that is no Kronecker
    product; and, where no theorem says so, the distance of the nearest matrix that a search finds, which is no proof.
    Raises ValueError for anything but a real floating-point matrix of the projector's size, for a tolerance that is no
    number from 1e-9 to 1, and for a seed that is none.

    >>> barycentre = torch.full((3, 3), 1 / 3, dtype=torch.float64)
    >>> print(membership(Orthostochastic(3, 1), barycentre).reason)  # doctest: +ELLIPSIS
    rows 0 and 1 cannot be orthogonal: no signs bring the sum of their terms below 0.3333; the nearest ... 0.471405 away
    """
    instance(projector, Projector, "the projector")
    given = in_memory(square(matrix, "membership", projector.n), "membership")
    if given.ndim != 2:
        raise ValueError(f"membership wants one matrix ({projector.n}, {projector.n}), not {tuple(given.shape)}")
    whole_number(seed, "the seed", 0, 2**63 - 1)
    tolerance = real_number(tolerance, "the tolerance", 1e-9, 1)
    B = given.detach().double()
    try:  # a sum of n entries may err by this much within the distance
        doubly_stochastic(B, "membership", tolerance=tolerance * projector.n**0.5)
    except ValueError as error:
        return Membership(False, True, torch.inf, f"it is not doubly stochastic: {str(error).split('; ', 1)[1]}")
    goal = birkhoff_projection(B)
    away = float(torch.linalg.matrix_norm(goal - B))
    if away > tolerance:
        return Membership(
            False, True, torch.inf, f"it is not doubly stochastic: the nearest that is lies {away:.6g} away"
        )
    found = searched(projector, goal[None], seed, tolerance=min(tolerance, TOLERANCE))
    theta, closest = found.theta[0], found.matrix[0]
    distance = float(torch.linalg.matrix_norm(closest - B))
    if distance <= tolerance:
        how = "a formula gives" if preimage(projector, closest[None]) is not None else "a search found"
        return Membership(True, True, distance, f"{how} parameters of a matrix within {distance:.1e}", theta, closest)
    theorem = _excluded(projector, B, tolerance)
    as_far = f"the nearest matrix found is {distance:.6g} away"
    why = f"{theorem}; {as_far}" if theorem else f"{as_far} (a search {found.ended[0]}, which is evidence, no proof)"
    return Membership(False, theorem is not None, distance, why, theta, closest)


def _excluded(projector: Projector, B: Tensor, tolerance: float) -> str | None:
    """Why a theorem keeps the matrix out of the set, or None if none is known to."""
    if isinstance(projector, Orthostochastic | Unistochastic) and projector.s == 1:
        return _open_chain(B, tolerance, real=isinstance(projector, Orthostochastic))
    if isinstance(projector, Kronecker):
        product = torch.ones(1, 1, 1, dtype=torch.float64)
        for factor in kronecker_factors(B[None], tuple(factor.n for factor in projector.factors)):
            product = kronecker(product, factor)
        gap = float(torch.linalg.matrix_norm(product[0] - B))
        if gap > 10 * projector.n * tolerance:
            sizes = " x ".join(str(factor.n) for factor in projector.factors)
            return f"it is no Kronecker product of sizes {sizes}"
    return None


def _open_chain(B: Tensor, tolerance: float, *, real: bool) -> str | None:
    """Why two rows or columns cannot be orthogonal, whatever the signs or phases, or None if they can.

    The terms sqrt(B_ik B_jk) would have to cancel: with phases none may exceed the sum of the others, with signs some
    choice of signs has to make them vanish. A margin allows for matrices within the tolerance.
    """
    margin = 4 * len(B) * tolerance**0.5
    for kind, lines in (("rows", B), ("columns", B.mT)):
        for i, j in combinations(range(len(B)), 2):
            terms = (lines[i].clamp_min(0) * lines[j].clamp_min(0)).sqrt()
            longest, total = float(terms.max()), float(terms.sum())
            if 2 * longest - total > margin:
                return (
                    f"{kind} {i} and {j} cannot be orthogonal: the longest of the terms sqrt(B_ik B_jk), "
                    f"{longest:.4g}, is more than all others together, {total - longest:.4g}"
                )
            if real and len(B) <= SIGNS:
                least = _least_sum(terms)
                if least > margin:
                    why = f"no signs bring the sum of their terms below {least:.4g}"
                    return f"{kind} {i} and {j} cannot be orthogonal: {why}"
    return None


def _least_sum(terms: Tensor) -> float:
    """Lengths (n,) -> the smallest |sum of +- terms|."""
    sums = terms[:1]
    for term in terms[1:]:
        sums = torch.cat([sums + term, sums - term])
    return float(sums.abs().min())
