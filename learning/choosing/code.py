"""A choice to paste: the layer, a parametrization, a plug for hyper-connections. Programs that run as they stand."""

from __future__ import annotations

import re

from projectors import HOMES, Projector


def _imports(projector: Projector) -> str:
    """What the projector's own Python needs, as one line."""
    names = sorted({name for name in re.findall(r"\w+", repr(projector)) if name in HOMES})
    return f"from projectors import {', '.join(names)}"


def layer_code(projector: Projector, width: int) -> str:
    """projector, width C -> a program with a network of hyper-connections that trains three steps."""
    return f"""import torch

from networks import Contract, Expand, HyperConnection
{_imports(projector)}

projector = {projector!r}
width = {width}


def branch():  # any module from (..., width) to (..., width): attention, an MLP, ...
    return torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Linear(width, width), torch.nn.GELU())


layers = [HyperConnection(width, projector, branch(), reads=number) for number in range(6)]
model = torch.nn.Sequential(Expand(projector.n), *layers, Contract())

optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
for _ in range(3):
    x = torch.randn(32, width)
    loss = (model(x) - x.roll(1, -1)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def parametrization_code(projector: Projector) -> str:
    """projector -> a program that makes a weight doubly stochastic, and keeps it so."""
    n = projector.n
    return f"""import torch

from networks import doubly_stochastic
{_imports(projector)}

layer = doubly_stochastic(torch.nn.Linear({n}, {n}, bias=False), "weight", {projector!r})
# layer.weight = matrix starts from a matrix of yours, or from the nearest in reach.
layer(torch.randn(8, {n})).square().sum().backward()
print(layer.weight.sum(0), layer.weight.sum(1))
"""


def plug_code(projector: Projector) -> str | None:
    """projector -> a program with a layer of hyper-connections that mixes by it; None where its logits are too few."""
    n = projector.n
    if projector.parameter_count > n**2:
        return None
    return f"""import torch
from hyper_connections.manifold_constrained_hyper_connections import ManifoldConstrainedHyperConnections

from networks import constraint
{_imports(projector)}

layer = ManifoldConstrainedHyperConnections(
    {n},
    dim=64,
    branch=torch.nn.Linear(64, 64),
    residual_mix_constraint_fn=constraint({projector!r}),
)
layer(torch.randn(2 * {n}, 16, 64)).square().mean().backward()  # its streams are in the batch
"""
