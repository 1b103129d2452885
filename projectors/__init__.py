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
    from projectors.base import MatrixMap, Projector
    from projectors.circulant import Circulant
    from projectors.identity import Identity
    from projectors.kronecker import Kronecker
    from projectors.mixture import Mixture
    from projectors.orthostochastic import Orthostochastic, Unistochastic
    from projectors.outside import OrthogonalMixing, SpectralSphere, Unconstrained
    from projectors.permutation import PermutationMixture
    from projectors.polar import IteratedOrthostochastic
    from projectors.projection import EuclideanProjection
    from projectors.rotational import Rotational
    from projectors.sinkhorn import Sinkhorn
    from projectors.transport import TransportationWalk

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
    "Circulant": "circulant",
    "EuclideanProjection": "projection",
    "Identity": "identity",
    "IteratedOrthostochastic": "polar",
    "Kronecker": "kronecker",
    "MatrixMap": "base",
    "Mixture": "mixture",
    "OrthogonalMixing": "outside",
    "Orthostochastic": "orthostochastic",
    "PermutationMixture": "permutation",
    "Projector": "base",
    "Rotational": "rotational",
    "Sinkhorn": "sinkhorn",
    "SpectralSphere": "outside",
    "TransportationWalk": "transport",
    "Unconstrained": "outside",
    "Unistochastic": "orthostochastic",
}


def __getattr__(name: str) -> Any:
    """Name of a class -> the class, from its own file."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
