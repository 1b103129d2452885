"""The Karpelevich region: every eigenvalue of every stochastic matrix of one order."""

from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geometry.regions.perfect_mirsky import perfect_mirsky
from geometry.regions.region import LARGEST_ORDER, ComplexArray, FloatArray, Region, closed, root_of_unity, subscript
from projectors.checks import whole_number

GAUSS_NODES = 24
DRAWN_STEP = 0.005  # radians between drawn points


def karpelevich(n: int) -> Region:
    """Order n -> the Karpelevich region Θ_n, exactly the eigenvalues of stochastic n×n matrices.

    n from 2 to 64, ValueError otherwise. Θ₂ is the segment [-1, 1] and Θ₃ a triangle with the whisker [-1, -1/2]; both
    equal the Perfect–Mirsky region. Area by 24-point Gauss quadrature on each arc, error below 1e-12
    [Karpelevich1951, Ito1997].

    >>> karpelevich(4).name, round(karpelevich(4).area, 7)
    ('Karpelevich region Θ₄', 2.1480385)
    """
    return _karpelevich(whole_number(n, "n", 2, LARGEST_ORDER))


def farey(n: int) -> list[tuple[int, int]]:
    """Order n -> the fractions (a, b) in [0, 1/2] with b at most n, increasing and in lowest terms.

    n at least 2. The points exp(±2πi a/b) are where Θ_n meets the unit circle [DmitrievDynkin1946].

    >>> farey(5)
    [(0, 1), (1, 5), (1, 4), (1, 3), (2, 5), (1, 2)]
    """
    fractions = [(0, 1), (1, n)]
    while fractions[-1] != (1, 2):
        (a, b), (c, d) = fractions[-2:]
        step = (n + b) // d
        fractions.append((step * c - a, step * d - b))
    return fractions


@dataclass(frozen=True, eq=False)
class ItoArcs:
    """The boundary arcs of Θ_n in the upper half-plane, one row an arc, by increasing angle.

    Between the neighbouring fractions p/q and r/s, labelled so that q < s, the arc is
    λ^s (λ^q - β)^m = (1 - β)^m λ^(qm) with m = ⌊n/q⌋ and β from 0 (at r/s) to 1 (at p/q) [Ito1997].
    """

    ends: FloatArray
    p: NDArray[np.int64]
    q: NDArray[np.int64]
    r: NDArray[np.int64]
    s: NDArray[np.int64]
    m: NDArray[np.int64]

    def radius(self, angle: FloatArray) -> FloatArray:
        """Directions (...) in radians -> (...) moduli of the boundary there, to about 1e-15; n at least 4.

        The m-th root of Ito's equation, taken continuously from β = 1, leaves for the modulus ρ the one real equation
        ρ^q sin a + ρ^(s/m) sin b = sin(a + b), where a and b measure the angle from the two ends of the arc
        [Ito1997, KirklandLaffeySmigoc2020]. It is increasing and convex in log ρ: Newton from ρ = 1 descends to its
        root. The three sines are subtracted as a product, so that nothing cancels.

        >>> round(float(ito_arcs(4).radius(np.deg2rad(135))), 5)
        0.78113
        """
        theta = np.abs(angle - 2 * np.pi * np.rint(angle / (2 * np.pi)))
        arc = np.clip(np.searchsorted(self.ends, theta, side="right") - 1, 0, len(self.q) - 1)
        q, exponent = self.q[arc].astype(np.float64), self.s[arc] / self.m[arc]
        a = np.abs(self.s[arc] * theta - 2 * np.pi * self.r[arc]) / self.m[arc]
        b = np.abs(q * theta - 2 * np.pi * self.p[arc])
        sin_a, sin_b = np.sin(a), np.sin(b)
        at_one = 4 * np.sin(a / 2) * np.sin(b / 2) * np.sin((a + b) / 2)
        log_radius = np.zeros_like(theta)
        for _ in range(50):
            first, second = sin_a * np.expm1(q * log_radius), sin_b * np.expm1(exponent * log_radius)
            step = (first + second + at_one) / (q * (first + sin_a) + exponent * (second + sin_b))
            log_radius = log_radius - step
            if not np.any(np.abs(step) > 4e-16):
                break
        return np.asarray(np.exp(log_radius))


@cache
def ito_arcs(n: int) -> ItoArcs:
    """Order n -> the arcs that bound Θ_n above the real axis; n at least 3 [Ito1997].

    >>> arcs = ito_arcs(4)
    >>> list(zip(arcs.p.tolist(), arcs.q.tolist(), arcs.m.tolist()))
    [(0, 1, 4), (1, 3, 1), (1, 2, 2)]
    """
    fractions = farey(n)
    pairs = [sorted(pair, key=lambda fraction: fraction[1]) for pair in pairwise(fractions)]
    (p, q), (r, s) = np.array(pairs, dtype=np.int64).transpose(1, 2, 0)
    return ItoArcs(np.array([2 * np.pi * a / b for a, b in fractions]), p, q, r, s, n // q)


@cache
def _karpelevich(n: int) -> Region:
    name = f"Karpelevich region Θ{subscript(n)}"
    if n <= 3:
        return replace(perfect_mirsky(n), name=name)
    arcs = ito_arcs(n)
    start, width = arcs.ends[:-1], np.diff(arcs.ends)
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS_NODES)
    angles = start[:, None] + width[:, None] * (nodes + 1) / 2
    return Region(
        name=name,
        area=float(width / 2 @ (arcs.radius(angles) ** 2 @ weights)),
        boundary=closed(_drawn(n, arcs)),
        modulus=partial(ItoArcs.radius, arcs),
    )


def _drawn(n: int, arcs: ItoArcs) -> ComplexArray:
    upper = []
    for (a, b), start, end in zip(farey(n), arcs.ends, arcs.ends[1:], strict=False):
        angles = np.linspace(start, end, max(8, int((end - start) / DRAWN_STEP)), endpoint=False)[1:]
        upper += [np.array([root_of_unity(a, b)]), arcs.radius(angles) * np.exp(1j * angles)]
    half = np.concatenate(upper)
    return np.concatenate([half, [-1], half[:0:-1].conj()])
