"""The one known way in which order-5 doubly stochastic spectra leave the Perfect–Mirsky region."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from geometry.regions.perfect_mirsky import perfect_mirsky
from geometry.regions.region import ComplexArray, FloatArray

FIRST = (1, 0, 3, 4, 2)
SECOND = (3, 1, 0, 4, 2)


@dataclass(frozen=True, eq=False)
class PerfectMirskyException:
    """The segment tP + (1 - t)Q between two permutation matrices of order 5, where an eigenvalue leaves PM₅.

    `first` (P, cycle type 2 + 3) and `second` (Q, 4 + 1) are in one-line notation: row i has its 1 in column first[i].
    The eigenvalue is outside PM₅ for t strictly inside `interval`, and `curve` is its path there. At t = `worst` its
    modulus exceeds PM₅ most: by `excess`, at `eigenvalue`. `area` is what the curve and its conjugate add to PM₅.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    interval: tuple[float, float]
    worst: float
    eigenvalue: complex
    excess: float
    curve: ComplexArray
    area: float

    def matrix(self, t: float) -> FloatArray:
        """Weight t in [0, 1] -> (5, 5) doubly stochastic matrix tP + (1 - t)Q.

        >>> perfect_mirsky_exception().matrix(0.5)[0].tolist()
        [0.0, 0.5, 0.0, 0.5, 0.0]
        """
        identity = np.eye(len(self.first))
        return np.asarray(t * identity[list(self.first)] + (1 - t) * identity[list(self.second)])


@cache
def perfect_mirsky_exception() -> PerfectMirskyException:
    """Nothing -> the order-5 exception to the Perfect–Mirsky conjecture.

    Found at t = 1/2 in [MashreghiRivard2007], the segment in [HarlevJohnsonLim2019]. Roots to about 1e-12, the position
    of the worst t to 1e-9, the area to a relative 1e-5.

    >>> exception = perfect_mirsky_exception()
    >>> round(exception.worst, 5), round(exception.excess, 6)
    (0.5333, 0.009959)
    """
    from scipy.optimize import brentq, minimize_scalar  # half a second, which only n = 5 is worth

    peak = minimize_scalar(lambda t: -_excess(t), bounds=(0.45, 0.56), method="bounded", options={"xatol": 1e-12})
    worst = float(peak.x)
    low = float(brentq(_excess, 0.4, worst, xtol=1e-14))
    high = float(brentq(_excess, worst, 0.6, xtol=1e-14))
    curve = escaping_eigenvalue(np.linspace(low, high, 1001))
    curve.setflags(write=False)
    angle = np.angle(curve)
    lens = np.abs(curve) ** 2 - perfect_mirsky(5).radius(angle) ** 2
    return PerfectMirskyException(
        first=FIRST,
        second=SECOND,
        interval=(low, high),
        worst=worst,
        eigenvalue=complex(escaping_eigenvalue(worst)),
        excess=_excess(worst),
        curve=curve,
        area=abs(float(np.trapezoid(lens, angle))),
    )


def escaping_eigenvalue(t: ArrayLike) -> ComplexArray:
    """Weights (...) in [0, 1] -> (...) the eigenvalue of tP + (1 - t)Q that has the largest imaginary part.

    The root of x⁴ + t x³ + (t - t²) x² - t² x + (3t - 3t² - 1), the characteristic polynomial divided by x - 1; its
    constant term is negative, so that two roots are real and, near t = 1/2, the other two are conjugate
    [HarlevJohnsonLim2019].

    >>> complex(escaping_eigenvalue(0.5).round(7))
    (-0.2792926+0.7635164j)
    """
    weight = np.asarray(t, dtype=np.float64)
    companion = np.zeros((*weight.shape, 4, 4))
    companion[..., [1, 2, 3], [0, 1, 2]] = 1
    mixed = weight - weight**2
    companion[..., 0, :] = -np.stack([weight, mixed, -(weight**2), 3 * mixed - 1], axis=-1)
    roots = np.linalg.eigvals(companion).astype(np.complex128)
    return np.take_along_axis(roots, roots.imag.argmax(-1)[..., None], -1)[..., 0]


def _excess(t: float) -> float:
    eigenvalue = escaping_eigenvalue(t)
    return float(np.abs(eigenvalue) - perfect_mirsky(5).radius(np.angle(eigenvalue)))
