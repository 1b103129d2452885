"""Our own layers: what `networks` keeps says itself which projector its numbers belong to.

`HyperConnection` has `bias` (2n + R), with `weight` (2n + R, n C), `gain` (n C) and `scale` (3) where the maps depend
on the streams, each in the order pre, post, res; `MixingMatrix` has `theta` (*batch, R), a parametrization `original`
(R). Beside each lies `recipe.text`, what the projector prints as, in bytes. H_res is the projector's matrix, as it is.

Source: networks/hyper_connection.py, networks/mixing_matrix.py, networks/plugs.py.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from inspector.conventions.layout import (
    AS_COMPUTED,
    Layout,
    Reading,
    as_they_enter,
    bounded,
    member,
    owners,
    projected,
    steps,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings
from projectors import Identity, MatrixMap, Sinkhorn
from projectors.recipes import LONGEST, from_recipe

NORM = 1e-6
KEEPERS = (("recipe.text", "bias"), ("recipe.text", "theta"), ("0.recipe.text", "original"))
"""Where a recipe lies, and the parameters that it is about."""

AT_ONCE = 2**20
"""Parameters of a batch that become matrices together: on the way they take several times as much memory."""


def _keeper(tensors: Tensors, site: str) -> tuple[str, str] | None:
    """Site -> the names of its recipe and of its parameters, or None where it has none of ours."""
    for recipe, parameters in KEEPERS:
        names = member(site, recipe), member(site, parameters)
        ranks = [len(tensors.shape(name)) if name in tensors else 0 for name in names]
        if ranks == [1, 1] or (parameters == "theta" and ranks[0] == 1 <= ranks[1]):
            return names
    return None


def _sites(tensors: Tensors) -> list[str]:
    places = [site for recipe in ("recipe.text", "0.recipe.text") for site in owners(tensors, recipe)]
    return [site for site in dict.fromkeys(places) if _keeper(tensors, site)]


def _projector(tensors: Tensors, recipe: str) -> MatrixMap:
    if tensors.shape(recipe)[0] > LONGEST:
        raise ValueError(f"{recipe} must hold at most {LONGEST:,} bytes, not {tensors.shape(recipe)[0]:,}")
    numbers = tensors.read(recipe)
    if not bool(((numbers >= 0) & (numbers < 256)).all()):
        raise ValueError(f"{recipe} must hold bytes")
    projector = from_recipe(bytes(numbers.int().tolist()).decode(errors="replace"))
    bounded(projector.n)
    return projector


def _batch(tensors: Tensors, site: str) -> int | None:
    names = _keeper(tensors, site)
    assert names is not None
    shape = tensors.shape(names[1])
    return prod(shape[:-1]) if len(shape) > 1 else None


def _steps(tensors: Tensors, site: str) -> float:
    names = _keeper(tensors, site)
    assert names is not None
    return steps(_projector(tensors, names[0]))


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    names = _keeper(tensors, site)
    assert names is not None
    projector, dtype = _projector(tensors, names[0]), tensors.dtype(names[1])
    theta, p = tensors.read(names[1]), projector.parameter_count
    rest = theta.shape[-1] - p
    if rest != (2 * projector.n if names[1].endswith("bias") else 0):
        raise ValueError(f"{names[1]} has {theta.shape[-1]:,} numbers, which do not fit {projector}")
    several = theta.ndim > 1
    theta = (theta.flatten(0, -2) if several else theta)[..., rest:]
    if hidden is not None and (weight := member(site, "weight")) in tensors:
        rows = tensors.read(weight)[rest:] * tensors.read(member(site, "gain"))
        own = member(site, "epsilon_of_norm")
        epsilon = float(tensors.read(own)) if own in tensors else NORM
        theta = theta + tensors.read(member(site, "scale"))[2] * projected(hidden, rows, epsilon)
    parts = theta.split(max(1, AT_ONCE // max(1, p))) if several else (theta,)
    # One that is not finite is told of, and keeps no other from being read.
    matrices = [projector.matrices(part) for part in parts]
    sinkhorn = projector if isinstance(projector, Sinkhorn) else None
    return Reading(
        torch.cat(matrices) if several else matrices[0],
        dtype,
        theta.unflatten(-1, (projector.n, projector.n)) if sinkhorn else None,
        sinkhorn.iterations if sinkhorn else None,
        sinkhorn.convention.epsilon if sinkhorn else None,
        1.0 if sinkhorn else None,
        ("columns" if sinkhorn.convention.first == "rows" else "rows") if sinkhorn else None,
        notes=(f"{projector}, as the file says",),
        mixing=not isinstance(projector, Identity),
    )


OURS = Layout(
    "Birkhoff Explorer",
    AS_COMPUTED,
    "networks/hyper_connection.py, networks/mixing_matrix.py, networks/plugs.py",
    ("recipe.text",),
    _sites,
    _read,
    streams=as_they_enter,
    steps=_steps,
    batch=_batch,
)
