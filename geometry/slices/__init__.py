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
from geometry.slices.chosen_permutations import DependentPermutationsError, PermutationView
from geometry.slices.named_planes import CyclicPlane, OddPlane
from geometry.slices.named_spaces import CyclicSpace, DiagonalSpace, KleinSpace, Order3Space
from geometry.slices.projection import Projection, outline, projection
from geometry.slices.section import SliceMap, slice_map, slice_maps
from geometry.slices.space import Cloud, space_sample, space_slice, space_slices
from geometry.slices.views import View

__all__ = [
    "Cloud",
    "CyclicPlane",
    "CyclicSpace",
    "DependentPermutationsError",
    "DiagonalSpace",
    "KleinSpace",
    "OddPlane",
    "Order3Space",
    "PermutationView",
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
    "space_sample",
    "space_slice",
    "space_slices",
]
