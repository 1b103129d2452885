"""Where a solver moves: the free parameters of a projector, or the group behind them."""

from __future__ import annotations

from geometry.spaces.averaged import AveragedRotations
from geometry.spaces.balanced import Balanced
from geometry.spaces.base import Parameters, Space
from geometry.spaces.rotations import Rotations
from projectors import Mixture, Orthostochastic, Projector, Rotational
from projectors.checks import instance

__all__ = ["AveragedRotations", "Balanced", "Parameters", "Rotations", "Space", "space_of"]


def space_of(projector: Projector) -> Space:
    """Projector -> the space its solver moves in; ValueError for anything else."""
    instance(projector, Projector, "the projector")
    if isinstance(projector, Rotational):
        return Rotations(projector)
    if isinstance(projector, Mixture) and isinstance(projector.projector, Orthostochastic):
        return AveragedRotations(projector)
    return Parameters(projector) if projector.exact else Balanced(projector)
