"""Roots-of-unity polygons and their union, the Perfect–Mirsky region of doubly stochastic spectra."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
from shapely import Polygon, unary_union

from geometry.regions.region import LARGEST_ORDER, ComplexArray, FloatArray, Region, closed, root_of_unity, subscript
from projectors.checks import whole_number


def roots_of_unity_polygon(k: int) -> Region:
    """Whole number k -> the convex hull Π_k of the k-th roots of unity.

    k from 1 to 64, ValueError otherwise; Π₁ is the point 1 and Π₂ the segment [-1, 1]. Π_k holds the eigenvalues of the
    convex combinations of powers of one k-cycle [PerfectMirsky1965].

    >>> round(roots_of_unity_polygon(4).area, 12)
    2.0
    """
    return _roots_of_unity_polygon(whole_number(k, "k", 1, LARGEST_ORDER))


def perfect_mirsky(n: int) -> Region:
    """Order n -> the Perfect–Mirsky region PM_n, the union of Π_k for k up to n.

    n from 2 to 64, ValueError otherwise. Every point of PM_n is an eigenvalue of a doubly stochastic n×n matrix. The
    converse holds for n ≤ 3 [PerfectMirsky1965] and n = 4 [LevickPereiraKribs2015], fails for n = 5
    [MashreghiRivard2007] (see `perfect_mirsky_exception`) and is open for n ≥ 6 [HarlevJohnsonLim2019]. PM₃ has the
    whisker [-1, -1/2].

    >>> perfect_mirsky(4).name, round(perfect_mirsky(4).area, 6)
    ('Perfect–Mirsky region PM₄', 2.084936)
    """
    return _perfect_mirsky(whole_number(n, "n", 2, LARGEST_ORDER))


@cache
def _roots_of_unity_polygon(k: int) -> Region:
    return Region(
        name=f"Roots-of-unity polygon Π{subscript(k)}",
        area=k / 2 * float(np.sin(2 * np.pi / k)) if k > 2 else 0.0,
        boundary=closed(_vertices(k)),
        modulus=partial(_polygon_radius, k=k) if k > 2 else partial(_spike_radius, k=k),
        spikes=k if k <= 2 else 0,
        inner=1.0 if k == 1 else 0.0,
    )


@cache
def _perfect_mirsky(n: int) -> Region:
    name = f"Perfect–Mirsky region PM{subscript(n)}"
    if n == 2:
        return replace(roots_of_unity_polygon(2), name=name)
    union = unary_union([Polygon(np.column_stack([v.real, v.imag])) for v in map(_vertices, range(3, n + 1))])
    x, y = np.array(union.exterior.coords[:-1]).T
    corners = x + 1j * y
    order = np.argsort(np.angle(corners) % (2 * np.pi))
    return Region(
        name=name,
        area=float(union.area),
        boundary=closed(corners[order]),
        modulus=partial(_union_radius, n=n),
        whiskers=((-1 + 0j, -0.5 + 0j),) if n == 3 else (),
        spikes=2 if n == 3 else 0,
    )


def _vertices(k: int) -> ComplexArray:
    return np.array([root_of_unity(a, k) for a in range(k)], dtype=np.complex128)


def _spike_radius(angle: FloatArray, k: int) -> FloatArray:
    step = 2 * np.pi / k
    return np.where(angle == step * np.rint(angle / step), 1.0, 0.0)


def _polygon_radius(angle: FloatArray, k: int) -> FloatArray:
    turns = angle * (k / (2 * np.pi))
    return np.asarray(np.cos(np.pi / k) / np.cos(np.pi / k * (1 - 2 * np.abs(turns - np.rint(turns)))))


def _union_radius(angle: FloatArray, n: int) -> FloatArray:
    radius = _polygon_radius(angle, 3)
    for k in range(4, n + 1):
        np.maximum(radius, _polygon_radius(angle, k), out=radius)
    return np.maximum(radius, _spike_radius(angle, 2))
