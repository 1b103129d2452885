"""Maps that leave the polytope: each keeps what it promises, and is taken for no projector."""

import pytest
import torch

from geometry.distances import nearest
from geometry.sampling import sample
from projectors import MatrixMap, OrthogonalMixing, PermutationMixture, Projector, SpectralSphere, Unconstrained
from tests.projectors.table import normal, sum_error

KINDS = (Unconstrained, OrthogonalMixing, SpectralSphere)


@pytest.mark.parametrize("n", [3, 4, 8])
def test_each_keeps_its_own_promise(n):
    free, turning, sphere = (kind(n)(3 * normal(50, kind(n).parameter_count)) for kind in KINDS)
    assert torch.equal(free.flatten(1), 3 * normal(50, n * n))
    assert torch.allclose(turning @ turning.mT, torch.eye(n, dtype=torch.float64).expand(50, n, n), atol=1e-12)
    assert sum_error(sphere) < 1e-12
    assert torch.linalg.matrix_norm(sphere, 2).max() < 1 + 1e-12
    assert all(float(matrices.min()) < -0.1 for matrices in (free, turning, sphere))


def test_the_sphere_holds_the_polytope():
    matrices = sample(PermutationMixture(4), 50, "edges")
    assert torch.allclose(SpectralSphere(4)(matrices.flatten(1)), matrices, atol=1e-12)


@pytest.mark.parametrize("offset", [1e6, 1e15, 1e30])
def test_what_all_parameters_have_in_common_does_not_leave_the_sphere(offset):
    matrices = SpectralSphere(4)(normal(50, 16).float() + offset)
    assert sum_error(matrices) < 1e-6
    assert torch.linalg.matrix_norm(matrices, 2).max() < 1 + 1e-6


def test_the_sphere_has_second_derivatives_inside_and_on_its_edge():
    theta = torch.cat([torch.zeros(1, 9), 3 * normal(2, 9)]).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda theta: SpectralSphere(3)(theta).pow(3), (theta,))


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_taken_for_a_map_into_the_polytope(kind):
    outside = kind(3)
    assert isinstance(outside, MatrixMap)
    assert not isinstance(outside, Projector)
    for refusing in (lambda: nearest(outside, torch.eye(3)[None]), lambda: sample(outside, 3)):
        with pytest.raises(ValueError, match="Projector"):
            refusing()
    with pytest.raises(ValueError, match="parameters of shape"):
        outside(torch.ones(2, 100))


def test_one_nan_in_a_batch_makes_no_other_matrix_nan():
    theta = normal(5, 9)
    theta[1, 4] = torch.nan
    found, rows = SpectralSphere(3)(theta), [0, 2, 3, 4]
    assert found[1].isnan().all()
    assert torch.equal(found[rows], SpectralSphere(3)(theta[rows]))
    theta[1, 4] = torch.inf
    with pytest.raises(ValueError, match=r"theta\[1\]"):
        SpectralSphere(3)(theta)
