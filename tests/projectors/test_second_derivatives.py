"""Second derivatives: right on every route by which somebody may ask for them."""

import warnings

import pytest
import torch

from geometry.spectra import eigenvalues
from projectors import (
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    methods,
    variants,
)
from projectors.rotations.cayley import cayley
from projectors.rotations.rotational import block_norms
from projectors.rotations.skew import skew_symmetric
from tests.projectors.table import normal, parameters

PROJECTORS = [
    *methods(4, 2).values(),
    *(projector for projector in variants(4, 2).values() if projector.parameter_count),
    *(Sinkhorn(3, iterations) for iterations in (1, 2, 3, 20)),
    Sinkhorn(3, 2, positive="abs"),
    Orthostochastic(3, 2),
    Unistochastic(3, 1),
    Kronecker((Orthostochastic(2, 2), Sinkhorn(2, 3))),
    Mixture(Mixture(PermutationMixture(3), 2), 2),
]
each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)


def loss(projector, theta):
    """A smooth function of matrices without symmetry, so that no term of its Hessian cancels."""
    weights = normal(projector.n, projector.n, seed=7)
    return (weights * projector(theta)).sum() + (weights.square() * projector(theta).square()).sum()


@each_projector
def test_second_derivatives_equal_differences_of_first_ones(projector):
    theta = parameters(projector, 2).requires_grad_()
    assert torch.autograd.gradgradcheck(projector, (theta,), fast_mode=True)


@each_projector
def test_every_route_to_a_hessian_gives_the_same(projector):
    """torch's own Hessian, `autograd.grad` twice, `.backward()` twice, and differences of gradients."""
    theta = parameters(projector)
    direction = normal(len(theta), seed=3)
    direction /= direction.norm()

    def gradient(point):
        point = point.detach().requires_grad_()
        return torch.autograd.grad(loss(projector, point), point)[0]

    step = 1e-5
    secant = (gradient(theta + step * direction) - gradient(theta - step * direction)) / (2 * step)
    whole = torch.autograd.functional.hessian(lambda point: loss(projector, point), theta)
    found = theta.clone().requires_grad_()
    (first,) = torch.autograd.grad(loss(projector, found), found, create_graph=True)
    (twice,) = torch.autograd.grad(first @ direction, found)
    again = theta.clone().requires_grad_()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using backward.. with create_graph=True")
        loss(projector, again).backward(create_graph=True)
    slope, again.grad = again.grad, None
    (slope @ direction).backward()
    scale = float(secant.norm()) + 1e-3
    assert (whole - whole.T).abs().max() < 1e-10 * scale
    for product in (whole @ direction, twice, again.grad):
        assert float((product - secant).norm()) < 1e-6 * scale
    assert float(secant.norm()) > 1e-4  # a Hessian of zeros would be no test


@pytest.mark.parametrize(
    ("projector", "count"), [(Orthostochastic(3, 2), 300), (Sinkhorn(4), 300), (Unistochastic(2), 300)]
)
def test_a_batch_of_any_size_has_the_second_derivatives_of_its_rows(projector, count):
    """Beyond 256 matrices first derivatives take another way through memory."""
    theta = parameters(projector, count).requires_grad_()

    def penalty(point):
        (slope,) = torch.autograd.grad(projector(point).square().sum(), point, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), point)[0]

    assert torch.allclose(penalty(theta)[::75], torch.cat([penalty(row) for row in theta[::75].split(1)]), atol=1e-11)


def test_asking_for_the_graph_changes_no_first_derivative():
    for projector in PROJECTORS:
        theta = parameters(projector, 3).requires_grad_()
        plain, graph = (
            torch.autograd.grad(loss(projector, theta), theta, create_graph=create)[0] for create in (False, True)
        )
        assert (plain - graph).abs().max() < 1e-12 * (1 + plain.abs().max())


def test_the_steps_of_go_mhc_have_their_own():
    A = skew_symmetric(normal(2, 6), 4).requires_grad_()
    assert torch.autograd.gradgradcheck(cayley, (A,), fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda Q: block_norms(Q, 2), (normal(2, 4, 4).requires_grad_(),))


@pytest.mark.parametrize("n", [3, 4, 6])
def test_eigenvalues_have_them_too(n):
    theta = parameters(Orthostochastic(n, 2), seed=2).requires_grad_()
    assert torch.autograd.gradgradcheck(
        lambda point: eigenvalues(Orthostochastic(n, 2)(point)).abs().square().sum(), (theta,), fast_mode=True
    )


def test_the_hessian_that_was_silently_zero():
    """Trace of B for Orthostochastic(2, 1) is 2 cos^2 of twice the angle of tangent a: its second derivative at 0."""
    a = torch.zeros(1, dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda point: Orthostochastic(2)(point).diagonal().sum(), a)
    assert hessian.item() == pytest.approx(-16, abs=1e-12)  # 2 cos(2 atan a)^2 = 2 - 8 a^2 + ...
