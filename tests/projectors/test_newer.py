"""What others have proposed since the paper: each by the theorem behind it, and where it differs from its claim."""

import pytest
import torch

import projectors.balanced.projection as projection
from geometry.distances.preimages import preimage
from geometry.spectra import eigenvalues
from projectors import (
    Circulant,
    EuclideanProjection,
    Identity,
    IteratedOrthostochastic,
    Orthostochastic,
    PermutationMixture,
    TransportationWalk,
)
from tests.projectors.table import magnitudes, normal, parameters, permutations_of, sum_error

SIZES = [2, 3, 4, 6]
each_size = pytest.mark.parametrize("n", SIZES)


def inner(n, count=20, seed=0):
    """Doubly stochastic matrices (count, n, n) without zeros."""
    return PermutationMixture(min(n, 6))(normal(count, [0, 0, 2, 6, 24, 120, 720][n], seed=seed))


def vertices(n):
    return torch.eye(n, dtype=torch.float64)[torch.tensor(permutations_of(n)[:120])]


# --- the walk -------------------------------------------------------------------------------------------------------


@each_size
def test_the_walk_meets_every_positive_matrix_for_exactly_one_theta(n):
    walk, matrices = TransportationWalk(n), inner(n)
    theta = walk.parameters(matrices)
    assert (walk(theta) - matrices).abs().max() < 1e-14
    moderate = parameters(walk, 20)
    assert torch.allclose(walk.parameters(walk(moderate)), moderate, atol=1e-7)


@each_size
def test_the_walk_comes_as_near_to_every_vertex_as_one_likes(n):
    walk = TransportationWalk(n)
    assert (walk(walk.parameters(vertices(n))) - vertices(n)).abs().max() < 1e-14


@pytest.mark.parametrize("n", [3, 4, 8])
def test_the_walk_has_as_many_directions_as_the_polytope(n):
    walk = TransportationWalk(n)
    jacobian = torch.func.jacrev(walk)(parameters(walk)).flatten(0, 1)
    assert torch.linalg.matrix_rank(jacobian) == (n - 1) ** 2 == walk.parameter_count


def test_the_walk_treats_streams_unequally():
    """At theta = 0 it is not at the barycentre: the entries that come first have all the room."""
    start = TransportationWalk(3)(torch.zeros(4, dtype=torch.float64))
    assert start[0].tolist() == [0.5, 0.25, 0.25]


# --- the projection -------------------------------------------------------------------------------------------------


@each_size
def test_the_projection_is_the_nearest_matrix(n):
    given = 2 * normal(20, n, n)
    found = EuclideanProjection(n)(given.flatten(1))
    # The obtuse angle that characterizes a projection onto a convex set, to every vertex.
    angles = torch.einsum("bij,bkij->bk", given - found, vertices(n) - found[:, None])
    assert angles.max() < 1e-9


@each_size
def test_the_projection_leaves_the_polytope_alone_and_contracts(n):
    project = EuclideanProjection(n)
    for matrices in (inner(n), vertices(n)):
        assert (project(matrices.flatten(1)) - matrices).abs().max() < 1e-14
    one, other = 3 * normal(2, 50, n * n)
    moved = (project(one) - project(other)).flatten(1).norm(dim=1)
    assert (moved <= (one - other).norm(dim=1) * (1 + 1e-12)).all()


@pytest.mark.parametrize("size", [1, 10, 100, 1e4, 1e12])
@pytest.mark.parametrize("n", [3, 4, 8])
def test_the_projection_is_exact_however_far_it_comes_from(n, size):
    assert sum_error(EuclideanProjection(n)(size * normal(3000, n * n))) < 1e-12


def test_a_step_that_is_huge_in_an_almost_singular_system_is_shortened_enough():
    """Rows that share their only column: with few step sizes Newton's method stopped here, sums off by a third."""
    given = torch.tensor(
        [
            [55.2978, 71.5834, 4.2692, 65.5783],
            [-98.5626, 114.9801, 64.0496, 89.2956],
            [78.7069, 82.5635, 30.2990, 94.1476],
            [43.2619, -96.6549, 48.9839, 103.2759],
        ],
        dtype=torch.float64,
    )
    assert sum_error(EuclideanProjection(4)(given.flatten())) < 1e-12


@pytest.mark.parametrize("n", [16, 32])
def test_products_of_vectors_are_projected_whoever_looks_at_numbers(n):
    """Nearly a problem of sorting: Newton's method took a hundred steps and more, of which transforms had thirty."""
    theta = (1e4 * normal(8, n, 1) * normal(8, 1, n, seed=1)).flatten(1)
    project = EuclideanProjection(n)
    for function in (project, torch.func.vmap(project), torch.compile(project, fullgraph=True, backend="aot_eager")):
        assert sum_error(function(theta)) < 1e-12
    torch._dynamo.reset()


def test_a_projection_that_does_not_end_is_no_matrix(monkeypatch):
    monkeypatch.setattr(projection, "MOST_STEPS", 1)
    theta, project = 100 * normal(5, 64), EuclideanProjection(8)
    with pytest.raises(ValueError, match="has no finite matrix"):
        project(theta)
    found = torch.func.vmap(project)(theta)
    assert (found.isnan().all((-1, -2)) | (found.sum(-1) - 1).abs().amax(-1).lt(1e-12)).all()
    assert found.isnan().any()


def test_the_implicit_derivative_is_a_projection():
    """On the face where it lands: symmetric, idempotent, of the face's dimension; entries that are 0 do not move."""
    theta = normal(16, seed=3)
    project = EuclideanProjection(4)
    J = torch.func.jacrev(project)(theta).flatten(0, 1)
    zero = project(theta).flatten() == 0
    assert zero.any()
    assert torch.allclose(J, J.mT, atol=1e-12)
    assert torch.allclose(J @ J, J, atol=1e-12)
    assert J[zero].abs().max() == 0
    hessian = torch.autograd.functional.hessian(lambda point: project(point).square().sum(), theta)
    assert torch.allclose(hessian, 2 * J, atol=1e-12)


def test_training_stops_on_a_face_where_it_starts_there():
    """A minimum of the loss on the face is a stationary point, although the target lies inside the polytope."""
    target, project = torch.full((3, 3), 1 / 3, dtype=torch.float64), EuclideanProjection(3)
    stuck = torch.block_diag(torch.ones(1, 1), torch.full((2, 2), 0.5)).double()
    theta = (stuck - 0.5 * (stuck == 0)).flatten().requires_grad_()
    assert torch.allclose(project(theta), stuck)
    (project(theta) - target).square().sum().backward()
    assert theta.grad.abs().max() < 1e-12


# --- circulants, Newton-Schulz, identity ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_circulants_commute_and_their_eigenvalues_are_known(n):
    first, second = Circulant(n)(parameters(Circulant(n), 2))
    assert torch.allclose(first @ second, second @ first, atol=1e-15)
    weights = parameters(Circulant(n)).softmax(-1)
    power = torch.arange(n)
    root = torch.exp(2j * torch.pi * power[:, None] * power / n)
    wanted = (weights * root).sum(-1)[1:]
    found = eigenvalues(Circulant(n)(parameters(Circulant(n))))
    assert sorted(wanted.abs().tolist()) == pytest.approx(found.abs().tolist()[::-1])
    assert wanted.sum().real.item() == pytest.approx(found.sum().real.item())


@pytest.mark.parametrize("n", [2, 3, 4])
def test_many_newton_schulz_steps_end_at_orthostochastic_matrices(n):
    theta = parameters(IteratedOrthostochastic(n), 20)
    matrices = IteratedOrthostochastic(n, 200)(theta)
    assert sum_error(matrices) < 1e-12
    U, _, Vh = torch.linalg.svd(theta.unflatten(-1, (n, n)))
    assert (matrices - (U @ Vh).square()).abs().max() < 1e-9  # the polar factor, squared


def test_the_usual_five_steps_do_not():
    assert sum_error(IteratedOrthostochastic(4)(parameters(IteratedOrthostochastic(4), 200))) > 0.1
    assert not IteratedOrthostochastic(4).exact
    assert Orthostochastic(4, 1).exact


@each_size
def test_no_mixing_is_the_identity(n):
    assert torch.equal(Identity(n)(torch.empty(3, 2, 0)), torch.eye(n).expand(3, 2, n, n))
    assert (Identity(n).parameter_count, Identity(n).flops) == (0, 0)
    theta = torch.empty(2, 0, requires_grad=True)
    Identity(n)(theta).sum().backward()
    assert theta.grad.shape == (2, 0)


def test_a_formula_gives_parameters_for_every_matrix_of_two():
    for projector in (TransportationWalk(4), EuclideanProjection(4)):
        for matrices in (inner(4), vertices(4)):
            theta = preimage(projector, matrices)
            assert theta is not None
            assert (projector(theta) - matrices).abs().max() < 1e-13


def test_large_parameters_of_all_sizes_stay_in_the_polytope():
    for projector in (TransportationWalk(5), EuclideanProjection(5), Circulant(5)):
        assert sum_error(projector(magnitudes(projector, 500, -6, 6))) < 1e-12
