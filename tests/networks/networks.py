"""Layers that laws are tried on, with every method of the table, and inputs from explicit seeds."""

import pytest
import torch

from projectors import Options
from projectors.outside import OrthogonalMixing, SpectralSphere, Unconstrained
from projectors.table import METHODS

WIDTH = 12


def made(n, s=2):
    return [row.make(Options(n, s)) for row in METHODS if row.exists(n)]


PROJECTORS = [projector for n in (2, 3, 4) for projector in made(n)]
OUTSIDE = [kind(n) for kind in (Unconstrained, OrthogonalMixing, SpectralSphere) for n in (2, 4)]

each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)
each_map = pytest.mark.parametrize("projector", PROJECTORS + OUTSIDE, ids=str)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=seeded(seed), dtype=dtype)


def shaken(layer, size=0.5, seed=0):
    """A layer -> itself, every parameter moved by a random amount: away from its start, where much is 0."""
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter += size * normal(*parameter.shape, seed=seed + number, dtype=parameter.dtype)
    return layer


def nonlinear(width=WIDTH, seed=0):
    """A branch (..., C) -> (..., C) of weights from a seed."""
    layer = torch.nn.Linear(width, width)
    with torch.no_grad():
        layer.weight.copy_(normal(width, width, seed=seed) / width**0.5)
        layer.bias.copy_(normal(width, seed=seed + 1))
    return torch.nn.Sequential(layer, torch.nn.Tanh())
