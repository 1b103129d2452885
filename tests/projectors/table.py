"""The one table of projectors that laws are tried on, and their parameters from explicit seeds."""

from functools import reduce

import pytest
import torch

from projectors import (
    Identity,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    methods,
    variants,
)

RANKS = {2: (1, 2, 3), 3: (1, 2, 3), 4: (1, 2, 3), 5: (1, 3), 6: (2,), 8: (1,), 9: (3,)}
"""The ranks s at every size n: all of them where matrices are small, each of them somewhere among the larger."""

HAND_MADE = (
    Sinkhorn(4, iterations=1),
    Sinkhorn(4, iterations=100),
    Sinkhorn(5, iterations=3, positive="abs"),
    Kronecker((Orthostochastic(3, 2), PermutationMixture(2))),
    Kronecker((Unistochastic(2), Sinkhorn(2, 50), Orthostochastic(2))),
    Kronecker((PermutationMixture(3),)),
    Mixture(Orthostochastic(3, 1), 2, weights=(0.25, 0.75)),
    Mixture(Unistochastic(3), 3, weights=(1, 0, 0)),
    Mixture(Mixture(PermutationMixture(3), 2), 2),
    Mixture(Kronecker((Orthostochastic(2), Sinkhorn(2, 1))), 2),
)

PROJECTORS = list(
    dict.fromkeys(
        [p for n, ranks in RANKS.items() for s in ranks for p in (*methods(n, s).values(), *variants(n, s).values())]
        + [*HAND_MADE]
    )
)
PROJECTORS = [projector for projector in PROJECTORS if not isinstance(projector, Identity)]  # no theta to ask about
EXACT = [projector for projector in PROJECTORS if projector.exact]

each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)
each_exact_projector = pytest.mark.parametrize("projector", EXACT, ids=str)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=seeded(seed), dtype=dtype)


def parameters(projector, *batch, seed=0, dtype=torch.float64):
    """Parameters (*batch, p), every one of them random, also where a projector's own initialisation is zero."""
    return normal(*batch, projector.parameter_count, seed=seed, dtype=dtype)


def magnitudes(projector, count, low, high, seed=0):
    """Parameters (count, p) of random sign, each of its own size between 10^low and 10^high."""
    exponents = low + (high - low) * torch.rand(
        count, projector.parameter_count, generator=seeded(seed), dtype=torch.float64
    )
    return parameters(projector, count, seed=seed + 1).sign() * 10**exponents


def sum_error(matrices):
    """The largest |row or column sum - 1|."""
    return max(float((matrices.sum(axis) - 1).abs().max()) for axis in (-1, -2))


def few(projector, most=3):
    """How many matrices a test makes of this projector: fewer where one has tens of thousands of parameters."""
    return 1 if projector.parameter_count > 5000 else most


def permutations_of(n):
    """All n! permutations as one-line tuples, made by inserting the largest place everywhere."""
    grown = reduce(lambda ps, k: [(*p[:i], k, *p[i:]) for p in ps for i in range(len(p) + 1)], range(n), [()])
    return sorted(grown)


def permutation_matrix(order):
    """One-line notation -> its matrix: row i has its 1 in column order[i]."""
    return torch.eye(len(order), dtype=torch.float64)[list(order)]
