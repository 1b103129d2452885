"""Gradients: against finite differences everywhere, against closed forms where differences cannot see."""

import pytest
import torch

from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Unistochastic
from projectors.rotations.cayley import cayley
from projectors.rotations.skew import skew_hermitian, skew_symmetric
from tests.projectors.table import each_projector, normal, parameters

SKEW = {"real": (skew_symmetric, lambda N: N * (N - 1) // 2), "complex": (skew_hermitian, lambda N: N * N)}


def skew(field, N, *batch, seed=0):
    fill, count = SKEW[field]
    return fill(normal(*batch, count(N), seed=seed), N)


@each_projector
def test_gradients_equal_finite_differences(projector):
    theta = parameters(projector, 1).requires_grad_()
    assert torch.autograd.gradcheck(projector, (theta,), fast_mode=projector.parameter_count > 6)


@pytest.mark.parametrize("fill", [skew_symmetric, skew_hermitian])
def test_gradients_of_the_skew_matrices(fill):
    theta = normal(2, 3 if fill is skew_symmetric else 9).requires_grad_()
    assert torch.autograd.gradcheck(lambda t: fill(t, 3), (theta,))


@pytest.mark.parametrize("size", [1e-3, 1.0, 50.0, 1e3, 1e5])
@pytest.mark.parametrize("field", SKEW)
@pytest.mark.parametrize("N", [2, 3, 6])
def test_cayley_differential(N, field, size):
    """<G, dQ> for dQ = -1/2 (I + Q) dA (I + Q), in any direction G and at any size of A."""
    A, dA = size * skew(field, N, 5), skew(field, N, 5, seed=1)
    G = skew(field, N, 5, seed=2) + skew(field, N, 5, seed=3).square()
    A.requires_grad_()
    Q = cayley(A)
    (gradient,) = torch.autograd.grad((G.conj() * Q).real.sum(), A)
    eye = torch.eye(N, dtype=Q.dtype)
    dQ = -0.5 * (eye + Q) @ dA @ (eye + Q)
    found, wanted = (gradient.conj() * dA).real.sum((-2, -1)), (G.conj() * dQ).real.sum((-2, -1))
    assert (found - wanted).abs().max() < 1e-12
    if size <= 1:
        step = 1e-6
        secant = (cayley(A + step * dA) - cayley(A - step * dA)) / (2 * step)
        assert (secant - dQ).abs().max() < 1e-8


@pytest.mark.parametrize("size", [1e-4, 0.3, 1.0, 30.0, 1e3, 1e5])
def test_order_two_in_closed_form(size):
    """A rotation by twice the angle of tangent a: B_11 = ((1 - a^2)/(1 + a^2))^2, and its derivative."""
    a = torch.tensor([[size]], dtype=torch.float64, requires_grad=True)
    cosine = (1 - size**2) / (1 + size**2)
    B = Orthostochastic(2)(a)
    (slope,) = torch.autograd.grad(B[0, 0, 0], a)
    assert abs(B[0, 0, 0].item() - cosine**2) < 1e-13
    assert abs(slope.item() + 8 * size * cosine / (1 + size**2) ** 2) < 1e-12


@pytest.mark.parametrize("size", [1.0, 1e3, 1e6])
@pytest.mark.parametrize(("n", "s"), [(2, 1), (4, 1), (3, 2), (2, 3)])
def test_gradients_of_inverse_skew_matrices_match(n, s, size):
    """Q(A^-1) = -Q(A): the gradient at a huge A is that at its small inverse, carried over by -A^-1 dA A^-1."""
    projector, N = Orthostochastic(n, s), n * s
    A = size * skew_symmetric(normal(projector.parameter_count), N)
    inverse = torch.linalg.inv(A)
    upper = torch.triu_indices(N, N, 1)
    weights = normal(n, n, seed=4)
    gradients = []
    for matrix in (A, inverse):
        theta = matrix[*upper].clone().requires_grad_()
        (gradient,) = torch.autograd.grad((projector(theta) * weights).sum(), theta)
        gradients.append(gradient)
    direction = skew_symmetric(normal(projector.parameter_count, seed=5), N)
    carried = -inverse @ direction @ inverse
    large, small = gradients[0] @ direction[*upper], gradients[1] @ carried[*upper]
    assert abs(float(large - small)) < 1e-8 * max(abs(float(small)), float(carried.norm()))


def jacobian_rank(projector, seed=0):
    """The number of singular values of theta -> B that are not rounding, at a random theta."""
    jacobian = torch.autograd.functional.jacobian(projector, parameters(projector, seed=seed))
    singular = torch.linalg.svdvals(jacobian.flatten(0, 1))
    return int((singular > 1e-10 * singular[0]).sum())


RANKS = {
    **{Orthostochastic(n): min(n * (n - 1) // 2, (n - 1) ** 2) for n in (2, 3, 4, 5, 6, 8)},
    **{Orthostochastic(n, s): (n - 1) ** 2 for n in (2, 3, 4, 5) for s in (2, 3)},
    **{Unistochastic(n): (n - 1) ** 2 for n in (2, 3, 4, 5)},
    **{PermutationMixture(n): (n - 1) ** 2 for n in (2, 3, 4, 5)},
    **{Kronecker((PermutationMixture(2),) * k): k for k in (1, 2, 3)},
    Kronecker((Orthostochastic(3), PermutationMixture(2))): 3 + 1,
    Kronecker((Orthostochastic(3, 2), Orthostochastic(3))): 4 + 3,
    Mixture(Orthostochastic(3), 2): 4,
}


@pytest.mark.parametrize(("projector", "rank"), RANKS.items(), ids=str)
def test_dimension_of_the_reach(projector, rank):
    assert jacobian_rank(projector) == jacobian_rank(projector, seed=1) == rank


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize(("n", "s"), [(2, 1), (3, 1), (3, 2), (4, 3)])
def test_identity_is_a_critical_point(kind, n, s):
    projector = kind(n, s)
    zero = torch.zeros(projector.parameter_count, dtype=torch.float64)
    assert (projector(zero) - torch.eye(n, dtype=torch.float64)).abs().max() < 1e-13
    assert torch.autograd.functional.jacobian(projector, zero).abs().max() < 1e-13
