"""Doubly stochastic matrices in layers that people have: any module's parameter, and the package hyper-connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from warnings import warn

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from geometry.distances import birkhoff_projection, nearest
from geometry.polytope import square
from networks.recipes import Recipe
from networks.starts import START_DISTANCE, thetas
from projectors import Orthostochastic, Projector
from projectors.checks import instance

MISSED = 1e-3
"""The Frobenius distance from a given matrix beyond which a warning says that the projector does not reach it."""


class _DoublyStochastic(nn.Module):
    """theta (p,) -> the matrix (n, n) of a projector, and back: a parametrization as torch.nn.utils makes use of it."""

    def __init__(self, projector: Projector, start: Tensor) -> None:
        super().__init__()
        self.projector = projector
        self.recipe = Recipe(projector)
        self._start: Tensor | None = start

    def forward(self, theta: Tensor) -> Tensor:
        """theta (p,) -> matrix (n, n)."""
        return self.projector(theta)

    def right_inverse(self, matrix: Tensor) -> Tensor:
        """Any matrix (n, n) -> theta (p,) of the nearest one that was found; of what is not doubly stochastic, to it.

        Warns of a distance above 1e-3. Raises ValueError for another shape, and for entries that are not finite.
        """
        if self._start is not None:  # torch asks before anything was assigned, when the parametrization is registered
            theta, self._start = self._start, None
            return theta
        n = self.projector.n
        if square(matrix, "the parametrization", least=2).shape != (n, n):
            raise ValueError(f"{self.projector} gives matrices of shape ({n}, {n}), not {tuple(matrix.shape)}")
        found = nearest(self.projector, birkhoff_projection(matrix.detach().double())[None])
        distance = float(torch.linalg.matrix_norm(found.matrix[0] - matrix.detach().double()))
        if distance > MISSED:
            warn(
                f"{self.projector} was found to come as near as {distance:.2g} (Frobenius norm) to the matrix that is "
                "assigned, and starts there",
                stacklevel=4,
            )
        return found.theta[0].to(matrix.dtype)


def doubly_stochastic(
    module: nn.Module,
    name: str,
    projector: Projector,
    *,
    distance: float = START_DISTANCE,
    generator: torch.Generator | None = None,
) -> nn.Module:
    """module, the name of an n x n parameter, projector -> the module, whose parameter is the projector's from now on.

    It starts near the identity; `module.weight = matrix` starts from a given matrix instead, or from the nearest that
    the projector was found to have, with a warning where that is far. What is trained, saved and loaded is theta, as
    `parametrizations.weight.original`. Raises ValueError where there is no such parameter of this shape.

    >>> from projectors import Orthostochastic
    >>> layer = doubly_stochastic(torch.nn.Linear(3, 3, bias=False), "weight", Orthostochastic(3, 2))
    >>> layer.weight = torch.full((3, 3), 1 / 3)
    >>> torch.allclose(layer(torch.eye(3)), torch.full((3, 3), 1 / 3), atol=1e-5)
    True
    """
    instance(module, nn.Module, "the module")
    n = instance(projector, Projector, "the projector").n
    given = getattr(module, name, None) if isinstance(name, str) else None
    if not isinstance(given, nn.Parameter) or given.shape != (n, n):
        found = f"shape {tuple(given.shape)}" if isinstance(given, Tensor) else repr(given)
        raise ValueError(f"{projector} needs a parameter {name!r} of shape ({n}, {n}), not {found}")
    made = _DoublyStochastic(projector, thetas(projector, distance, generator)[0].to(given))
    parametrize.register_parametrization(module, name, made)
    made.recipe.guard(module.parametrizations[name], "0.recipe")  # type: ignore[index, arg-type]
    return module


@dataclass(frozen=True)
class _Constraint:
    """Logits (..., n, n) -> matrices (..., n, n), for `residual_mix_constraint_fn`."""

    projector: Projector
    distance: float = START_DISTANCE
    first: Tensor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        theta = thetas(self.projector, self.distance, torch.Generator().manual_seed(0))[0]
        # Their layers start with the logits of an identity matrix: that is to be near the identity here, too.
        object.__setattr__(self, "first", theta - self._parameters(torch.eye(self.projector.n, dtype=theta.dtype)))

    def __call__(self, logits: Tensor) -> Tensor:
        n = self.projector.n
        if not isinstance(logits, Tensor) or logits.shape[-2:] != (n, n):
            received = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
            raise ValueError(f"{self.projector} constrains logits of shape (..., {n}, {n}), not {received}")
        theta = self._parameters(logits)
        return self.projector(theta + self.first.to(theta))

    def _parameters(self, logits: Tensor) -> Tensor:
        """Logits (..., n, n) -> as many numbers of them (..., p) as the projector takes."""
        if isinstance(self.projector, Orthostochastic):
            row, column = torch.triu_indices(self.projector.n, self.projector.n, 1, device=logits.device)
            return (logits - logits.mT)[..., row, column]
        return logits.flatten(-2)[..., : self.projector.parameter_count]


def constraint(projector: Projector, *, distance: float = START_DISTANCE) -> _Constraint:
    """projector -> a function of logits (..., n, n) for `residual_mix_constraint_fn` of hyper-connections 0.4.11.

    That package predicts n^2 logits for a matrix: the projector may take no more. mHC takes all of them, go-mHC at
    s = 1 the skew-symmetric part, others the first p of them. The package applies the transpose of what it gets. Where
    its layers start, H_res is near the identity, by `distance` on average, and not 0.475 on its diagonal as there.

    Raises ValueError for projectors with more parameters: `HyperConnection` is the layer for those.

    >>> from projectors import Orthostochastic
    >>> constraint(Orthostochastic(4, 1))(torch.eye(4)).diagonal().mean() > 0.98
    tensor(True)
    """
    n = instance(projector, Projector, "the projector").n
    if projector.parameter_count > n**2:
        raise ValueError(
            f"hyper-connections predicts {n**2} logits for a matrix of {n} streams, and {projector} wants "
            f"{projector.parameter_count}: use networks.HyperConnection, which predicts as many as are wanted"
        )
    return _Constraint(projector, distance)
