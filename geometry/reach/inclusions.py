"""Which sets lie in which, by proof: what the smaller one reaches, the larger one does."""

from __future__ import annotations

from collections.abc import Iterable

from geometry.reach.known import has_formula
from projectors import Identity, Kronecker, Mixture, Orthostochastic, Projector, Unistochastic


def contains(larger: Projector, smaller: Projector) -> bool:
    """Two projectors -> whether every eigenvalue of the second is, by proof and up to closure, one of the first.

    All doubly stochastic matrices of a size are limits of mHC's and mHC-lite's [Birkhoff1946], or of what else has a
    formula. The identity is a limit of all. A matrix of order n - 1 with one stream left alone is one of order n, of
    the same kind. O_{n,s} lies in O_{n,ks} [Nechita2023] and in U_{n,s}; an average of k matrices in those of k + 1,
    one of them twice. A factor of a Kronecker product is one with identities for the others.
    """
    if larger.n < smaller.n:
        return False
    if has_formula(larger):
        return True
    match larger, smaller:
        case _, Identity():
            return larger.exact
        case Orthostochastic(), Orthostochastic():
            return larger.s % smaller.s == 0
        case Unistochastic(), Orthostochastic() | Unistochastic():
            return larger.s % smaller.s == 0
        case Mixture(projector=Orthostochastic()), Orthostochastic():
            return larger.weights is None and contains(larger.projector, smaller)
        case Mixture(projector=Orthostochastic()), Mixture(projector=Orthostochastic()):
            free = larger.weights is None and smaller.weights is None
            return free and smaller.k <= larger.k and contains(larger.projector, smaller.projector)
        case Orthostochastic(), Mixture(projector=Orthostochastic(), k=1):
            return contains(larger, smaller.projector)
        case Kronecker(), Kronecker():
            left = list(larger.factors)
            for factor in smaller.factors:
                if factor not in left:
                    return False
                left.remove(factor)
            return True
        case Kronecker(), _:
            return any(contains(factor, smaller) for factor in larger.factors if factor.n >= smaller.n)
        case _:
            return False


def contained(larger: Projector, others: Iterable[Projector]) -> list[Projector]:
    """Projector, others -> those of the others, without itself, that lie in it by proof."""
    return [other for other in others if other != larger and contains(larger, other)]
