"""Deep stacks forget: at the rate of the subdominant eigenvalue, down to the smallest numbers, for every method."""

import pytest
import torch

from geometry.sampling import sample
from geometry.spectra import eigenvalues
from geometry.tangent import deflate
from learning.depth import decoupling, distances
from projectors import Kronecker, Orthostochastic, PermutationMixture, methods


def repeated(matrices, depth):
    """Matrices (t, n, n) -> distances (depth, t) of a stack whose layers are all the same."""
    return distances(deflate(matrices).expand(depth, *matrices.shape[:1], -1, -1))


def test_a_repeated_matrix_decays_by_its_subdominant_eigenvalue():
    matrices = sample(Orthostochastic(5, 2), 200, seed=1)
    norms = repeated(matrices, 160)
    rate = (norms[-1] / norms[-81]) ** (1 / 80)  # over many layers: complex eigenvalues make it oscillate
    torch.testing.assert_close(rate, eigenvalues(matrices).abs().amax(-1), rtol=0.05, atol=0)


def test_a_vertex_never_forgets_and_the_barycentre_at_once():
    cycle = torch.eye(4, dtype=torch.float64).roll(1, 0)
    torch.testing.assert_close(repeated(cycle[None], 50), torch.full((50, 1), 3**0.5, dtype=torch.float64))
    assert (repeated(torch.full((1, 4, 4), 0.25, dtype=torch.float64), 5) < 1e-13).all()


@pytest.mark.parametrize("projector", [*methods(6, 2).values(), Kronecker((PermutationMixture(2),) * 3)], ids=str)
@pytest.mark.parametrize("measure", ["initial", "target"])
def test_every_methods_stacks_tend_to_the_barycentre_and_never_back(projector, measure):
    distances = decoupling(projector, 40, 20, measure)
    assert distances.shape == (40, 20)
    if projector.exact:
        assert (distances.diff(dim=0) <= 1e-13).all()  # doubly stochastic matrices are contractions
    assert (distances[-1] < 1e-3 * distances[0]).all()


def test_the_first_layer_is_a_member_and_products_are_those_of_the_matrices():
    projector, n = Orthostochastic(3, 2), 3
    matrices = sample(projector, 5 * 4, seed=7).unflatten(0, (5, 4))
    distances, product = decoupling(projector, 5, 4, seed=7), torch.eye(n, dtype=torch.float64)
    for layer, distance in zip(matrices, distances, strict=True):
        product = product @ layer
        torch.testing.assert_close((product - 1 / n).norm(dim=(-2, -1)), distance, rtol=1e-9, atol=1e-13)


def test_distances_far_below_rounding_are_still_right():
    """Independent layers: the logarithm falls by as much per layer at 1e-80 as at the start."""
    logs = decoupling(PermutationMixture(3), 150, 100).log().mean(1)
    assert logs[-1] < -150
    early, late = (logs[74] - logs[0]) / 74, (logs[149] - logs[74]) / 75
    assert abs(late / early - 1) < 0.1


@pytest.mark.parametrize(
    ("depth", "count", "received"), [(0, 4, "0"), (4, 0, "0"), (2.5, 1, "2.5"), (10_000_000, 1, "160000000")]
)
def test_what_cannot_be_is_refused(depth, count, received):
    with pytest.raises(ValueError, match=f"not {received}"):
        decoupling(Orthostochastic(4, 1), depth, count)
