"""Parameters of given matrices: Birkhoff's decomposition and what mHC and mHC-lite make of it."""

import numpy as np
import pytest
import torch

from geometry.distances import nearest
from geometry.distances.preimages import birkhoff_decomposition, preimage
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import permutation_matrix, permutations_of, seeded

SIZES = [2, 3, 4, 5, 7]


def dirichlet(count, terms, seed=0):
    draws = -torch.rand(count, terms, generator=seeded(seed), dtype=torch.float64).log()
    return (draws / draws.sum(1, keepdim=True)).numpy()


def mixtures(n, count, terms, seed=0):
    """Of so many random permutations each: on faces for few, inside for many."""
    generator = seeded(seed)
    orders = torch.stack([torch.randperm(n, generator=generator) for _ in range(count * terms)])
    matrices = torch.nn.functional.one_hot(orders, n).double().unflatten(0, (count, terms)).numpy()
    return np.einsum("bk,bkij->bij", dirichlet(count, terms, seed), matrices)


def combined(terms, n):
    return sum(weight * permutation_matrix(order).numpy() for weight, order in terms) + np.zeros((n, n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("terms", [1, 2, 3, 40])
def test_decompositions_combine_to_the_matrix(n, terms):
    for matrix in mixtures(n, 20, terms):
        found = birkhoff_decomposition(matrix)
        np.testing.assert_allclose(combined(found, n), matrix, rtol=0, atol=1e-13)
        assert sum(weight for weight, _ in found) == pytest.approx(1, abs=1e-13)
        assert all(weight > 0 for weight, _ in found)
        assert all(sorted(order) == [*range(n)] for _, order in found)
        assert len({order for _, order in found}) == len(found)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("terms", [1, 2, 3, 200])
def test_decompositions_have_no_more_terms_than_dimensions_and_one(n, terms):
    """And on a face, no more than the face has: each term leaves a smaller face."""
    for matrix in mixtures(n, 30, terms, seed=1):
        least = len(birkhoff_decomposition(matrix))
        assert least <= (n - 1) ** 2 + 1
        # A face lies in the hull of the permutations that avoid its zeros.
        if n <= 4:
            allowed = [p for p in permutations_of(n) if all(matrix[i, j] > 1e-12 for i, j in enumerate(p))]
            vertices = np.array([permutation_matrix(order).numpy().ravel() for order in allowed])
            assert least <= np.linalg.matrix_rank(vertices - vertices[0], tol=1e-9) + 1


def test_permutations_are_their_own_decomposition():
    for order in permutations_of(4):
        assert birkhoff_decomposition(permutation_matrix(order).numpy()) == [(1.0, order)]


@pytest.mark.parametrize("n", SIZES)
def test_the_barycentre_takes_n_permutations_that_share_no_place(n):
    found = birkhoff_decomposition(np.full((n, n), 1 / n))
    assert len(found) == n
    np.testing.assert_allclose([weight for weight, _ in found], 1 / n, rtol=1e-12)
    np.testing.assert_array_equal(sum(permutation_matrix(order).numpy() for _, order in found), np.ones((n, n)))


def test_weights_sum_to_one_also_where_rows_do_so_only_nearly():
    for matrix in mixtures(4, 10, 6).astype(np.float32):
        assert sum(weight for weight, _ in birkhoff_decomposition(matrix)) == pytest.approx(1, abs=1e-13)


def test_decompositions_leave_the_matrix_as_it_is():
    matrix = mixtures(4, 1, 5)[0]
    before = matrix.copy()
    birkhoff_decomposition(matrix)
    np.testing.assert_array_equal(matrix, before)


def test_entries_of_rounding_do_not_break_or_lengthen_the_decomposition():
    noise = np.random.default_rng(0).uniform(-1, 1, (30, 5, 5)) * 2e-16
    for matrix in mixtures(5, 30, 3) + noise:
        found = birkhoff_decomposition(matrix)
        assert len(found) <= 3 * 2 + 1
        np.testing.assert_allclose(combined(found, 5), matrix, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "projector",
    [*(PermutationMixture(n) for n in (2, 3, 4, 6)), Sinkhorn(3), Sinkhorn(4, 1), Sinkhorn(5, positive="abs")],
    ids=str,
)
@pytest.mark.parametrize("terms", [1, 2, 4, 60])
def test_methods_that_reach_everything_return_the_matrix_of_its_preimage(projector, terms):
    """Inside, on faces and at vertices; and from single precision, which is off by 1e-8, as near as that."""
    matrices = torch.from_numpy(mixtures(projector.n, 25, terms, seed=2))
    theta = preimage(projector, matrices)
    assert theta.shape == (25, projector.parameter_count)
    assert theta.isfinite().all()
    torch.testing.assert_close(projector(theta), matrices, rtol=0, atol=1e-13)
    found = nearest(projector, matrices.float())
    assert found.member.all()
    assert found.distance.max() < 1e-6


def test_other_methods_have_no_formula():
    half = torch.full((1, 4, 4), 0.25, dtype=torch.float64)
    kron = Kronecker((PermutationMixture(2), PermutationMixture(2)))
    for projector in (Orthostochastic(4), Unistochastic(4), kron, Mixture(Sinkhorn(4), 2)):
        assert preimage(projector, half) is None
        assert nearest(projector, half, starts=2).member.all()


def test_no_matrices_have_no_parameters():
    assert preimage(PermutationMixture(4), torch.empty(0, 4, 4, dtype=torch.float64)).shape == (0, 24)
    assert preimage(Sinkhorn(4), torch.empty(0, 4, 4, dtype=torch.float64)).shape == (0, 16)
