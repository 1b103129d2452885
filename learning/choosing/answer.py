"""One answer for a number of streams and a budget, by an order that is stated and never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal, get_args

import torch

from geometry.polytope import exactness_residual
from geometry.reach.known import has_formula
from learning.choosing.fig6 import Learned, learned
from learning.cost.budget import Shares, candidates, complete, shipped_shares
from projectors import Projector
from projectors.checks import instance, one_of, whole_number

EQUAL = 0.02
"""Shares of the region closer than this count as one: a cell at the boundary more or less decides nothing."""

MISSED = 1.05
"""A last loss more than so many times the least possible one says that the targets were not all met."""

Preference = Literal["reach", "learning", "numbers"]

STANDINGS = ("able", "unknown", "missed", "nothing to learn")
"""Kinds of candidates, the best first: see `Candidate.standing`."""

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Budget:
    """What a mixing matrix may cost: numbers predicted for it, operations to make it; None is no bound.

    `exact`: rows and columns must sum to 1 to rounding, whatever the parameters. Raises ValueError for other bounds.
    """

    numbers: int | None = None
    flops: int | None = None
    exact: bool = True

    def __post_init__(self) -> None:
        for name, bound in (("numbers", self.numbers), ("operations", self.flops)):
            if bound is not None:
                whole_number(bound, f"a budget of {name}", 0)
        instance(self.exact, bool, "exact")

    def forbids(self, candidate: Candidate) -> str:
        """What in this budget a candidate exceeds, in words; "" for one within it."""
        projector = candidate.projector
        reasons = []
        if self.numbers is not None and projector.parameter_count > self.numbers:
            reasons.append(f"takes {counted(projector)}, at most {self.numbers:,} allowed")
        if self.flops is not None and projector.flops > self.flops:
            reasons.append(f"takes {projector.flops:,} operations, at most {self.flops:,} allowed")
        if self.exact and not projector.exact:
            reasons.append("has sums that are not exactly 1")
        return "; ".join(reasons)


def counted(projector: Projector) -> str:
    """projector -> how many numbers a matrix of it takes, such as "1 number"."""
    count = projector.parameter_count
    return f"{count:,} {'number' if count == 1 else 'numbers'}"


@dataclass(frozen=True)
class Candidate:
    """A projector under a name, and what is known of it.

    `certified`, `touched`: the shares of the Perfect-Mirsky region that it certainly reaches, and in which eigenvalues
    were seen; None where no map is shipped, and where sums are not 1. `full`: a formula gives parameters for every
    doubly stochastic matrix, or, at n = 2, where a matrix is one number from 0 to 1, they move that from end to end.
    `learned`: how it did in the experiment of Fig. 6, None where that was not run.
    """

    name: str
    projector: Projector
    certified: float | None
    touched: float | None
    full: bool
    learned: Learned | None

    @property
    def meets(self) -> bool:
        """Whether it met the targets of the experiment, as far as that is known."""
        return self.learned is not None and self.learned.excess <= MISSED

    @property
    def standing(self) -> str:
        """One of STANDINGS; "able" met the targets or, where that was not tried, reaches every matrix by a formula."""
        if not self.projector.parameter_count:  # a single matrix misses what is asked of it, known or not
            return "nothing to learn"
        if self.learned is None:
            return "able" if self.full else "unknown"
        return "able" if self.meets else "missed"

    def order(self, prefer: Preference) -> tuple[float, ...]:
        """What candidates are sorted by, the best first: the place of their standing, then `criteria`; see `choice`."""
        return STANDINGS.index(self.standing), *self.criteria(prefer).values()

    def criteria(self, prefer: Preference) -> dict[str, float]:
        """What decides among candidates of this standing, by name and in this order; less is better."""
        if self.standing == "nothing to learn":
            return {}
        share = self.certified if self.certified is not None else float(self.full)
        numbers = self.projector.parameter_count
        if self.learned is not None and not self.meets:
            return {"loss": self.learned.loss, "reach": -share, "numbers": numbers}
        epochs = self.learned.epochs if self.learned is not None else inf
        by = {"reach": -round(share / EQUAL), "learning": epochs, "numbers": numbers}
        return {prefer: by.pop(prefer)} | by


@dataclass(frozen=True)
class Choice:
    """The answer; rivals within the budget, the next best first; and the others. Not to mix is within any budget."""

    n: int
    budget: Budget
    prefer: Preference
    answer: Candidate
    rivals: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]

    @property
    def every(self) -> tuple[Candidate, ...]:
        """All of them, in their order."""
        return self.answer, *self.rivals, *self.excluded


def choice(
    n: int, budget: Budget | None = None, prefer: Preference = "reach", *, shares: Shares | None = None
) -> Choice:
    """n, budget -> the candidate that reaches most within it, and the others.

    Candidates are those of `learning.cost.candidates`. First come those that met the random targets of the paper's
    Fig. 6, or whose formula reaches every matrix: by the certified share of the Perfect-Mirsky region in steps of 2 per
    cent, as nothing smaller than the cells of its border should decide, by the iterations that learning took, and by
    the numbers to predict; what is preferred first, the others in this order. Then those that nothing is known of, and
    those that missed the targets, by how far; last, what has nothing to learn. So a set that is thin but has far
    eigenvalues, such as the circulants, comes after one that has room around every matrix. None of this says how well a
    network trains with it. `shares` saves reading the shipped maps again. Raises ValueError like `candidates` and
    `Budget`.
    """
    budget = instance(budget, Budget, "the budget") if budget is not None else Budget()
    one_of(prefer, get_args(Preference), "what is preferred")
    entries: Mapping[str, Projector] = candidates(n)
    known = shares if shares is not None else shipped_shares(entries)
    complete(known, entries)
    every = sorted(
        (_candidate(name, each, known[name]) for name, each in entries.items()),
        key=lambda candidate: candidate.order(prefer),
    )
    answer, *rivals = (candidate for candidate in every if not budget.forbids(candidate))
    beyond = tuple(candidate for candidate in every if budget.forbids(candidate))
    return Choice(n, budget, prefer, answer, tuple(rivals), beyond)


def _candidate(name: str, projector: Projector, shares: tuple[float, float] | None) -> Candidate:
    certified, touched = shares or (None, None)
    full = has_formula(projector) or (projector.n == 2 and projector.exact and projector.parameter_count > 0)
    return Candidate(name, projector, certified, touched, full, learned(projector))


def row_error(projector: Projector, dtype: str = "float32", count: int = 256, seed: int = 0) -> float:
    """projector, a dtype's name -> the largest |row or column sum - 1| of so many initial matrices in that dtype.

    The sums themselves are taken in float64. Raises ValueError for another dtype and a count below 1.
    """
    instance(projector, Projector, "the projector")
    kind = DTYPES[one_of(dtype, tuple(DTYPES), "the dtype")]
    count = min(whole_number(count, "count", 1), max(1, 10_000_000 // max(1, projector.parameter_count)))
    theta = projector.initial(count, generator=torch.Generator().manual_seed(seed))
    return max(0.0, float(exactness_residual(projector(theta.to(kind)).double()).max()))  # which may be -0.0
