"""What determines a picture, and how it is called in titles, texts and file names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projectors import Projector


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a picture of one method; hashable, small, and the same for the same link."""

    method: str
    projector: Projector
    measure: str
    matrices: int
    seed: int

    @property
    def title(self) -> str:
        """Return a line for a figure, such as "go-mHC, n = 4, s = 2"."""
        return describe(self.method, self.projector)

    @property
    def sample(self) -> str:
        """Return what was sampled, such as "100,000 matrices, measure edges, seed 0"."""
        return f"{self.matrices:,} matrices, measure {measure_title(self.measure, self.projector)}, seed {self.seed}"

    @property
    def file_name(self) -> str:
        """Return the stem of exported files; it carries every parameter."""
        plain = self.title.replace(" = ", "").replace(", ", "_").replace(" × ", "x").replace(" ", "-")
        return f"{plain}_{self.measure}_{self.matrices}_seed{self.seed}"


TARGETS = {
    "Sinkhorn": "uniform, balanced",
    "PermutationMixture": "Dirichlet",
    "Orthostochastic": "Haar orthogonal",
    "Unistochastic": "Haar unitary",
}
"""The paper's target distribution (appendix A.4) of each kind of projector."""


def measure_title(measure: str, projector: Projector) -> str:
    """Measure and projector -> a line such as "edges" or "target (Haar orthogonal)"."""
    inner = getattr(projector, "projector", projector)
    kind = type(getattr(inner, "factors", (inner,))[0]).__name__
    return f"target ({TARGETS[kind]})" if measure == "target" else measure


def describe(method: str, projector: Projector) -> str:
    """Method name and projector -> a line such as "KromHC, n = 8, factors 2 × 2 × 2"."""
    details = [method, f"n = {projector.n}"]
    inner = getattr(projector, "projector", projector)
    factors = getattr(inner, "factors", ())
    if factors:
        details.append("factors " + " × ".join(map(str, factors_of(projector))))
    for name, value in {
        "s": getattr(factors[0] if factors else inner, "s", None),
        "k": getattr(projector, "k", None),
        "iterations": getattr(projector, "iterations", None),
    }.items():
        if value is not None:
            details.append(f"{name} = {value}")
    return ", ".join(details)


def factors_of(projector: Projector) -> list[int]:
    """Projector -> the sizes of its Kronecker factors, or of those it averages; empty if there are none."""
    inner = getattr(projector, "projector", projector)
    return [factor.n for factor in getattr(inner, "factors", ())]
