"""Our own layers: what `networks` keeps says itself which projector its numbers belong to.

`HyperConnection` has `bias` (2n + R), with `weight` (2n + R, n C), `gain` (n C) and `scale` (3) where the maps depend
on the streams, each in the order pre, post, res; `MixingMatrix` has `theta` (R), a parametrization `original` (R).
Beside each lies `recipe.text`, what the projector prints as, in bytes. H_res is the projector's matrix, as it is.

Source: networks/hyper_connection.py, networks/mixing_matrix.py, networks/plugs.py.
"""

from __future__ import annotations

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


def _keeper(tensors: Tensors, site: str) -> tuple[str, str] | None:
    """Site -> the names of its recipe and of its parameters, or None where it has none of ours."""
    for recipe, parameters in KEEPERS:
        names = member(site, recipe), member(site, parameters)
        if all(name in tensors and len(tensors.shape(name)) == 1 for name in names):
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


def _steps(tensors: Tensors, site: str) -> float:
    names = _keeper(tensors, site)
    assert names is not None
    return steps(_projector(tensors, names[0]))


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    names = _keeper(tensors, site)
    assert names is not None
    projector, dtype = _projector(tensors, names[0]), tensors.dtype(names[1])
    theta, p = tensors.read(names[1]), projector.parameter_count
    rest = len(theta) - p
    if rest != (2 * projector.n if names[1].endswith("bias") else 0):
        raise ValueError(f"{names[1]} has {len(theta):,} numbers, which do not fit {projector}")
    theta = theta[rest:]
    if hidden is not None and (weight := member(site, "weight")) in tensors:
        rows = tensors.read(weight)[rest:] * tensors.read(member(site, "gain"))
        own = member(site, "epsilon_of_norm")
        epsilon = float(tensors.read(own)) if own in tensors else NORM
        theta = theta + tensors.read(member(site, "scale"))[2] * projected(hidden, rows, epsilon)
    sinkhorn = projector if isinstance(projector, Sinkhorn) else None
    return Reading(
        projector.matrices(theta),  # one that is not finite is told of, and keeps no other from being read
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
)
