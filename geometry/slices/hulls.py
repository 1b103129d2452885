"""Convex hulls of corners: their extreme points and the edges of their outline, of flat sets as well."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull


def extreme(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (m, d) -> the corners (k, d) of their hull, in a plane counterclockwise; of a flat set, its ends."""
    points = np.unique(points.round(12), axis=0)
    return np.asarray(points[ConvexHull(points).vertices] if np.ptp(points, axis=0).min() > 1e-9 else points[[0, -1]])


def hull_edges(points: NDArray[np.float64]) -> tuple[tuple[int, int], ...]:
    """Points (m, d) -> pairs of their numbers that the boundary of their convex hull joins; flat sets: the ends."""
    if np.ptp(points, axis=0).min() < 1e-9:
        order = np.lexsort(points.T)
        return ((int(order[0]), int(order[-1])),)
    pairs = {tuple(sorted(map(int, pair))) for face in ConvexHull(points).simplices for pair in combinations(face, 2)}
    return tuple(sorted((first, second) for first, second in pairs))
