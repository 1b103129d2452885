"""The closed forms of orders 3 and 4 where roots are close: the places at which such formulas lose their digits."""

import pytest
import torch

from geometry.spectra import unordered_eigenvalues
from geometry.tangent import helmert
from tests.geometry.test_spectra import backward_errors
from tests.projectors.table import normal, permutation_matrix, permutations_of

GAPS = [0, 1e-15, 1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]
each_gap = pytest.mark.parametrize("gap", GAPS)
COUNT = 400


def with_deflation(C):
    """Any C (..., n - 1, n - 1) -> the matrix with sums 1 whose action on vectors of sum 0 is C."""
    n = C.shape[-1] + 1
    V = helmert(n)
    return V @ C @ V.mT + 1 / n


def rotations(n):
    return torch.linalg.qr(normal(COUNT, n, n))[0]


@each_gap
@pytest.mark.parametrize("m", [2, 3])
def test_symmetric_matrices_with_nearly_double_eigenvalues(m, gap):
    """Of a normal matrix the backward error is the error itself."""
    spectrum = 0.2 * normal(COUNT, m, seed=1).tanh()
    spectrum[:, 1] = spectrum[:, 0] + gap
    Q = rotations(m)
    assert backward_errors(with_deflation(Q @ spectrum.diag_embed() @ Q.mT)).max() < 1e-13


@each_gap
def test_symmetric_matrices_with_nearly_triple_eigenvalues(gap):
    spectrum = 0.2 + gap * normal(COUNT, 3, seed=1)
    Q = rotations(3)
    assert backward_errors(with_deflation(Q @ spectrum.diag_embed() @ Q.mT)).max() < 1e-13


@each_gap
@pytest.mark.parametrize("m", [2, 3])
def test_nearly_nilpotent_matrices(m, gap):
    """Plus a multiple of the identity, whose eigenvalues move like the square root of the perturbation."""
    Q, size = rotations(m), 0.15 * normal(COUNT, 1, 1, seed=2)
    nilpotent = size * Q[:, :, :1] @ Q[:, :, 1:2].mT
    for mean in (0, 0.3):
        perturbed = nilpotent + mean * torch.eye(m) + gap * normal(COUNT, m, m, seed=3)
        assert backward_errors(with_deflation(perturbed)).max() < 1e-13


@each_gap
def test_jordan_blocks_of_order_three(gap):
    Q = rotations(3)
    shift = torch.diag(torch.ones(2, dtype=torch.float64), 1)
    perturbed = 0.2 * Q @ shift @ Q.mT + gap * normal(COUNT, 3, 3, seed=3)
    assert backward_errors(with_deflation(perturbed)).max() < 1e-13


@each_gap
@pytest.mark.parametrize("n", [3, 4])
def test_perturbed_permutations(n, gap):
    """Their eigenvalues are 1, -1 and other roots of unity, many of them double."""
    orders = torch.stack([permutation_matrix(order) for order in permutations_of(n)]).repeat(10, 1, 1)
    towards = normal(len(orders), n, n).exp()
    for _ in range(60):
        towards = towards / towards.sum(-1, keepdim=True)
        towards = towards / towards.sum(-2, keepdim=True)
    assert backward_errors((1 - gap) * orders + gap * towards).max() < 1e-13


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e-3])
def test_tiny_parts_next_to_the_barycentre(scale):
    """Relative to a matrix that is itself tiny; what is lost is lost in 1/n + something tiny."""
    C = scale * normal(COUNT, 3, 3)
    assert backward_errors(with_deflation(C)).max() < 1e-14


def test_matrices_that_are_not_numbers_stay_so():
    for n in (2, 3, 4):
        assert unordered_eigenvalues(torch.full((2, n, n), torch.nan, dtype=torch.float64)).isnan().all()
