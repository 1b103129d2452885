"""A choice to paste: the layer, a parametrization, a plug for hyper-connections. Programs that run as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from projectors import HOMES, Projector


def _imports(projector: Projector) -> str:
    """What the projector's own Python needs, a line for each module."""
    names = {type(part).__name__: type(part).__module__ for part in _parts(projector)}
    homes = {name: "projectors" if name in HOMES else module for name, module in names.items()}
    lines = [(home, ", ".join(sorted(name for name in homes if homes[name] == home))) for home in set(homes.values())]
    return "\n".join(f"from {home} import {names}" for home, names in sorted(lines))


def _parts(value: object) -> Iterator[object]:
    """A value -> itself and all values that it is made of, as far as they have a class of ours."""
    if isinstance(value, tuple):
        for each in value:
            yield from _parts(each)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from _parts(getattr(value, field.name))


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
