"""A region of the complex plane, described by how far it reaches in every direction."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.arrays import complex_numbers, real_numbers
from projectors.checks import real_number

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
BoolArray = NDArray[np.bool_]

LARGEST_ORDER = 64
ROUNDING = 4e-15  # angles closer than this are one direction


@dataclass(frozen=True, eq=False)
class Region:
    """A closed set that meets every ray from the origin in one segment, symmetric under conjugation.

    `modulus` maps directions to moduli; `boundary` is a closed counterclockwise polyline from the boundary point on the
    positive axis; `whiskers` are segments that stick out of the two-dimensional body. `spikes` says that the set may be
    infinitely thin along that many equally spaced rays, the first of them the positive axis. `inner` is the modulus at
    which the segments start, 0 unless the set is a single point.
    """

    name: str
    area: float
    boundary: ComplexArray
    modulus: Callable[[FloatArray], FloatArray]
    whiskers: tuple[tuple[complex, complex], ...] = ()
    spikes: int = 0
    inner: float = 0.0

    def radius(self, angle: ArrayLike) -> FloatArray:
        """Directions (...) -> (...) furthest moduli reached there, whiskers included.

        Angles in radians, any real number; moduli in [0, 1], 0 where the set has only the origin or nothing at all.
        Directions within 4e-15 of a spike count as the spike. Raises ValueError unless all angles are finite numbers.

        >>> from geometry.regions import perfect_mirsky
        >>> perfect_mirsky(3).radius([0, np.pi / 3, np.pi]).round(6)
        array([1. , 0.5, 1. ])
        """
        directions = real_numbers(angle, "angles")
        return self._radius(directions - 2 * np.pi * np.rint(directions / (2 * np.pi)))

    def _radius(self, directions: FloatArray) -> FloatArray:
        """As `radius`, of angles (...) in [-pi, pi]; nan where they are nan."""
        spike = self._nearest_spike(directions)
        return np.asarray(self.modulus(np.where(np.abs(directions - spike) <= ROUNDING, spike, directions)))

    def contains(self, z: ArrayLike, tolerance: float = 1e-12) -> BoolArray:
        """Points (...) -> (...) whether they belong to the region, whiskers included.

        A point is accepted when turning it by at most `tolerance` (as a length) towards the nearest spike and then
        shrinking its modulus by at most `tolerance` brings it into the region. NaN belongs to no region. Raises
        ValueError for what is not numbers, and for a tolerance that is none of at least 0.

        >>> from geometry.regions import hypocycloid
        >>> hypocycloid(3).contains([0, 1, -1 / 3, -0.34, 0.5j]).tolist()
        [True, True, True, False, False]
        """
        points, tolerance = complex_numbers(z, "points"), real_number(tolerance, "the tolerance", 0)
        modulus, angle = np.abs(points), np.angle(points)
        inside = modulus <= self._radius(angle) + tolerance
        if self.spikes:
            turn = np.minimum(tolerance / np.maximum(modulus, tolerance), 1.0) if tolerance > 0 else 0.0
            turned = angle - np.clip(angle - self._nearest_spike(angle), -turn, turn)
            inside = inside | (modulus <= self._radius(turned) + tolerance)
        return np.asarray(inside & (modulus >= self.inner - tolerance))

    def _nearest_spike(self, angle: FloatArray) -> FloatArray:
        if not self.spikes:
            return angle
        step = 2 * np.pi / self.spikes
        return np.asarray(step * np.rint(angle / step))


def subscript(number: int) -> str:
    """Whole number -> its decimal digits as Unicode subscripts.

    >>> subscript(12)
    '₁₂'
    """
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def closed(points: ComplexArray) -> ComplexArray:
    """Polyline (k,) -> (k + 1,) read-only polyline that ends where it starts.

    >>> closed(np.array([1, 1j, -1])).tolist()
    [(1+0j), 1j, (-1+0j), (1+0j)]
    """
    polyline = np.append(points, points[0])
    polyline.setflags(write=False)
    return polyline


def root_of_unity(numerator: int, denominator: int) -> complex:
    """Fraction a/b -> exp(2πi a/b), the same float for equal fractions and exact conjugates for opposite ones.

    >>> root_of_unity(2, 4), root_of_unity(1, 4)
    ((-1+0j), 1j)
    """
    numerator %= denominator
    if 2 * numerator > denominator:
        return root_of_unity(denominator - numerator, denominator).conjugate()
    divisor = int(np.gcd(numerator, denominator))
    angle = 2 * np.pi * (numerator // divisor) / (denominator // divisor)
    x, y = float(np.cos(angle)), float(np.sin(angle))
    return complex(x if abs(x) > 1e-15 else 0.0, y if abs(y) > 1e-15 else 0.0)
