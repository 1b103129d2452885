"""Hypocycloids, and the regions bounded by small deltoid arcs that order-3 orthostochastic matrices fill."""

from dataclasses import replace
from functools import cache, partial

import numpy as np

from geometry.regions.perfect_mirsky import roots_of_unity_polygon
from geometry.regions.region import ComplexArray, FloatArray, Region, closed, root_of_unity, subscript
from projectors.checks import whole_number

LARGEST = 256
DRAWN_POINTS = 720


def hypocycloid(n: int) -> Region:
    """Order n -> the region H_n inside the curve ((n-1) e^{it} + e^{-i(n-1)t})/n.

    n from 2 to 256, ValueError otherwise; H₂ is the segment [-1, 1]. The cusps are the n-th roots of unity. H_n holds
    the eigenvalues of the unistochastic matrices that come from circulant unitary n×n matrices [RajchelMieldzioc2022].
    H₃, the deltoid, also holds every non-real eigenvalue of an order-3 unistochastic matrix [Zyczkowski2003]; at n = 4
    there are orthostochastic matrices with eigenvalues outside H₂, H₃ and H₄.

    >>> hypocycloid(3).name, round(hypocycloid(3).area, 7)
    ('Hypocycloid H₃', 0.6981317)
    """
    return _hypocycloid(whole_number(n, "n", 2, LARGEST))


def orthostochastic_order3(s: int) -> Region:
    """Block size s -> the region of the non-real eigenvalues of s-orthostochastic 3×3 matrices.

    s from 1 to 256, ValueError otherwise. Real eigenvalues fill [-1, 1] for every s and are not part of the region.
    On every edge of the triangle Π₃ stand s deltoid arcs of scale 1/s; s = 1 is the deltoid H₃. That the region is
    filled is proved by averages of circulants; that nothing lies outside is numerical [goMHC2026, Nechita2023].

    >>> region = orthostochastic_order3(2)
    >>> round(region.area, 6), region.radius([0, np.pi / 3]).round(6).tolist()
    (0.998585, [1.0, 0.5])
    """
    return _orthostochastic_order3(whole_number(s, "s", 1, LARGEST))


def order3_gap(s: int) -> tuple[complex, complex]:
    """Block size s -> where the gap between triangle and s-orthostochastic spectra is widest, on one edge of Π₃.

    The point (1 - t) + t ω of the edge with t = (k + 1/2)/s, k in the middle, and the point of the boundary across from
    it. They are 1/(6s) apart: the gap ε(s) of the go-mHC paper's Fig. 3 [goMHC2026].

    >>> edge, reached = order3_gap(2)
    >>> round(abs(edge - reached) * 12, 9)
    1.0
    """
    t = (whole_number(s, "s", 1, LARGEST) // 2 + 0.5) / s
    edge = (1 - t) + t * root_of_unity(1, 3)
    return edge, edge - root_of_unity(1, 6) / (6 * s)


@cache
def _hypocycloid(n: int) -> Region:
    name = f"Hypocycloid H{subscript(n)}"
    if n == 2:
        return replace(roots_of_unity_polygon(2), name=name)
    t = np.linspace(0, 2 * np.pi / n, max(24, DRAWN_POINTS // n), endpoint=False)
    arc = _arc(t, n)
    arc[0] = 1
    rotations = np.array([root_of_unity(k, n) for k in range(n)])
    return Region(
        name=name,
        area=np.pi * (n - 1) * (n - 2) / n**2,
        boundary=closed((rotations[:, None] * arc).ravel()),
        modulus=partial(_hypocycloid_radius, n=n),
        spikes=n,
    )


@cache
def _orthostochastic_order3(s: int) -> Region:
    triangle, deltoid = 3 * np.sqrt(3) / 4, 2 * np.pi / 9
    t = np.linspace(0, 2 * np.pi / 3, max(24, DRAWN_POINTS // (3 * s)), endpoint=False)
    arc = _arc(t, 3)
    arc[0] = 1
    edge = ((_centres(s)[:, None] + arc) / s).ravel()
    rotations = np.array([root_of_unity(k, 3) for k in range(3)])
    return Region(
        name=f"Orthostochastic region n = 3, s = {s}",
        area=float(triangle - (triangle - deltoid) / s),
        boundary=closed((rotations[:, None] * edge).ravel()),
        modulus=partial(_order3_radius, s=s),
        spikes=3,
    )


def _arc(t: FloatArray, n: int) -> ComplexArray:
    return np.asarray(((n - 1) * np.exp(1j * t) + np.exp(-1j * (n - 1) * t)) / n)


def _centres(s: int) -> ComplexArray:
    k = np.arange(s)
    return np.asarray(k * root_of_unity(1, 3) + (s - 1 - k), dtype=np.complex128)


def _hypocycloid_radius(angle: FloatArray, n: int) -> FloatArray:
    return _arc_radius(_folded(angle, n), np.zeros(()), n, highest=0.5)


def _order3_radius(angle: FloatArray, s: int) -> FloatArray:
    theta = _folded(angle, 3)
    centres = _centres(s)
    k = np.searchsorted(np.angle(centres[1:] + 1), theta, side="right")
    return _arc_radius(theta, centres[k], 3, highest=1.0) / s


def _folded(angle: FloatArray, n: int) -> FloatArray:
    step = 2 * np.pi / n
    return np.asarray(np.abs(angle - step * np.rint(angle / step)))


def _arc_radius(theta: FloatArray, centre: ComplexArray | FloatArray, n: int, highest: float) -> FloatArray:
    """Directions (...), arc centres (...) -> (...) moduli at which the rays meet centre + the arc of H_n from 1.

    Solves G = Im(e^{-iθ} (centre + arc)) = 0 for u = sin²(nt/4) in [0, highest], a parameter in which the cusps are
    harmless: dG/du = 8(n-1)/n² sin((n-2)t/2 + θ). The starting point is at or above the root. Where the sine's argument
    stays below π/2, G is convex and Newton descends to the root; elsewhere (n = 3, θ > π/6) the slope varies by less
    than a factor of two, so that every step shrinks the error.
    """
    along, across = _coordinates(centre, theta)
    scale = 8 * (n - 1) / n**2
    chord = scale * 8 * (n - 2) / (3 * np.pi * n)
    u = np.minimum(np.cbrt(np.maximum(np.sin(theta) - across, 0) / chord) ** 2, highest)
    for _ in range(20):
        t = 4 / n * np.arcsin(np.sqrt(u))
        value = across + ((n - 1) * np.sin(t - theta) - np.sin((n - 1) * t + theta)) / n
        slope = scale * np.sin((n - 2) * t / 2 + theta)
        step = np.divide(value, slope, out=np.zeros_like(value), where=slope > 0)
        u = np.clip(u - step, 0, highest)
        if not np.any(np.abs(step) > 1e-14):
            break
    t = 4 / n * np.arcsin(np.sqrt(u))
    return np.asarray(along + ((n - 1) * np.cos(t - theta) + np.cos((n - 1) * t + theta)) / n)


def _coordinates(point: ComplexArray | FloatArray, angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    turned = point * np.exp(-1j * angle)
    return np.real(turned), np.imag(turned)
