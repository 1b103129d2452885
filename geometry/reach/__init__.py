"""What a parameterization can reach, certified: every reached eigenvalue comes with a matrix that has it."""

from geometry.effort import Effort, Ended
from geometry.reach.boundary import Boundary, boundary
from geometry.reach.mapped import ReachMap, ReachShare, unknown_map
from geometry.reach.maps import reach_map, reach_maps
from geometry.reach.search.paths import path
from geometry.reach.solution import Solution, solve

__all__ = [
    "Boundary",
    "Effort",
    "Ended",
    "ReachMap",
    "ReachShare",
    "Solution",
    "boundary",
    "path",
    "reach_map",
    "reach_maps",
    "solve",
    "unknown_map",
]
