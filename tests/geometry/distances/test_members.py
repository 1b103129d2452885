"""Members are found, whatever their measure; what is none is told why, by a theorem where there is one."""

import math

import pytest
import torch

from geometry.distances import membership, nearest
from geometry.sampling import MEASURES, sample
from projectors import Identity, Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import permutation_matrix

FOUND = [
    *(Orthostochastic(n, 1) for n in (3, 4, 5, 6, 7, 8, 10)),
    *(Orthostochastic(n, s) for n, s in ((3, 2), (4, 3), (5, 2), (6, 2))),
    *(Unistochastic(n) for n in (3, 4, 5, 6)),
    Kronecker((Orthostochastic(2), Orthostochastic(5))),
    Kronecker((Orthostochastic(3), Orthostochastic(3))),
    Kronecker((PermutationMixture(2),) * 3),
    Mixture(Orthostochastic(8), 1),
]


@pytest.mark.parametrize("projector", FOUND, ids=str)
@pytest.mark.parametrize("measure", MEASURES)
def test_no_known_member_is_denied(projector, measure):
    found = nearest(projector, sample(projector, 40, measure, seed=5))
    assert int((~found.member).sum()) <= (1 if measure == "edges" and isinstance(projector, Unistochastic) else 0)


@pytest.mark.parametrize("measure", ["initial", "target"])
@pytest.mark.parametrize(("n", "k"), [(3, 2), (4, 2), (5, 3)])
def test_averages_inside_the_polytope_are_found(n, k, measure):
    projector = Mixture(Orthostochastic(n), k)
    assert nearest(projector, sample(projector, 20, measure, seed=2)).member.all()


def half_way(n):
    """(I + P)/2 for the n-cycle."""
    return (torch.eye(n, dtype=torch.float64) + permutation_matrix([*range(1, n), 0])) / 2


@pytest.mark.parametrize(("s", "distance"), [(1, 0.235702), (2, 0), (3, 0.078567)])
def test_half_way_to_the_cycle(s, distance):
    found = membership(Orthostochastic(3, s), half_way(3))
    assert found.member is (distance == 0)
    assert found.distance == pytest.approx(distance, abs=1e-5)
    assert found.proved is (s < 3)
    assert ("rows 0 and 1 cannot be orthogonal" in found.reason) is (s == 1)


@pytest.mark.parametrize(("n", "distance"), [(3, 0.471405), (5, 0.4), (6, 0.447214)])
def test_barycentres_without_a_hadamard_matrix(n, distance):
    found = membership(Orthostochastic(n, 1), torch.full((n, n), 1 / n, dtype=torch.float64))
    assert not found
    assert found.distance == pytest.approx(distance, abs=1e-5)
    assert found.proved is (n % 2 == 1)  # of six equal terms, signs make the sum vanish: the pairs do not tell
    assert ("signs" in found.reason) is (n % 2 == 1)


def test_a_member_comes_with_its_witness():
    projector = Orthostochastic(4, 2)
    B = sample(projector, 1, seed=3)[0]
    found = membership(projector, B)
    assert found
    assert found.proved
    torch.testing.assert_close(projector(found.theta), B, rtol=0, atol=1e-6)
    assert "formula" in membership(Sinkhorn(4), B).reason


def test_a_smaller_tolerance_is_searched_for():
    projector = Kronecker((PermutationMixture(2),) * 3)
    theta = torch.tensor([20.0, 0, -15, 0, 0, 18], dtype=torch.float64)
    found = membership(projector, projector(theta), tolerance=1e-9)
    assert found
    assert found.distance <= 1e-9


def test_what_is_not_doubly_stochastic_is_an_answer():
    for matrix, why in (
        (torch.ones(3, 3), "row 0 sums to 3"),
        (torch.tensor([[1.5, -0.5], [-0.5, 1.5]]), r"entry (0, 1) is -0.5, below 0"),
        (torch.full((3, 3), math.nan), "entry (0, 0) is nan"),
    ):
        found = membership(PermutationMixture(len(matrix)), matrix)
        assert not found
        assert found.proved
        assert found.distance == math.inf
        assert why in found.reason


def test_what_is_no_product_is_told_so():
    found = membership(Kronecker((PermutationMixture(2), PermutationMixture(2))), half_way(4))
    assert not found
    assert found.proved
    assert "no Kronecker product of sizes 2 x 2" in found.reason


def test_the_chain_of_three_terms_decides_at_order_3():
    """Au-Yeung and Poon: unistochastic exactly where no term exceeds the sum of the others."""
    B = sample(PermutationMixture(3), 60, "initial", seed=1)
    for matrix, member in zip(B, nearest(Unistochastic(3), B).member.tolist(), strict=True):
        terms = (matrix[0] * matrix[1]).sqrt()
        gap = float(2 * terms.max() - terms.sum())
        if abs(gap) > 0.02:  # nearer, the distance may be within the tolerance
            assert member is (gap < 0)
            assert bool(membership(Unistochastic(3), matrix)) is member


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((Orthostochastic(3), torch.eye(4)), r"shape \(\.\.\., 3, 3\), not torch\.float32 of shape \(4, 4\)"),
        ((Orthostochastic(3), torch.eye(3)[None]), r"one matrix \(3, 3\), not \(1, 3, 3\)"),
        ((Orthostochastic(3), [[1]]), r"as a torch\.Tensor, not list"),
        (("go-mHC", torch.eye(3)), r"the projector must be of type Projector, not str"),
    ],
)
def test_bad_questions_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        membership(*arguments)
    with pytest.raises(ValueError, match="tolerance must be a number from 1e-09 to 1, not 0"):
        membership(Orthostochastic(3), torch.eye(3), tolerance=0)


def test_sums_may_err_by_more_than_the_distance():
    off, tolerance = torch.zeros(16, 16, dtype=torch.float64), 1e-3
    off[0] = tolerance / 4  # of this Frobenius norm
    identity = torch.eye(16, dtype=torch.float64)
    assert membership(Identity(16), identity + 0.9 * off, tolerance=tolerance)
    beyond = membership(Identity(16), identity + 0.9 * (off + off.roll(1, 0)), tolerance=tolerance)
    assert beyond.proved
    assert not beyond
    assert "the nearest that is lies" in beyond.reason
