"""A projector is a value: frozen, hashable, printable, with costs that are numbers."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from math import factorial

import pytest

import projectors
from projectors import (
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
)
from tests.projectors.table import EXACT, PROJECTORS, each_projector


@each_projector
def test_projector_is_frozen(projector):
    with pytest.raises(FrozenInstanceError):
        projector.n = 3
    with pytest.raises((FrozenInstanceError, TypeError)):
        projector.something_else = 3


@each_projector
def test_repr_and_pickle_give_it_back(projector):
    names = {name: getattr(projectors, name) for name in projectors.__all__}
    for again in (
        eval(repr(projector), names),
        pickle.loads(pickle.dumps(projector)),
        copy.deepcopy(projector),
    ):
        assert again == projector
        assert hash(again) == hash(projector)
        assert repr(again) == repr(projector)
        assert {projector: "found"}[again] == "found"


def test_different_projectors_are_different_keys():
    assert len(set(PROJECTORS)) == len(set(map(repr, PROJECTORS))) == len(PROJECTORS)
    assert Orthostochastic(4) != Unistochastic(4)
    assert Kronecker([PermutationMixture(2)] * 2) == Kronecker((PermutationMixture(2), PermutationMixture(2)))
    assert hash(Mixture(PermutationMixture(2), 2, [1, 0])) == hash(Mixture(PermutationMixture(2), 2, (1.0, 0.0)))


@pytest.mark.parametrize(
    ("projector", "count"),
    [
        (Sinkhorn(4), 16),
        (PermutationMixture(4), 24),
        (PermutationMixture(8), 40320),
        (Kronecker((PermutationMixture(2),) * 3), 6),
        (Kronecker((Orthostochastic(4, 2), PermutationMixture(2))), 30),
        (Orthostochastic(4), 6),
        (Orthostochastic(4, 2), 28),
        (Orthostochastic(8, 2), 120),
        (Unistochastic(4, 2), 64),
        (Mixture(Orthostochastic(4), 3), 21),
        (Mixture(Orthostochastic(4), 3, (0.2, 0.3, 0.5)), 18),
    ],
    ids=str,
)
def test_parameters_are_counted_as_in_the_paper(projector, count):
    assert projector.parameter_count == count


@pytest.mark.parametrize(
    ("projector", "flops"),
    [
        (Sinkhorn(8), 5.1e3),
        (Orthostochastic(8, 2), 1.1e4),
        (PermutationMixture(8), 5.2e6),
        (Kronecker((PermutationMixture(2),) * 3), 1e2),
    ],
    ids=str,
)
def test_costs_at_order_8_are_those_of_the_paper(projector, flops):
    """Within half: the paper's own constants are lost."""
    assert flops / 1.5 < projector.flops < 1.5 * flops


@pytest.mark.parametrize("n", [2, 4, 8])
def test_costs_grow_as_they_should(n):
    assert Sinkhorn(n, 40).flops - Sinkhorn(n, 20).flops == Sinkhorn(n, 60).flops - Sinkhorn(n, 40).flops > 0
    assert Orthostochastic(16 * n).flops / Orthostochastic(8 * n).flops == pytest.approx(8, rel=0.1)
    assert 4 * Orthostochastic(n, 2).flops > Unistochastic(n, 2).flops > Orthostochastic(n, 2).flops
    assert PermutationMixture(n).flops >= 2 * n**2 * factorial(n)
    one, three = Mixture(Sinkhorn(n), 1, (1.0,)).flops, Mixture(Sinkhorn(n), 3, (1.0, 0, 0)).flops
    assert three == 3 * one > 3 * Sinkhorn(n).flops
    pair = Kronecker((Sinkhorn(n), Sinkhorn(2)))
    assert pair.flops == Sinkhorn(n).flops + Sinkhorn(2).flops + pair.n**2


@each_projector
def test_costs_are_positive_integers(projector):
    assert type(projector.parameter_count) is int
    assert type(projector.flops) is int
    assert min(projector.parameter_count, projector.flops) > 0


def test_only_iterations_are_not_exact():
    def iterated(projector):
        return "Sinkhorn" in repr(projector) or "Iterated" in repr(projector)

    assert not any(iterated(projector) for projector in EXACT)
    assert all(iterated(projector) for projector in PROJECTORS if not projector.exact)


@pytest.mark.parametrize(
    ("projector", "details"),
    [
        (Sinkhorn(4, 7), {"iterations": 7}),
        (PermutationMixture(3), {}),
        (Orthostochastic(4, 2), {"s": 2}),
        (Unistochastic(4, 3), {"s": 3}),
        (Kronecker((PermutationMixture(2),) * 3), {"factors": "2 × 2 × 2"}),
        (Kronecker((Orthostochastic(2, 3), Unistochastic(4, 3))), {"factors": "2 × 4", "s": 3}),
        (Kronecker((Orthostochastic(2, 3), Orthostochastic(2, 2))), {"factors": "2 × 2"}),
        (Kronecker((Kronecker((Sinkhorn(2),) * 2), PermutationMixture(3))), {"factors": "4 × 3"}),
        (Mixture(Orthostochastic(3, 1), 2), {"s": 1, "k": 2}),
        (Mixture(Kronecker((PermutationMixture(2),) * 2), 3), {"factors": "2 × 2", "k": 3}),
    ],
    ids=str,
)
def test_details_are_told_in_the_order_in_which_people_say_them(projector, details):
    assert list(projector.details.items()) == list(details.items())
