"""Random matrices: their moments are those of the named distributions, within five standard errors."""

import pytest
import torch

from geometry.sampling.distributions import (
    dirichlet,
    faces,
    haar_orthogonal,
    haar_unitary,
    of_terms,
    sinkhorn_uniform,
    uniform,
)
from projectors import Mixture, Orthostochastic
from projectors.averages.permutation import permutation_mixture
from projectors.rotations.orthostochastic import block_norms
from tests.projectors.table import seeded, sum_error


def assert_mean(values, wanted, errors=5):
    """Independent values (count, ...) average to what is wanted, within that many standard errors."""
    standard_error = values.std(0) / len(values) ** 0.5
    assert ((values.mean(0) - wanted).abs() <= errors * standard_error + 1e-12).all()


@pytest.mark.parametrize("N", [2, 3, 6])
def test_orthogonal_and_unitary(N):
    for Q in (haar_orthogonal(N, 500, seeded()), haar_unitary(N, 500, seeded())):
        assert (Q.mH @ Q - torch.eye(N)).abs().max() < 1e-13


@pytest.mark.parametrize("N", [2, 3, 5])
def test_haar_measure_of_the_orthogonal_group(N):
    """Moments of entries, and of traces of powers: 0 and 1 for tr Q, 1 for tr Q^2; half the determinants are -1."""
    Q = haar_orthogonal(N, 20_000, seeded(1))
    assert_mean(Q, 0)
    assert_mean(Q**2, 1 / N)
    assert_mean(Q**4, 3 / (N * (N + 2)))
    trace = Q.diagonal(dim1=1, dim2=2).sum(1)
    assert_mean(trace, 0)
    assert_mean(trace**2, 1)
    assert_mean((Q @ Q).diagonal(dim1=1, dim2=2).sum(1), 1)
    assert_mean(torch.linalg.det(Q), 0)


@pytest.mark.parametrize("N", [1, 2, 3, 5])
def test_haar_measure_of_the_unitary_group(N):
    """Nothing prefers a phase: every moment that turns with it vanishes."""
    U = haar_unitary(N, 20_000, seeded(2))
    trace = U.diagonal(dim1=1, dim2=2).sum(1)
    for turning in (U, U**2, trace[:, None], trace[:, None] ** 2, (U @ U).diagonal(dim1=1, dim2=2).sum(1)[:, None]):
        assert_mean(turning.real, 0)
        assert_mean(turning.imag, 0)
    assert_mean(U.abs() ** 2, 1 / N)
    assert_mean(U.abs() ** 4, 2 / (N * (N + 1)))
    assert_mean(trace.abs() ** 2, 1)


@pytest.mark.parametrize(
    ("n", "s", "variance"), [(3, 1, 0.0888889), (3, 2, 0.0222222), (4, 2, 0.0160714), (4, 3, 0.0073052)]
)
def test_variance_of_orthostochastic_entries(n, s, variance):
    B = block_norms(haar_orthogonal(n * s, 20_000, seeded(3)), s)
    assert_mean(B, 1 / n)
    assert_mean((B - 1 / n) ** 2, variance)


@pytest.mark.parametrize("k", [2, 3, 6, 24])
def test_dirichlet_moments(k):
    w = dirichlet((20_000, k), seeded(4))
    assert (w > 0).all()
    assert (w.sum(1) - 1).abs().max() < 1e-14
    assert_mean(w, 1 / k)
    assert_mean((w - 1 / k) ** 2, (k - 1) / (k**2 * (k + 1)))
    assert_mean((w[:, 0] - 1 / k) * (w[:, 1] - 1 / k), -1 / (k**2 * (k + 1)))


def test_two_weights_are_uniform_on_the_segment():
    """All quantiles of the first weight are its values: the Kolmogorov distance at five standard errors."""
    w = dirichlet((20_000, 2), seeded(5))[:, 0].sort().values
    assert (w - torch.linspace(0, 1, len(w), dtype=torch.float64)).abs().max() < 2.5 / len(w) ** 0.5


def test_random_mixture_of_permutations_averages_to_the_barycentre():
    assert_mean(permutation_mixture(dirichlet((20_000, 24), seeded(6)), 4), 0.25)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_balanced_uniform_matrices_are_doubly_stochastic(n):
    """And their rows and columns are exchangeable, with mean 1/n."""
    B = sinkhorn_uniform(n, 5000, seeded(7), iterations=500)
    assert sum_error(B) < 1e-6
    assert (B > 0).all()
    assert_mean(B, 1 / n)
    columns = sinkhorn_uniform(n, 100, seeded(7), iterations=1).sum(1)
    assert (columns - 1).abs().max() < 1e-14


def test_uniform_numbers_are_between_their_bounds():
    drawn = uniform((20_000,), seeded(8), 2, 8)
    assert drawn.dtype == torch.float64
    assert 2 <= drawn.min() < 2.01
    assert 7.99 < drawn.max() <= 8
    assert_mean(drawn, 5)
    assert_mean((drawn - 5) ** 2, 3)


def corners(projector, count, generator):
    """Matrices that show their weights: term j of a mixture of three is the j-th unit matrix of a basis."""
    basis = torch.zeros(3, 3, 3, dtype=torch.float64)
    basis[range(3), range(3), 0] = 1
    return basis.repeat(count // 3, 1, 1)


def test_mixture_weights_are_fixed_or_uniform():
    learned, fixed = Mixture(Orthostochastic(3), 3), Mixture(Orthostochastic(3), 3, (0.5, 0.5, 0))
    weights = of_terms(corners, fixed, 2, seeded())[..., 0]
    assert torch.equal(weights, torch.tensor([[0.5, 0.5, 0]] * 2, dtype=torch.float64))
    weights = of_terms(corners, learned, 20_000, seeded())[..., 0]
    assert_mean(weights, 1 / 3)
    assert_mean((weights - 1 / 3) ** 2, 2 / 36)


def test_faces_have_every_number_of_corners():
    weights = faces((30_000, 3), seeded())
    torch.testing.assert_close(weights.sum(-1), torch.ones(30_000, dtype=torch.float64))
    for count in (1, 2, 3):
        assert_mean(((weights > 0).sum(-1) == count).double(), 1 / 3)
