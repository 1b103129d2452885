"""What determines a picture, and how it is called in titles and texts."""

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


def measure_title(measure: str, projector: Projector) -> str:
    """Measure and projector -> a line such as "edges" or "target (Haar orthogonal)"."""
    from geometry.sampling import target_name

    return f"target ({target_name(projector)})" if measure == "target" else measure


def describe(method: str, projector: Projector) -> str:
    """Method name and projector -> a line such as "KromHC, n = 8, factors 2 × 2 × 2"."""
    told = {"n": projector.n, **projector.details}
    details = (f"{name} = {value}" if isinstance(value, int) else f"{name} {value}" for name, value in told.items())
    return ", ".join([method, *details])
