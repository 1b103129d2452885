"""What a solver relies on: points stand for matrices, directions are gradients, parameters lead back."""

import pytest
import torch

from geometry.spaces import space_of
from geometry.spaces.averaged import AveragedRotations
from geometry.spaces.balanced import Balanced, balanced
from geometry.spaces.base import Parameters
from geometry.spaces.rotations import Rotations
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from projectors.rotations.orthostochastic import block_norms
from tests.projectors.table import magnitudes, normal, permutation_matrix, permutations_of, seeded, sum_error

SPACES = {
    Orthostochastic(4, 2): Rotations,
    Unistochastic(3, 2): Rotations,
    PermutationMixture(4): Parameters,
    Kronecker((Orthostochastic(2, 2), PermutationMixture(3))): Parameters,
    Mixture(Orthostochastic(3, 1), 2): AveragedRotations,
    Mixture(Orthostochastic(2, 2), 3, weights=(0.5, 0.5, 0)): AveragedRotations,
    Mixture(PermutationMixture(3), 2): Parameters,
    Sinkhorn(4): Balanced,
    Sinkhorn(3, positive="abs"): Balanced,
    Kronecker((Sinkhorn(3), Orthostochastic(2))): Balanced,
    Mixture(Sinkhorn(3), 2): Balanced,
}
each_projector = pytest.mark.parametrize("projector", SPACES, ids=str)


@each_projector
def test_every_projector_has_the_space_that_suits_it(projector):
    assert type(space_of(projector)) is SPACES[projector]


@each_projector
def test_parameters_stand_for_the_same_matrices(projector):
    space = space_of(projector)
    points = space.random(300, seeded())
    matrices = projector(space.parameters(points))
    assert torch.allclose(space.matrices(points), matrices, rtol=0, atol=1e-11)
    assert matrices.shape == (300, projector.n, projector.n)
    steps = 0.3 * space.pull(points, normal(300, 2, projector.n, projector.n))[:, 0]
    moved = space.move(points, steps)
    assert torch.allclose(space.matrices(moved), projector(space.parameters(moved)), rtol=0, atol=1e-11)


@each_projector
def test_pull_is_the_gradient_along_move(projector):
    """Where both the matrix and the step are first order: <cotangent, dB> = <pulled, step>."""
    space = space_of(projector)
    if SPACES[projector] is not AveragedRotations and isinstance(projector, Mixture | Kronecker | Sinkhorn):
        # Away from the edges, where logarithms are steep, and from zeros, where absolute values have a kink.
        points = space.settled(1 + 0.2 * normal(20, projector.parameter_count))
    else:
        points = space.random(20, seeded(1))
    cotangents = normal(20, 2, projector.n, projector.n, seed=2)
    directions = space.pull(points, cotangents)
    step = directions[:, 0] + 0.5 * directions[:, 1]
    size = 1e-5 / torch.linalg.vector_norm(step, dim=-1, keepdim=True)
    ahead, behind = (space.matrices(space.move(points, sign * size * step)) for sign in (1, -1))
    change = (cotangents * ((ahead - behind) / (2 * size[..., None]))[:, None]).sum((-1, -2))
    wanted = (directions.conj() * step[:, None]).sum(-1).real
    assert torch.allclose(change, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("projector", [p for p in SPACES if not p.exact], ids=str)
def test_balanced_points_are_fixed_points(projector):
    space = space_of(projector)
    points = space.settled(normal(50, projector.parameter_count, seed=4))
    matrices = projector(points)
    assert sum_error(matrices) < 1e-11
    assert torch.allclose(projector(balanced(projector, points)), matrices, rtol=0, atol=1e-11)
    assert torch.allclose(space.matrices(space.move(points, torch.zeros_like(points))), matrices, rtol=0, atol=1e-11)


@pytest.mark.parametrize("positive", ["exp", "abs"])
def test_a_sinkhorn_of_one_iteration_settles_all_the_same(positive):
    projector = Sinkhorn(4, 1, positive)
    theta = magnitudes(projector, 50, -1, 0.3)
    assert sum_error(projector(theta)) > 1e-2
    assert sum_error(projector(space_of(projector).settled(theta))) < 1e-9


def rotations(count, N):
    Q, _ = torch.linalg.qr(normal(count, N, N))
    Q[::2, 0] *= -1
    return Q


@pytest.mark.parametrize("n", [2, 3, 4])
def test_any_orthogonal_matrix_has_finite_parameters(n):
    """Permutations, signed ones, -I and reflections included: none of them is at infinity."""
    vertices = torch.stack([permutation_matrix(order) for order in permutations_of(n)])
    eye = torch.eye(n, dtype=torch.float64)
    signs = torch.cartesian_prod(*[torch.tensor([1.0, -1.0], dtype=torch.float64)] * n)
    signed = (vertices[:, None] * signs[:, None, :]).flatten(0, 1)
    points = torch.cat([vertices, -eye[None], signed, rotations(200, n)])
    assert (torch.linalg.det(points) < 0).any()
    projector = Orthostochastic(n)
    theta = Rotations(projector).parameters(points)
    assert theta.abs().max() < 1e3
    assert torch.allclose(projector(theta), block_norms(points, 1), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("n", "s"), [(3, 2), (4, 2), (8, 2), (2, 8)])
def test_parameters_of_large_and_unitary_matrices(n, s):
    Q = torch.cat([rotations(50, n * s), -torch.eye(n * s, dtype=torch.float64)[None]])
    assert torch.allclose(
        Orthostochastic(n, s)(Rotations(Orthostochastic(n, s)).parameters(Q)), block_norms(Q, s), rtol=0, atol=1e-11
    )
    U, _ = torch.linalg.qr(torch.complex(normal(50, n * s, n * s), normal(50, n * s, n * s, seed=1)))
    U = torch.cat([U, Q[-1:].to(U.dtype)])
    theta = Rotations(Unistochastic(n, s)).parameters(U)
    assert not theta.is_complex()
    assert torch.allclose(Unistochastic(n, s)(theta), block_norms(U, s), rtol=0, atol=1e-11)


@pytest.mark.parametrize("projector", [Orthostochastic(4, 2), Unistochastic(3)], ids=str)
def test_moves_stay_on_the_group(projector):
    space = space_of(projector)
    points = space.random(100, seeded())
    for _ in range(50):
        points = space.move(points, space.pull(points, normal(100, 2, projector.n, projector.n))[:, 0])
    eye = torch.eye(points.shape[-1], dtype=points.dtype)
    assert (points.mH @ points - eye).abs().max() < 1e-12


@each_projector
def test_nudges_are_moves_to_second_order(projector):
    space = space_of(projector)
    points = space.random(20, seeded())
    step = space.pull(points, normal(20, 2, projector.n, projector.n))[:, 0]
    step = step / torch.linalg.vector_norm(step, dim=-1, keepdim=True)
    for size in (1e-2, 1e-3):
        apart = space.matrices(space.nudge(points, size * step)) - space.matrices(space.move(points, size * step))
        assert apart.abs().max() < 2 * size**3 + 1e-13


@pytest.mark.parametrize("projector", [Orthostochastic(4, 2), Unistochastic(3)], ids=str)
def test_nudges_lead_back_to_the_group(projector):
    """|X|^2 away from it, and then 3/4 of the square and 1/4 of the cube of that; and from elsewhere too."""
    space = space_of(projector)
    points = space.random(50, seeded())
    eye = torch.eye(points.shape[-1], dtype=points.dtype)
    step = space.pull(points, normal(50, 2, projector.n, projector.n))[:, 0]
    sizes = 10 ** torch.linspace(-3, 0, 50, dtype=torch.float64)
    step = step * (sizes / torch.linalg.matrix_norm(step.unflatten(-1, eye.shape), 2))[:, None]
    error = torch.linalg.matrix_norm((moved := space.nudge(points, step)).mH @ moved - eye, 2)
    assert (error <= 0.75 * sizes**4 + 0.25 * sizes**6 + 1e-13).all()
    back = space.nudge(points * (1 + 1e-4), 0 * step)
    assert torch.linalg.matrix_norm(back.mH @ points - eye, 2).max() < 1e-7


@pytest.mark.parametrize("projector", [p for p, space in SPACES.items() if space is AveragedRotations], ids=str)
def test_averages_have_points_for_any_parameters(projector):
    space = space_of(projector)
    theta = 3 * normal(50, projector.parameter_count)
    points = space.points(theta)
    torch.testing.assert_close(space.matrices(points), projector(theta))
    inside = space.inwards(points)
    u = inside[:, -projector.k :]
    torch.testing.assert_close(u.norm(dim=-1), torch.ones(50, dtype=torch.float64))
    if projector.weights is None:
        assert (u.square() >= 0.1 / projector.k - 1e-12).all()
    else:
        torch.testing.assert_close(inside, points)
