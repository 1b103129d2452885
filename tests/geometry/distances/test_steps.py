"""The steps of `nearest`: of least squares, damped, whatever formula is quickest; matching never moves away."""

from itertools import pairwise

import pytest
import torch

from geometry.distances.matching import match
from geometry.distances.steps import damped_steps
from geometry.effort import Effort
from geometry.sampling import sample
from geometry.slices import cyclic_view
from geometry.spaces import space_of
from geometry.tangent import tangent_basis
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import normal, seeded

STEPPED = [
    Orthostochastic(3, 1),
    Orthostochastic(5, 1),
    Orthostochastic(3, 2),
    Orthostochastic(4, 3),
    Unistochastic(3, 1),
    Unistochastic(3, 2),
    Kronecker((Orthostochastic(2, 2), PermutationMixture(2))),
    Kronecker((PermutationMixture(2), PermutationMixture(3))),
    Mixture(Orthostochastic(3, 1), 2),
    Mixture(PermutationMixture(3), 2),
]


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("projector", STEPPED, ids=str)
def test_steps_solve_the_damped_least_squares_of_the_linear_map(projector, hidden):
    """damping * step = -pull(residual + dB), dB the derivative along the step; of both, what is ignored taken away."""
    n, space = projector.n, space_of(projector)
    points = space.random(10, seeded(1))
    ignored = cyclic_view(n).along if hidden else torch.empty(0, n, n, dtype=torch.float64)

    def counted(matrices):
        return matrices - torch.einsum("bkl,hkl,hij->bij", matrices, ignored, ignored)

    residual = counted(torch.einsum("bk,kij->bij", normal(10, (n - 1) ** 2), tangent_basis(n)))
    damping = 10 ** (normal(10) - 1)
    step, left = damped_steps(space, points, residual, damping, ignored)
    size = 1e-4 / torch.linalg.vector_norm(step, dim=-1)
    ahead, behind = (space.matrices(space.move(points, sign * size[:, None] * step)) for sign in (1, -1))
    rest = residual + counted((ahead - behind) / (2 * size[:, None, None]))
    torch.testing.assert_close(left, rest.square().sum((1, 2)), rtol=1e-5, atol=1e-6)
    wanted = -space.pull(points, rest[:, None])[:, 0] / damping[:, None]
    torch.testing.assert_close(step, wanted, rtol=1e-4, atol=float(1e-4 * step.abs().max()))


@pytest.mark.parametrize("projector", STEPPED, ids=str)
def test_matching_never_moves_away_and_keeps_what_fits(projector):
    space = space_of(projector)
    points = space.random(12, seeded(2))
    targets = sample(Sinkhorn(projector.n, 300), 12, "target")
    before = torch.linalg.matrix_norm(space.matrices(points) - targets)
    after = [match(space, points, targets, Effort(steps=steps))[1] for steps in (1, 3, 10)]
    for earlier, later in pairwise([before * (1 + 1e-9) + 1e-12, *after]):
        assert (later <= earlier).all()
    there, distance = match(space, points, space.matrices(points))
    assert torch.equal(there, points)
    assert distance.max() < 1e-12


def test_matching_ignores_what_no_doubly_stochastic_matrix_can_have():
    """Sums that are wrong, and the directions that it is told to ignore."""
    space = space_of(Orthostochastic(4, 2))
    points, rows, columns = space.random(12, seeded(2)), normal(4, 1, seed=3), normal(1, 4, seed=4)
    assert match(space, points, space.matrices(points) + rows + columns)[1].max() < 1e-12
    view = cyclic_view(4)
    assert match(space, points, space.matrices(points) + view.along[1], ignored=view.along)[1].max() < 1e-12
