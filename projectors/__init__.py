"""Maps from free parameters onto doubly stochastic matrices: one frozen, hashable value per parameterization.

>>> import torch
>>> from projectors import methods
>>> projector = methods(n=4, s=2)["go-mHC"]
>>> projector
Orthostochastic(n=4, s=2)
>>> theta = projector.initial(10, generator=torch.Generator().manual_seed(0))
>>> projector(theta).shape
torch.Size([10, 4, 4])

The classes are imported when they are first asked for, and torch with them: names and checks come without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from projectors.sizes import factorizations
from projectors.table import Method, Options, methods, newer, ranked, variants

if TYPE_CHECKING:
    from projectors.averages.circulant import Circulant
    from projectors.averages.identity import Identity
    from projectors.averages.kronecker import Kronecker
    from projectors.averages.mixture import Mixture
    from projectors.averages.permutation import PermutationMixture
    from projectors.balanced.projection import EuclideanProjection
    from projectors.balanced.sinkhorn import Sinkhorn
    from projectors.balanced.transport import TransportationWalk
    from projectors.base import MatrixMap, Projector
    from projectors.outside import OrthogonalMixing, SpectralSphere, Unconstrained
    from projectors.rotations.orthostochastic import Orthostochastic, Unistochastic
    from projectors.rotations.polar import IteratedOrthostochastic
    from projectors.rotations.redundant import RedundantOrthostochastic
    from projectors.rotations.rotational import Rotational

__all__ = [
    "Circulant",
    "EuclideanProjection",
    "Identity",
    "IteratedOrthostochastic",
    "Kronecker",
    "MatrixMap",
    "Method",
    "Mixture",
    "Options",
    "OrthogonalMixing",
    "Orthostochastic",
    "PermutationMixture",
    "Projector",
    "RedundantOrthostochastic",
    "Rotational",
    "Sinkhorn",
    "SpectralSphere",
    "TransportationWalk",
    "Unconstrained",
    "Unistochastic",
    "factorizations",
    "methods",
    "newer",
    "ranked",
    "variants",
]

HOMES = {
    "Circulant": "averages.circulant",
    "EuclideanProjection": "balanced.projection",
    "Identity": "averages.identity",
    "IteratedOrthostochastic": "rotations.polar",
    "Kronecker": "averages.kronecker",
    "MatrixMap": "base",
    "Mixture": "averages.mixture",
    "OrthogonalMixing": "outside",
    "Orthostochastic": "rotations.orthostochastic",
    "PermutationMixture": "averages.permutation",
    "Projector": "base",
    "RedundantOrthostochastic": "rotations.redundant",
    "Rotational": "rotations.rotational",
    "Sinkhorn": "balanced.sinkhorn",
    "SpectralSphere": "outside",
    "TransportationWalk": "balanced.transport",
    "Unconstrained": "outside",
    "Unistochastic": "rotations.orthostochastic",
}


def __getattr__(name: str) -> Any:
    """Name of a class -> the class, from its own file."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
