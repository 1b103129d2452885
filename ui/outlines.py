"""Which regions are drawn around a spectrum: everything theory knows at this n, and exactly if it knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures.spectrum.plane import Outline
from geometry.regions import (
    hypocycloid,
    karpelevich,
    orthostochastic_order3,
    perfect_mirsky,
    perfect_mirsky_exception,
)
from ui.words import complex_number

if TYPE_CHECKING:
    from projectors import Projector


@dataclass(frozen=True, eq=False)
class Line:
    """A named line that bounds nothing by itself."""

    name: str
    boundary: NDArray[np.complex128]
    whiskers: tuple[tuple[complex, complex], ...] = ()


def exact_rank(projector: Projector | None) -> int | None:
    """Projector -> its rank s if its non-real spectrum is known exactly, as that of block norms at n = 3 is."""
    if projector is None or projector.n != 3:
        return None
    from projectors.rotations.rotational import Rotational

    return projector.s if isinstance(projector, Rotational) else None


def outlines(n: int, projector: Projector | None = None) -> dict[str, Outline]:
    """n, and a projector if one is shown -> regions and lines by the role that colours them."""
    drawn: dict[str, Outline] = {"perfect_mirsky": perfect_mirsky(n)}
    if n > 2:
        drawn["karpelevich"] = karpelevich(n)
        s = exact_rank(projector)
        drawn |= {"exact": orthostochastic_order3(s)} if s is not None else {"hypocycloid": hypocycloid(n)}
    if n == 5:
        curve = perfect_mirsky_exception().curve
        both = np.concatenate([curve, [np.nan], curve.conj()])
        drawn["exception"] = Line("beyond PM₅: Mashreghi–Rivard", both)
    return drawn


def python(n: int, projector: Projector | None = None) -> dict[str, str]:
    """As `outlines` -> the Python that makes each boundary, by role."""
    s = exact_rank(projector)
    made = {"perfect_mirsky": f"perfect_mirsky({n}).boundary"}
    if n > 2:
        made["karpelevich"] = f"karpelevich({n}).boundary"
        made |= (
            {"exact": f"orthostochastic_order3({s}).boundary"}
            if s is not None
            else {"hypocycloid": f"hypocycloid({n}).boundary"}
        )
    if n == 5:
        curve = "perfect_mirsky_exception().curve"
        made["exception"] = f"np.concatenate([{curve}, [np.nan], {curve}.conj()])"
    return made


def exception_note() -> str:
    """Return a sentence on the matrices of order 5 whose eigenvalues leave the Perfect-Mirsky region."""
    found = perfect_mirsky_exception()
    low, high = found.interval
    return (
        f"n = 5: the yellow arcs leave PM₅. An eigenvalue of tP + (1 − t)Q does, for t from {low:.4f} to {high:.4f}; "
        f"row i of P has its 1 in column {found.first}[i], that of Q in column {found.second}[i], counted from 0. "
        f"Farthest out at t = {found.worst:.4f}: λ = {complex_number(found.eigenvalue, '.4f')}, {found.excess:.4f} "
        "beyond (Mashreghi–Rivard 2007)."
    )
