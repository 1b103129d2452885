"""Eigenvalues without the Perron root: exact cases, identities that hold for every matrix, and backward errors."""

from math import gcd

import numpy as np
import pytest
import torch

from geometry.sampling import sample
from geometry.spectra import eigenvalues
from geometry.tangent import SMALL, deflate, helmert, inflate
from projectors import Orthostochastic, PermutationMixture, Sinkhorn, methods
from tests.projectors.table import normal, parameters, permutation_matrix, permutations_of, seeded

SIZES = range(2, 11)
each_size = pytest.mark.parametrize("n", SIZES)


def doubly_stochastic(n, count=200, seed=0):
    """Of full dimension and far from the barycentre, with plenty of non-real eigenvalues."""
    projector = Orthostochastic(n, 2)
    return projector(parameters(projector, count, seed=seed) / n)


def permutation_sums(n, count, seed=0):
    """Convex combinations of four random permutation matrices: sparse, often with multiple eigenvalues."""
    orders = torch.rand(count, 4, n, generator=seeded(seed)).argsort(-1)
    weights = torch.rand(count, 4, 1, 1, generator=seeded(seed + 1), dtype=torch.float64)
    return (torch.nn.functional.one_hot(orders, n) * (weights / weights.sum(1, keepdim=True))).sum(1)


def coefficients(roots):
    """Roots (..., m) -> coefficients (..., m + 1) of their monic polynomial: what is smooth, also in clusters."""
    polynomial = torch.ones(*roots.shape[:-1], 1, dtype=torch.complex128)
    for root in roots.unbind(-1):
        shifted = torch.nn.functional.pad(polynomial, (0, 1))
        shifted[..., 1:] -= root[..., None] * polynomial
        polynomial = shifted
    return polynomial


def assert_spectrum(matrix, wanted, tolerance=1e-12):
    """The eigenvalues of one matrix (n, n), as a multiset."""
    wanted = torch.as_tensor(wanted, dtype=torch.complex128)
    found = eigenvalues(matrix)
    assert found.shape == wanted.shape
    assert (coefficients(found) - coefficients(wanted)).abs().max() < tolerance


def backward_errors(matrices):
    """The smallest singular value of C - lambda I: how far the matrix is from one with exactly that eigenvalue."""
    C = deflate(matrices).to(torch.complex128)
    shifted = C[:, None] - eigenvalues(matrices, tolerance=None)[..., None, None] * torch.eye(C.shape[-1])
    return torch.linalg.svdvals(shifted)[..., -1]


@each_size
def test_helmert_basis_is_orthonormal_and_orthogonal_to_ones(n):
    V = helmert(n)
    assert V.shape == (n, n - 1)
    assert (V.mT @ V - torch.eye(n - 1)).abs().max() < 1e-14 * n
    assert V.sum(0).abs().max() < 1e-14 * n


@pytest.mark.parametrize("n", [2, 3, SMALL, SMALL + 1])
def test_inflating_is_the_inverse_and_the_adjoint_of_deflating(n):
    C, B = normal(5, n - 1, n - 1), normal(5, n, n)
    whole = inflate(C)
    assert whole.shape == B.shape
    assert max(whole.sum(-1).abs().max(), whole.sum(-2).abs().max()) < 1e-13 * n
    assert (deflate(whole) - C).abs().max() < 1e-13 * n
    assert torch.allclose((deflate(B) * C).sum((-1, -2)), (B * whole).sum((-1, -2)), rtol=0, atol=1e-12 * n)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_permutations_have_the_roots_of_unity_of_their_cycles(n):
    """Each cycle of length k gives the k-th roots of unity, and one 1 of them all is taken away."""
    for order in permutations_of(n):
        seen, wanted = set(), []
        for place in range(n):
            length = 0
            while place not in seen:
                seen.add(place)
                place, length = order[place], length + 1
            wanted += [np.exp(2j * np.pi * k / length) for k in range(length)]
        wanted.remove(1)
        assert_spectrum(permutation_matrix(order), wanted)


@each_size
def test_identity_barycentre_and_circulants(n):
    eye = torch.eye(n, dtype=torch.float64)
    assert torch.allclose(eigenvalues(eye), torch.ones(n - 1, dtype=torch.complex128), rtol=0, atol=1e-13)
    assert eigenvalues(torch.full((n, n), 1 / n, dtype=torch.float64)).abs().max() < 1e-13
    weights = normal(n, seed=n).softmax(0)
    circulant = sum(weights[k] * eye.roll(k, 1) for k in range(n))
    assert_spectrum(circulant, torch.fft.fft(weights)[1:])
    for k in range(1, n):
        period = n // gcd(n, k)
        assert (eigenvalues(eye.roll(k, 1)) ** period - 1).abs().max() < 1e-11


def test_multiple_perron_roots_are_taken_away_once():
    """Block diagonal matrices have 1 as often as blocks; a nearest-to-1 search could take any of them, this counts."""
    blocks = [doubly_stochastic(2, 1)[0], doubly_stochastic(3, 1)[0], torch.eye(1, dtype=torch.float64)]
    wanted = torch.cat([*(eigenvalues(block) for block in blocks[:2]), torch.ones(2, dtype=torch.complex128)])
    assert_spectrum(torch.block_diag(*blocks), wanted)
    assert_spectrum(torch.block_diag(blocks[0], blocks[0]), [*eigenvalues(blocks[0]).tolist() * 2, 1])


@pytest.mark.parametrize("n", [3, 4, 5, 6, 8])
def test_conjugates_next_to_the_perron_root_stay_together(n):
    """A cycle mixed into the identity by less and less: taking whichever eigenvalue is nearest to 1 breaks a pair."""
    share = 10 ** torch.linspace(-17, -13, 400, dtype=torch.float64)[:, None, None]
    eye = torch.eye(n, dtype=torch.float64)
    values = eigenvalues((1 - share) * eye + share * eye.roll(1, 0))
    heights = values.imag.sort(-1).values
    assert torch.equal(heights, -heights.flip(-1))
    assert (values - 1).abs().max() < 1e-12


def test_defective_matrix():
    """J/4 plus x y^T with x and y orthogonal to each other and to ones: nilpotent but for the Perron root."""
    x, y = torch.tensor([[1.0, -1, 0, 0], [0, 0, 1, -1]], dtype=torch.float64)
    matrix = 0.25 + 0.25 * torch.outer(x, y)
    assert eigenvalues(matrix).abs().max() < 1e-7
    assert backward_errors(matrix[None]).max() < 1e-13


def test_known_pair_of_permutations_at_order_five():
    """The exception to the Perfect-Mirsky conjecture, its polynomial known exactly [Mashreghi, Rivard 2007]."""
    matrix = (permutation_matrix((1, 0, 3, 4, 2)) + permutation_matrix((3, 1, 0, 4, 2))) / 2
    polynomial = coefficients(eigenvalues(matrix)) * 4
    assert (polynomial - torch.tensor([4, 2, 1, -1, -1])).abs().max() < 1e-13
    assert (eigenvalues(matrix) - (-0.2792926 + 0.7635164j)).abs().min() < 1e-7


@pytest.mark.parametrize("make", [doubly_stochastic, permutation_sums])
@each_size
def test_power_sums_are_traces_and_the_product_is_the_determinant(n, make):
    matrices = make(n, 200)
    values = eigenvalues(matrices)
    power = torch.eye(n, dtype=torch.float64)
    for k in range(1, n + 1):
        power = power @ matrices
        traces = power.diagonal(dim1=-2, dim2=-1).sum(-1)
        assert ((values**k).sum(-1) - (traces - 1)).abs().max() < 1e-12 * n, k
    assert (values.prod(-1) - torch.linalg.det(matrices)).abs().max() < 1e-12


@pytest.mark.parametrize("make", [doubly_stochastic, permutation_sums])
@each_size
def test_non_real_eigenvalues_are_exactly_conjugate_neighbours(n, make):
    values = eigenvalues(make(n, 500)).numpy()
    for row in values:
        rest = [value for value in row if value.imag != 0]
        assert len(rest) % 2 == 0
        assert all(first == second.conjugate() for first, second in zip(rest[::2], rest[1::2], strict=True))
    assert (values.imag != 0).any() == (n > 2)
    assert np.abs(values).max() < 1 + 1e-12


@pytest.mark.parametrize("n", [3, 4, 5])
def test_similar_matrices_have_the_same_spectrum(n):
    matrices = doubly_stochastic(n)
    for order in permutations_of(n)[:24]:
        P = permutation_matrix(order)
        relabelled = coefficients(eigenvalues(P @ matrices @ P.mT))
        assert (relabelled - coefficients(eigenvalues(matrices))).abs().max() < 1e-13
    assert (coefficients(eigenvalues(matrices.mT)) - coefficients(eigenvalues(matrices))).abs().max() < 1e-13


@each_size
def test_symmetric_matrices_have_real_spectra(n):
    matrices = doubly_stochastic(n)
    values = eigenvalues((matrices + matrices.mT) / 2)
    assert values.imag.abs().max() < 1e-7
    assert (values.imag == 0).float().mean() > 0.99


@pytest.mark.parametrize("batch", [(), (0,), (3,), (2, 0), (2, 3)])
@each_size
def test_batch_shape_is_kept(n, batch):
    values = eigenvalues(sample(Sinkhorn(n), 1)[0].expand(*batch, n, n))
    assert values.shape == (*batch, n - 1)
    assert values.dtype == torch.complex128


@each_size
def test_single_precision(n):
    matrices = doubly_stochastic(n, 20)
    values = eigenvalues(matrices.float())
    assert values.dtype == torch.complex64
    assert (coefficients(values) - coefficients(eigenvalues(matrices))).abs().max() < 1e-4


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1), (4, 0, 0)])
def test_other_shapes_and_dtypes_are_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(\.\.\., n, n\) with n >= 2, not .* of shape \("):
        eigenvalues(torch.ones(shape))
    for dtype in (torch.int64, torch.complex64):
        with pytest.raises(ValueError, match=f"real floating-point matrices .*, not {dtype} of shape"):
            eigenvalues(torch.eye(3, dtype=dtype))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_backward_error_is_a_few_units_of_rounding(n):
    for make in (doubly_stochastic, permutation_sums):
        assert backward_errors(make(n, 500)).max() < 1e-13
    for projector in (*methods(n).values(), PermutationMixture(2)):
        if projector.exact:
            assert backward_errors(sample(projector, 500, "edges")).max() < 2e-13
