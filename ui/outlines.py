"""Which regions are drawn around a spectrum: everything theory knows at this n, and exactly if it knows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from figures.plane import Outline
from geometry.regions import (
    hypocycloid,
    karpelevich,
    orthostochastic_order3,
    perfect_mirsky,
    perfect_mirsky_exception,
)

BLOCK_NORMS = ("go-mHC", "go-mHC, unitary")
"""Methods whose non-real spectrum is known exactly at n = 3."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A named curve that bounds nothing by itself."""

    name: str
    boundary: NDArray[np.complex128]
    whiskers: tuple[tuple[complex, complex], ...] = ()


def outlines(n: int, method: str | None = None, s: int | None = None) -> dict[str, Outline]:
    """n, and a method with its s if one is shown -> regions and curves by the role that colours them."""
    drawn: dict[str, Outline] = {"perfect_mirsky": perfect_mirsky(n)}
    if n > 2:
        drawn["karpelevich"] = karpelevich(n)
        if n == 3 and method in BLOCK_NORMS and s is not None:
            drawn["exact"] = orthostochastic_order3(s)
        else:
            drawn["hypocycloid"] = hypocycloid(n)
    if n == 5:
        curve = perfect_mirsky_exception().curve
        both = np.concatenate([curve, [np.nan], curve.conj()])
        drawn["exception"] = Curve("beyond PM₅: Mashreghi–Rivard", both)
    return drawn


def exception_note() -> str:
    """Return a sentence on the matrices of order 5 whose eigenvalues leave the Perfect-Mirsky region."""
    found = perfect_mirsky_exception()
    low, high = found.interval
    return (
        f"n = 5: the yellow arcs leave PM₅. An eigenvalue of tP + (1 − t)Q does, for t from {low:.4f} to {high:.4f}; "
        f"row i of P has its 1 in column {found.first}[i], that of Q in column {found.second}[i], counted from 0. "
        f"Farthest out at t = {found.worst:.4f}: λ = {found.eigenvalue:.4f}, {found.excess:.4f} beyond "
        "(Mashreghi–Rivard 2007)."
    )
