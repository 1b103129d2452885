"""The spectrum of a parameterization under a measure, summed up while the matrices stream by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import torch
from torch import Tensor

from geometry.grid import BINS, WHOLE, Density, Window, density
from geometry.polytope import exactness_residual
from geometry.sampling import Measure
from geometry.sampling.summaries import accumulated
from geometry.spectra import unordered_eigenvalues
from projectors import Projector
from projectors.checks import instance

REAL = 1e-12
"""Largest imaginary part of a real eigenvalue: rounding leaves simple ones real, and splits multiple ones."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What is known of a spectrum after a number of matrices; all but the Perron root of each matrix is counted.

    `largest` is the largest |lambda|, `row_error` the largest `exactness_residual`, `seconds` the time spent.
    """

    matrices: int
    eigenvalues: int
    real: int
    largest: float
    row_error: float
    density: Density
    device: torch.device
    seconds: float

    @property
    def real_share(self) -> float:
        """The share of eigenvalues that are computed real within 1e-12; nan before the first.

        Rounding takes real ones off the axis by more where eigenvectors fall together, which random matrices avoid.
        """
        return self.real / self.eigenvalues if self.eigenvalues else float("nan")

    @property
    def rate(self) -> float:
        """Matrices made and solved per second."""
        return self.matrices / self.seconds if self.seconds else float("nan")

    def __add__(self, other: Survey) -> Survey:
        """Return the survey of both sets of matrices."""
        return Survey(
            self.matrices + other.matrices,
            self.eigenvalues + other.eigenvalues,
            self.real + other.real,
            max(self.largest, other.largest),
            max(self.row_error, other.row_error),
            self.density + other.density,
            self.device,
            self.seconds + other.seconds,
        )


def summarize(matrices: Tensor, bins: int = BINS, window: Window = WHOLE) -> Survey:
    """Doubly stochastic matrices (batch, n, n), at least one -> their survey, with the time this took.

    The density is of the window alone; everything else is of the whole spectrum.
    """
    begun = perf_counter()
    values = unordered_eigenvalues(matrices)
    return Survey(
        matrices=len(matrices),
        eigenvalues=values.numel(),
        real=int((values.imag.abs() <= REAL).sum()),
        largest=float(values.abs().max()),
        row_error=float(exactness_residual(matrices).max()),
        density=density(values, bins, window.half, centre=window.centre),
        device=matrices.device,
        seconds=perf_counter() - begun,
    )


def survey(
    projector: Projector,
    count: int,
    measure: Measure = "initial",
    seed: int = 0,
    *,
    bins: int = BINS,
    window: Window = WHOLE,
    device: str | torch.device = "cpu",
) -> Iterator[Survey]:
    """projector, count -> surveys of ever more matrices of the stream `sampling.batches`, the last of all `count`.

    The density has bins x bins cells over the window. One more batch at a time, all of about equal size; stop iterating
    to cancel. The numbers do not depend on the machine or on how far the caller iterates. Raises ValueError like
    `sampling.batches`, and for a count of 0.

    >>> from projectors import Orthostochastic
    >>> from geometry.parts import last
    >>> whole = last(survey(Orthostochastic(n=4, s=2), 1000, "target", seed=0))
    >>> whole.matrices, whole.eigenvalues
    (1000, 3000)
    """
    instance(window, Window, "the window")
    for total, seconds in accumulated(
        projector, count, measure, seed, partial(summarize, bins=bins, window=window), device
    ):
        yield replace(total, seconds=seconds)
