"""Maps from free parameters onto doubly stochastic matrices: one frozen, hashable value per parameterization.

>>> import torch
>>> from projectors import methods
>>> projector = methods(n=4, s=2)["go-mHC"]
>>> projector
Orthostochastic(n=4, s=2)
>>> theta = projector.initial(10, generator=torch.Generator().manual_seed(0))
>>> projector(theta).shape
torch.Size([10, 4, 4])
"""

from __future__ import annotations

from checks import whole_number
from projectors.base import Projector
from projectors.kronecker import Kronecker
from projectors.mixture import Mixture
from projectors.orthostochastic import Orthostochastic, Unistochastic
from projectors.permutation import LARGEST_PERMUTATION_SIZE, PermutationMixture
from projectors.sinkhorn import Sinkhorn

__all__ = [
    "Kronecker",
    "Mixture",
    "Orthostochastic",
    "PermutationMixture",
    "Projector",
    "Sinkhorn",
    "Unistochastic",
    "factorizations",
    "methods",
    "variants",
]


def factorizations(n: int, most: int = LARGEST_PERMUTATION_SIZE) -> list[tuple[int, ...]]:
    """n -> every way to write it as a product of at least two factors from 2 to `most`, smallest factors first.

    >>> factorizations(12)
    [(2, 2, 3), (2, 6), (3, 4)]
    """

    def descend(rest: int, least: int) -> list[tuple[int, ...]]:
        whole = [(rest,)] if least <= rest <= most else []
        smaller = [size for size in range(least, most + 1) if rest % size == 0 and rest // size >= size]
        return [(size, *others) for size in smaller for others in descend(rest // size, size)] + whole

    return [sizes for sizes in descend(whole_number(n, "n", 1), 2) if len(sizes) > 1]


def _factor_sizes(n: int, factors: tuple[int, ...] | None) -> tuple[int, ...]:
    """n and a choice of factors -> that choice, or by default the prime factors, or () where there are none."""
    choices = factorizations(n)
    if factors is None:
        return choices[0] if choices else ()
    if tuple(sorted(factors)) not in choices:
        raise ValueError(f"factors of n = {n} must be one of {choices}, not {factors}")
    return factors


def methods(
    n: int, s: int = 2, *, factors: tuple[int, ...] | None = None, iterations: int = 20
) -> dict[str, Projector]:
    """n, s -> the paper's methods that exist at this size, by the paper's names and in its order [goMHC2026].

    mHC-lite stops at n = 8. KromHC needs a composite n; `factors` are its i_k (default: the prime factors), each at
    most 8. `iterations` are mHC's. Raises ValueError for impossible n, s, factors or iterations.
    """
    table: dict[str, Projector] = {"mHC": Sinkhorn(n, iterations)}
    if n <= LARGEST_PERMUTATION_SIZE:
        table["mHC-lite"] = PermutationMixture(n)
    if sizes := _factor_sizes(n, factors):
        table["KromHC"] = Kronecker(tuple(PermutationMixture(size) for size in sizes))
    table["go-mHC"] = Orthostochastic(n, s)
    return table


def variants(n: int, s: int = 2, *, factors: tuple[int, ...] | None = None) -> dict[str, Projector]:
    """n, s -> the paper's variants that exist at this size: sections 4.2 and B.9, appendices E and H [goMHC2026].

    The averages take k = s matrices, so that they can be compared with go-mHC at the same s. Without `factors`, KromHC
    takes the prime factors, and with go-mHC factors, which stay cheap, the largest ones. Raises ValueError
    for impossible n, s or factors.
    """
    table: dict[str, Projector] = {
        "mHC, linear": Sinkhorn(n, positive="abs"),
        "go-mHC, unitary": Unistochastic(n, s),
        "averaged orthostochastic": Mixture(Orthostochastic(n, 1), s),
    }
    if sizes := _factor_sizes(n, factors):
        coarse = sizes if factors else factorizations(n)[-1]
        table["KromHC, go-mHC factors"] = Kronecker(tuple(Orthostochastic(size, s) for size in coarse))
        table["weighted KromHC"] = Mixture(Kronecker(tuple(PermutationMixture(size) for size in sizes)), s)
    return table
