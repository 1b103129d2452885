"""The one table of methods: their names, what they need, and how they are made. Imports no torch before it makes one.

Whoever lists methods (`methods`, `variants` and `ranked` here, and the app's settings, widgets, help texts and
colours) reads this table when asked: a new method is a file with its projector, and a row and a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from projectors.checks import whole_number, whole_numbers
from projectors.sizes import LARGEST_PERMUTATION_SIZE, LARGEST_SIZE, factorizations

if TYPE_CHECKING:
    from projectors.base import Projector


@dataclass(frozen=True)
class Options:
    """What a method is made from: size n, rank or number of terms s, Kronecker factors, Sinkhorn iterations."""

    n: int
    s: int = 2
    factors: tuple[int, ...] | None = None
    iterations: int = 20

    def sizes(self, *, coarse: bool = False) -> tuple[int, ...]:
        """Return the factors chosen, or by default the prime factors of n; `coarse`: the largest ones instead.

        Empty where n is prime. Raises ValueError for factors that are none of n.
        """
        choices = factorizations(self.n)
        if self.factors is None:
            return choices[-1 if coarse else 0] if choices else ()
        factors = whole_numbers(self.factors, f"factors of n = {self.n}", 1)
        if tuple(sorted(factors)) not in choices:
            raise ValueError(f"factors of n = {self.n} must be one of {choices}, not {factors}")
        return factors


@dataclass(frozen=True)
class Method:
    """A parameterization as people choose it.

    `help` says in markdown what it does. `ranked`: s matters; `iterated`: the Sinkhorn iterations do; `composite`: it
    takes factors, and n must have some; `largest` is the largest n, None for any. `variant`: none of the paper's four.
    `newer`: proposed by others than the paper's authors since. `colour` is its place among the inks of curves
    (`figures.inks`), None for the next that is free.
    """

    name: str
    help: str
    make: Callable[[Options], Projector]
    ranked: bool = False
    iterated: bool = False
    composite: bool = False
    largest: int | None = None
    variant: bool = False
    newer: bool = False
    colour: int | None = None

    def exists(self, n: int) -> bool:
        """Return whether there is such a method at this n."""
        return (self.largest is None or n <= self.largest) and not (self.composite and not factorizations(n))

    @property
    def wanted(self) -> str:
        """Which n it exists at, in words; "" for all.

        >>> [row.wanted for row in METHODS if row.name in ("mHC", "mHC-lite", "KromHC")]
        ['', 'n ≤ 8', 'a composite n with prime factors ≤ 7']
        """
        needs = ["a composite n with prime factors ≤ 7"] if self.composite else []
        return " and ".join(needs + ([f"n ≤ {self.largest}"] if self.largest is not None else []))


def _sinkhorn(given: Options) -> Projector:
    from projectors.balanced.sinkhorn import Sinkhorn

    return Sinkhorn(given.n, given.iterations)


def _linear_sinkhorn(given: Options) -> Projector:
    from projectors.balanced.sinkhorn import Sinkhorn

    return Sinkhorn(given.n, given.iterations, positive="abs")


def _permutations(given: Options) -> Projector:
    from projectors.averages.permutation import PermutationMixture

    return PermutationMixture(given.n)


def _kronecker(given: Options) -> Projector:
    from projectors.averages.kronecker import Kronecker
    from projectors.averages.permutation import PermutationMixture

    return Kronecker(tuple(PermutationMixture(size) for size in given.sizes()))


def _kronecker_of_rotations(given: Options) -> Projector:
    from projectors.averages.kronecker import Kronecker
    from projectors.rotations.orthostochastic import Orthostochastic

    return Kronecker(tuple(Orthostochastic(size, given.s) for size in given.sizes(coarse=True)))


def _weighted_kronecker(given: Options) -> Projector:
    from projectors.averages.mixture import Mixture

    return Mixture(_kronecker(given), given.s)


def _orthostochastic(given: Options) -> Projector:
    from projectors.rotations.orthostochastic import Orthostochastic

    return Orthostochastic(given.n, given.s)


def _unistochastic(given: Options) -> Projector:
    from projectors.rotations.orthostochastic import Unistochastic

    return Unistochastic(given.n, given.s)


def _averaged(given: Options) -> Projector:
    from projectors.averages.mixture import Mixture
    from projectors.rotations.orthostochastic import Orthostochastic

    return Mixture(Orthostochastic(given.n, 1), given.s)


def _transport(given: Options) -> Projector:
    from projectors.balanced.transport import TransportationWalk

    return TransportationWalk(given.n)


def _projection(given: Options) -> Projector:
    from projectors.balanced.projection import EuclideanProjection

    return EuclideanProjection(given.n)


def _circulant(given: Options) -> Projector:
    from projectors.averages.circulant import Circulant

    return Circulant(given.n)


def _polar(given: Options) -> Projector:
    from projectors.rotations.polar import IteratedOrthostochastic

    return IteratedOrthostochastic(given.n)


def _identity(given: Options) -> Projector:
    from projectors.averages.identity import Identity

    return Identity(given.n)


METHODS: tuple[Method, ...] = (
    Method("mHC", "Sinkhorn iterations on exp(θ)", _sinkhorn, iterated=True, colour=0),
    Method(
        "mHC-lite",
        "softmax mixture of all n! permutations",
        _permutations,
        largest=LARGEST_PERMUTATION_SIZE,
        colour=1,
    ),
    Method("KromHC", "Kronecker product of small mixtures", _kronecker, composite=True, colour=2),
    Method("go-mHC", "block norms of a rotation of size ns", _orthostochastic, ranked=True, colour=3),
    Method("mHC, linear", "Sinkhorn iterations on |θ|", _linear_sinkhorn, iterated=True, variant=True, colour=8),
    Method("go-mHC, unitary", "the same with complex entries", _unistochastic, ranked=True, variant=True, colour=11),
    Method("averaged orthostochastic", "mean of s matrices of rank 1", _averaged, ranked=True, variant=True, colour=9),
    Method(
        "KromHC, go-mHC factors",
        "Kronecker product of small go-mHC matrices",
        _kronecker_of_rotations,
        ranked=True,
        composite=True,
        variant=True,
        colour=10,
    ),
    Method(
        "weighted KromHC",
        "weighted mean of s Kronecker products",
        _weighted_kronecker,
        ranked=True,
        composite=True,
        variant=True,
        colour=18,
    ),
    Method("TBP-mHC", "walk through the transportation polytope", _transport, variant=True, newer=True, colour=5),
    Method(
        "Euclidean projection",
        "the doubly stochastic matrix nearest to θ",
        _projection,
        variant=True,
        newer=True,
        colour=7,
    ),
    Method("C-mHC", "softmax mixture of the powers of a cycle", _circulant, variant=True, newer=True, colour=12),
    Method(
        "orthostochastic, Newton–Schulz",
        "squares, 5 steps towards a rotation",
        _polar,
        variant=True,
        newer=True,
        colour=14,
    ),
    Method("identity", "no mixing at all", _identity, variant=True, newer=True, colour=13),
)
"""The paper's four methods in its order, its variants (sections 4.2 and B.9, appendices E and H [goMHC2026]), and what
others have proposed since: [TBPmHC2026], [ExactProjection2026], [CmHC2026], [mHCcode2026], and none at all.
"""


def methods(
    n: int, s: int = 2, *, factors: tuple[int, ...] | None = None, iterations: int = 20
) -> dict[str, Projector]:
    """n, s -> the paper's methods that exist at this size, by the paper's names and in its order [goMHC2026].

    mHC-lite stops at n = 8. KromHC needs a composite n; `factors` are its i_k (default: the prime factors), each at
    most 8. `iterations` are mHC's. Raises ValueError for impossible n, s, factors or iterations.
    """
    return _made(Options(n, s, factors, iterations), variant=False)


def variants(
    n: int, s: int = 2, *, factors: tuple[int, ...] | None = None, iterations: int = 20
) -> dict[str, Projector]:
    """n, s -> all other methods that exist at this size: the paper's variants, then those that others have proposed.

    The averages take k = s matrices, so that they can be compared with go-mHC at the same s. Without `factors`, KromHC
    takes the prime factors, and with go-mHC factors, which stay cheap, the largest ones. Raises ValueError
    for impossible n, s, factors or iterations.
    """
    return _made(Options(n, s, factors, iterations), variant=True)


def newer(n: int) -> dict[str, Projector]:
    """n -> what others have proposed since the paper, by name: none of these has a rank.

    >>> list(newer(4))
    ['TBP-mHC', 'Euclidean projection', 'C-mHC', 'orthostochastic, Newton–Schulz', 'identity']
    """
    return {row.name: row.make(Options(n)) for row in _rows(n, variant=True) if row.newer}


def ranked(n: int, ranks: Iterable[int]) -> dict[str, Projector]:
    """n, ranks s -> the paper's methods that exist at this size, by name; those with a rank once for each of these.

    >>> list(ranked(5, (1, 2)))
    ['mHC', 'mHC-lite', 'go-mHC, s = 1', 'go-mHC, s = 2']
    """
    options = [Options(n, s) for s in whole_numbers(ranks, "the ranks", 1, LARGEST_SIZE)]
    table: dict[str, Projector] = {}
    for row in _rows(n, variant=False):
        if row.ranked:
            table |= {f"{row.name}, s = {given.s}": row.make(given) for given in options}
        else:
            table[row.name] = row.make(Options(n))
    return table


def _made(given: Options, *, variant: bool) -> dict[str, Projector]:
    rows = _rows(given.n, variant=variant)
    if given.factors is not None:
        given.sizes()  # also where no method of the table takes factors
    return {row.name: row.make(given) for row in rows}


def _rows(n: int, *, variant: bool) -> list[Method]:
    """n -> the rows of the paper's methods, or of all others, that exist at it."""
    whole_number(n, "n", 2, LARGEST_SIZE)
    return [row for row in METHODS if row.variant == variant and row.exists(n)]
