"""The step of the search: an exact adjugate, the shortest solution, residuals that only fall."""

import pytest
import torch

from geometry.reach.search.newton import _residual, _shortest, adjugate, steer
from geometry.spaces import space_of
from geometry.spectra import eigenvalues
from geometry.tangent import deflate
from projectors import Orthostochastic, PermutationMixture
from tests.projectors.table import normal, parameters, seeded


def newton_estimate(matrices, targets):
    """How far the nearest eigenvalue is, as one Newton step on the characteristic polynomial would tell."""
    residual = _residual(matrices, targets)
    return residual.value.abs() / residual.slope.abs()


def complex_normal(*shape, seed=0):
    return torch.complex(normal(*shape, seed=seed), normal(*shape, seed=seed + 1))


def identity_error(M):
    adjugates, determinants = adjugate(M)
    eye = torch.eye(M.shape[-1], dtype=M.dtype)
    wanted = determinants[..., None, None] * eye
    return max((M @ adjugates - wanted).abs().max(), (adjugates @ M - wanted).abs().max())


@pytest.mark.parametrize("m", range(1, 7))
def test_a_matrix_times_its_adjugate_is_its_determinant(m):
    for M in (normal(50, m, m), complex_normal(50, m, m), complex_normal(2, 3, m, m)):
        assert identity_error(M) < 1e-10
        adjugates, determinants = adjugate(M)
        assert adjugates.shape == M.shape
        assert torch.allclose(determinants, torch.linalg.det(M), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_adjugates_of_singular_matrices(m):
    assert identity_error(torch.zeros(1, m, m, dtype=torch.complex128)) == 0
    thin = complex_normal(20, m, m - 1) @ complex_normal(20, m - 1, m, seed=3)
    assert identity_error(thin) < 1e-12
    if m > 1:
        assert adjugate(thin)[0].abs().amax((-1, -2)).min() > 1e-6  # of rank m - 1: not zero


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
def test_residual_is_the_characteristic_polynomial_and_its_derivatives(n):
    B = PermutationMixture(n)(parameters(PermutationMixture(n), 6)) if n < 7 else Orthostochastic(7)(normal(6, 21))
    targets = 0.5 * complex_normal(6)
    found = _residual(B, targets)
    roots = eigenvalues(B)
    polynomial = (roots - targets[:, None]).prod(-1)
    assert torch.allclose(found.value, polynomial, rtol=1e-8, atol=1e-12)
    slopes = torch.stack([-torch.cat([roots[:, :k], roots[:, k + 1 :]], 1).sub(targets[:, None]).prod(-1)
                          for k in range(n - 1)]).sum(0)  # fmt: skip
    assert torch.allclose(found.slope, slopes, rtol=1e-7, atol=1e-12)
    change = 1e-6 * normal(6, n, n, seed=5)
    difference = (_residual(B + change, targets).value - _residual(B - change, targets).value) / 2
    for gradient, part in zip(found.gradients.unbind(1), (difference.real, difference.imag), strict=True):
        assert torch.allclose((gradient * change).sum((-1, -2)), part, rtol=1e-4, atol=1e-13)


def test_distance_is_right_near_an_eigenvalue():
    B = Orthostochastic(4)(normal(30, 6))
    target = eigenvalues(B)[:, 0] + 1e-7 * torch.exp(1j * normal(30))
    assert torch.allclose(newton_estimate(B, target), torch.full((30,), 1e-7, dtype=torch.float64), rtol=1e-3)


@pytest.mark.parametrize("complex_directions", [False, True])
def test_the_step_solves_the_linear_equation_and_is_the_shortest(complex_directions):
    directions = complex_normal(40, 2, 9) if complex_directions else normal(40, 2, 9)
    value = complex_normal(40, seed=7)
    step = _shortest(directions, value)
    product = (directions.conj() * step[:, None]).sum(-1).real
    assert torch.allclose(torch.complex(product[:, 0], product[:, 1]), -value, rtol=0, atol=1e-6)
    for trial in range(3):  # a step that the equation does not see is orthogonal to the shortest one
        other = (complex_normal if complex_directions else normal)(40, 9, seed=20 + trial)
        unseen = other - _shortest(directions, -torch.complex(*(directions.conj() * other[:, None]).sum(-1).real.T))
        assert ((directions.conj() * unseen[:, None]).sum(-1).real.abs() < 1e-6).all()
        assert ((unseen.conj() * step).sum(-1).real.abs() < 1e-6).all()


def test_a_singular_step_is_finite():
    """A real target: the imaginary part has no gradient."""
    directions = normal(5, 2, 6)
    directions[:, 1] = 0
    step = _shortest(directions, normal(5).to(torch.complex128))
    assert step.isfinite().all()
    assert (_shortest(torch.zeros(5, 2, 6, dtype=torch.float64), normal(5).to(torch.complex128)) == 0).all()


def test_steering_only_ever_comes_nearer_and_leaves_the_start_alone():
    projector = Orthostochastic(4, 2)
    space = space_of(projector)
    start = space.random(60, seeded())
    kept, targets, trace = start.clone(), 0.4 * complex_normal(60), []
    end, used, gap = steer(space, start, targets, 12, trace=trace)
    assert torch.equal(start, kept)
    assert torch.equal(trace[0], start)
    assert torch.equal(trace[-1], end)
    assert 2 <= len(trace) == int(used.max()) + 1 <= 13
    sizes = torch.stack([_residual(space.matrices(points), targets).value.abs() for points in trace])
    assert (sizes[1:] <= sizes[:-1] * (1 + 1e-12)).all()
    distance = (torch.linalg.eigvals(deflate(space.matrices(end))) - targets[:, None]).abs().amin(-1)
    assert (distance <= 3 * gap * (1 + 1e-6) + 1e-12).all()  # 1 / gap is no more than the sum of 1 / |distance|
    assert (gap[distance < 1e-9] < 1e-9).all()
    halted, stops, _ = steer(space, start, targets, 12, patience=3)
    assert (stops <= used).all()
    assert (stops < used).any()
    assert torch.allclose(halted[stops == used], end[stops == used], rtol=0, atol=1e-9)


def test_the_trace_ends_where_steering_ends_even_if_iterations_run_out():
    space = space_of(Orthostochastic(4))
    trace = []
    end, *_ = steer(space, space.random(20, seeded()), 0.4 * complex_normal(20), 1, trace=trace)
    assert len(trace) == 2
    assert torch.equal(trace[-1], end)


def test_points_on_target_and_points_that_are_not_finite_are_left_alone():
    projector = PermutationMixture(3)
    space = space_of(projector)
    points = parameters(projector, 3)
    targets = eigenvalues(projector(points))[:, 0]
    points[1] = torch.nan
    end, used, _ = steer(space, points, targets, 10)
    assert torch.equal(end.nan_to_num(7.0), points.nan_to_num(7.0))
    assert used.tolist() == [0, 0, 0]
