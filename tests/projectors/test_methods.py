"""The paper's table: which methods exist at which size, in its order and under its names."""

from math import prod

import pytest

from projectors import (
    Circulant,
    EuclideanProjection,
    Identity,
    IteratedOrthostochastic,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    TransportationWalk,
    Unistochastic,
    factorizations,
    methods,
    variants,
)

ORDER = ["mHC", "mHC-lite", "KromHC", "go-mHC"]


def is_prime(n):
    return n > 1 and all(n % k for k in range(2, n))


@pytest.mark.parametrize("n", range(1, 65))
def test_factorizations_multiply_to_n_and_none_is_missing(n):
    found = factorizations(n)
    assert len(found) == len(set(found))
    for sizes in found:
        assert prod(sizes) == n
        assert len(sizes) > 1
        assert list(sizes) == sorted(sizes)
        assert min(sizes) >= 2
        assert max(sizes) <= 8
    bounded = [d for d in range(2, 9) if n % d == 0]
    pairs = [(d, n // d) for d in bounded if d <= n // d <= 8]
    triples = [(a, b, n // a // b) for a in bounded for b in bounded if n % (a * b) == 0 and a <= b <= n // a // b <= 8]
    assert [sizes for sizes in found if len(sizes) == 2] == pairs
    assert [sizes for sizes in found if len(sizes) == 3] == triples


def test_first_factorization_is_into_primes():
    assert [factorizations(n)[0] for n in (4, 8, 12, 30, 64)] == [(2, 2), (2,) * 3, (2, 2, 3), (2, 3, 5), (2,) * 6]
    assert factorizations(64, most=2) == [(2,) * 6]
    assert factorizations(11) == factorizations(22) == factorizations(1) == []


@pytest.mark.parametrize("n", [*range(2, 13), 15, 16, 22, 32, 64])
@pytest.mark.parametrize("s", [1, 3])
def test_methods_that_exist_have_the_size_and_rank_that_was_asked(n, s):
    table = methods(n, s)
    assert list(table) == [name for name in ORDER if name in table]
    assert ("mHC-lite" in table) == (n <= 8)
    assert ("KromHC" in table) == any(not is_prime(n) and n % d == 0 and n // d <= 64 for d in (2, 3, 5, 7) if n != 22)
    assert table["mHC"] == Sinkhorn(n, 20)
    assert table["go-mHC"] == Orthostochastic(n, s)
    for projector in (*table.values(), *variants(n, s).values()):
        assert projector.n == n


def test_factors_and_iterations_are_passed_on():
    table = methods(8, factors=(4, 2), iterations=7)
    assert table["KromHC"] == Kronecker((PermutationMixture(4), PermutationMixture(2)))
    assert table["mHC"] == Sinkhorn(8, 7)
    assert methods(8)["KromHC"] == Kronecker((PermutationMixture(2),) * 3)
    assert methods(4)["go-mHC"] == Orthostochastic(4, 2)


def test_variants_are_the_ones_of_the_paper_and_what_others_proposed_since():
    pairs = Kronecker((PermutationMixture(2), PermutationMixture(2)))
    assert variants(4, 3) == {
        "mHC, linear": Sinkhorn(4, positive="abs"),
        "go-mHC, unitary": Unistochastic(4, 3),
        "averaged orthostochastic": Mixture(Orthostochastic(4, 1), 3),
        "KromHC, go-mHC factors": Kronecker((Orthostochastic(2, 3), Orthostochastic(2, 3))),
        "weighted KromHC": Mixture(pairs, 3),
        "TBP-mHC": TransportationWalk(4),
        "Euclidean projection": EuclideanProjection(4),
        "C-mHC": Circulant(4),
        "orthostochastic, Newton–Schulz": IteratedOrthostochastic(4, 5),
        "identity": Identity(4),
    }
    assert list(variants(5))[:3] == ["mHC, linear", "go-mHC, unitary", "averaged orthostochastic"]
    assert variants(8, 2, factors=(2, 4))["weighted KromHC"].projector == methods(8, 2, factors=(2, 4))["KromHC"]


@pytest.mark.parametrize("table", [methods, variants])
def test_impossible_requests_are_refused(table):
    for n in (1, 0, -3, 2.0, True, None):
        with pytest.raises(ValueError, match="whole number"):
            table(n)
    for s in (0, -1, 1.5, False):
        with pytest.raises(ValueError, match=r"whole number from 1 to \d+, not"):
            table(4, s)
    for n, factors in ((8, (2, 2)), (8, (8,)), (8, (1, 8)), (8, ()), (7, (7,)), (18, (2, 9)), (6, (-2, -3))):
        with pytest.raises(ValueError, match=rf"factors of n = {n} must be .*not "):
            table(n, factors=factors)


def test_impossible_iterations_are_refused():
    with pytest.raises(ValueError, match="iterations must be a whole number from 1 to 10000, not 0"):
        methods(4, iterations=0)
