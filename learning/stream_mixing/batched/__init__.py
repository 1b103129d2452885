"""From the flat parameters of many methods to all their matrices and back, in as few calls to torch as possible.

At the sizes of these experiments a training step is a few microseconds of arithmetic and a hundred calls to torch.
Methods of one kind therefore share their calls, work in memory of their own and know their derivative by formula; any
other projector goes through itself and autograd.
"""

from learning.stream_mixing.batched.base import AutomaticMap, Map, Memory
from learning.stream_mixing.batched.permutations import PermutationMap
from learning.stream_mixing.batched.rotations import RotationMap
from learning.stream_mixing.batched.scalings import ScalingMap

__all__ = ["FASTEST_FIRST", "AutomaticMap", "Map", "Memory", "PermutationMap", "RotationMap", "ScalingMap"]

FASTEST_FIRST: tuple[type[Map], ...] = (RotationMap, PermutationMap, ScalingMap, AutomaticMap)
"""All maps; the first that is for a projector trains it. The last is for any."""
