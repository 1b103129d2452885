"""What would it take? The nearest matrices of a parameterization to what a network has learned."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from geometry.distances import birkhoff_projection, nearest
from geometry.effort import USUAL, Effort, Ended
from geometry.polytope import in_memory, square
from inspector.site import Collection
from projectors import Projector
from projectors.checks import instance

HOLDS = 1e-3
"""Distance up to which a parameterization counts as holding a matrix: what bfloat16 and Sinkhorn's error leave open."""


@dataclass(frozen=True, eq=False)
class Converted:
    """Sites in other parameters: one row a site, in order.

    theta (m, p) to start from, and the matrix (m, n, n) that it gives. `distance` (m) is the Frobenius distance of that
    from the doubly stochastic matrix nearest to H_res: what the parameterization cannot hold. `error` (m) is the
    distance from H_res itself, in which its own failure to be doubly stochastic is contained. `ended` (m) says why each
    search ended. A distance is an upper bound, as `Nearest` says.
    """

    projector: Projector
    names: tuple[str, ...]
    theta: Tensor
    matrix: Tensor
    distance: Tensor
    error: Tensor
    ended: tuple[Ended, ...]

    @property
    def held(self) -> Tensor:
        """Which sites (m) the parameterization holds, within 1e-3."""
        return self.distance <= HOLDS


def convert(
    collection: Collection | Tensor, projector: Projector, seed: int = 0, *, effort: Effort = USUAL
) -> Converted:
    """Mixing sites, or matrices (m, n, n), and a projector -> theta to warm-start each of them from, with its error.

    A matrix that is not doubly stochastic is first replaced by the nearest one that is. Of dynamic sites the mean over
    tokens is taken. mHC and mHC-lite reach everything but zeros, which are limits: theta is then large, and gradients
    vanish there. Raises ValueError if there is no matrix of the projector's size, or one that is not finite.

    >>> from projectors import Orthostochastic
    >>> found = convert(torch.eye(3, dtype=torch.float64)[None], Orthostochastic(3, 1))
    >>> bool(found.held[0]), found.theta.shape
    (True, torch.Size([1, 3]))
    """
    instance(projector, Projector, "the projector")
    n = projector.n
    if isinstance(collection, Collection):
        matrices, names = collection.matrices(n), tuple(site.name for site in collection.of_size(n))
    else:
        given = in_memory(square(collection, "convert", least=2), "convert").detach().double()
        matrices, names = given.reshape(-1, *given.shape[-2:]), None
    if not len(matrices) or matrices.shape[-1] != n:
        has = (
            f"n = {', '.join(map(str, collection.sizes))}"
            if isinstance(collection, Collection)
            else tuple(matrices.shape)
        )
        raise ValueError(f"convert to {projector} wants matrices with n = {n}, not {has}")
    poisoned = (~matrices.isfinite().flatten(1).all(-1)).nonzero()
    if len(poisoned):
        first = int(poisoned[0])
        raise ValueError(f"convert wants finite matrices; {names[first] if names else f'matrix {first}'} is not")
    goals = birkhoff_projection(matrices)
    found = nearest(projector, goals, seed, effort=effort)
    return Converted(
        projector,
        names if names is not None else tuple(map(str, range(len(matrices)))),
        found.theta,
        found.matrix,
        found.distance,
        torch.linalg.matrix_norm(found.matrix - matrices),
        found.ended,
    )
