"""The paper's target distribution of each kind of projector (appendix A.4 of [goMHC2026]), and what it is called."""

from __future__ import annotations

from functools import singledispatch

from torch import Generator, Tensor

from geometry.sampling.distributions import (
    conventional,
    dirichlet,
    haar_orthogonal,
    haar_unitary,
    initial,
    of_factors,
    of_terms,
    sinkhorn_uniform,
    uniform,
)
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Projector, Sinkhorn, Unistochastic
from projectors.averages.permutation import permutation_mixture
from projectors.conventions import Convention
from projectors.rotations.rotational import block_norms


@singledispatch
def target(projector: Projector, count: int, generator: Generator) -> Tensor:
    """Matrices (count, n, n) under the paper's target distribution that belongs to the projector's kind (A.4).

    Of a projector that the paper does not know: those of its own initialisation.
    """
    return initial(projector, count, generator)


@target.register
def _(projector: Sinkhorn, count: int, generator: Generator) -> Tensor:
    if projector.convention == Convention():
        return sinkhorn_uniform(projector.n, count, generator, projector.iterations)
    return conventional(projector, uniform((count, projector.n, projector.n), generator).log())


@target.register
def _(projector: PermutationMixture, count: int, generator: Generator) -> Tensor:
    return permutation_mixture(dirichlet((count, projector.parameter_count), generator), projector.n)


@target.register
def _(projector: Orthostochastic, count: int, generator: Generator) -> Tensor:
    return block_norms(haar_orthogonal(projector.order, count, generator), projector.s)


@target.register
def _(projector: Unistochastic, count: int, generator: Generator) -> Tensor:
    return block_norms(haar_unitary(projector.order, count, generator), projector.s)


@target.register
def _(projector: Kronecker, count: int, generator: Generator) -> Tensor:
    return of_factors(target, projector, count, generator)


@target.register
def _(projector: Mixture, count: int, generator: Generator) -> Tensor:
    return of_terms(target, projector, count, generator)


@singledispatch
def target_name(projector: Projector) -> str:
    """projector -> what people call its `target`, such as "Haar orthogonal"; of a combination, those of its parts.

    >>> target_name(Kronecker((PermutationMixture(2), Orthostochastic(2))))
    'Dirichlet and Haar orthogonal'
    """
    return "its own initialisation"


@target_name.register
def _(projector: Sinkhorn) -> str:
    return "uniform, balanced"


@target_name.register
def _(projector: PermutationMixture) -> str:
    return "Dirichlet"


@target_name.register
def _(projector: Orthostochastic) -> str:
    return "Haar orthogonal"


@target_name.register
def _(projector: Unistochastic) -> str:
    return "Haar unitary"


@target_name.register
def _(projector: Kronecker) -> str:
    return " and ".join(dict.fromkeys(target_name(factor) for factor in projector.factors))


@target_name.register
def _(projector: Mixture) -> str:
    return target_name(projector.projector)
