"""What the set of a parameterization looks like: projections and slices of the polytope through named views."""

from geometry.slices.catalogue import (
    cyclic_space,
    cyclic_view,
    diagonal_view,
    klein_view,
    odd_view,
    order3_space,
    permutation_view,
)
from geometry.slices.projection import Projection, outline, projection
from geometry.slices.section import SliceMap, slice_map, slice_maps
from geometry.slices.views import View

__all__ = [
    "Projection",
    "SliceMap",
    "View",
    "cyclic_space",
    "cyclic_view",
    "diagonal_view",
    "klein_view",
    "odd_view",
    "order3_space",
    "outline",
    "permutation_view",
    "projection",
    "slice_map",
    "slice_maps",
]
