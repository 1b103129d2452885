"""Layers that mix a network's residual streams by any projector's matrices, and plugs for layers that people have.

>>> import torch
>>> from networks import Contract, Expand, HyperConnection
>>> from projectors import Orthostochastic
>>> branch = torch.nn.Linear(16, 16)
>>> layers = torch.nn.Sequential(Expand(4), HyperConnection(16, Orthostochastic(4, 2), branch), Contract())
>>> layers(torch.ones(8, 16)).shape
torch.Size([8, 16])
"""

from __future__ import annotations

from networks.blocks import CausalAttention, FeedForward, Residual, block
from networks.hyper_connection import HyperConnection, Maps
from networks.mixing_matrix import MixingMatrix
from networks.plugs import constraint, doubly_stochastic
from networks.streams import Contract, Expand

__all__ = [
    "CausalAttention",
    "Contract",
    "Expand",
    "FeedForward",
    "HyperConnection",
    "Maps",
    "MixingMatrix",
    "Residual",
    "block",
    "constraint",
    "doubly_stochastic",
]
