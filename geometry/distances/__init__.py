"""How far doubly stochastic matrices are from each other, from sets of them, and from being doubly stochastic."""

from __future__ import annotations

from geometry.distances.birkhoff import birkhoff_projection
from geometry.distances.divergences import divergence, divergences
from geometry.distances.frobenius import Nearest, nearest
from geometry.distances.geodesic import geodesic_angle
from geometry.distances.members import Membership, membership
from geometry.distances.roots import OrthogonalRoot, orthogonal_root
from geometry.effort import Effort, Ended
from geometry.polytope import exactness_residual, facet_distance

__all__ = [
    "Effort",
    "Ended",
    "Membership",
    "Nearest",
    "OrthogonalRoot",
    "birkhoff_projection",
    "divergence",
    "divergences",
    "exactness_residual",
    "facet_distance",
    "geodesic_angle",
    "membership",
    "nearest",
    "orthogonal_root",
]
