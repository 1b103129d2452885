"""Deep stacks forget: at the rate of the subdominant eigenvalue, down to the smallest numbers, for every method."""

import pytest
import torch

from geometry.sampling import sample
from geometry.spectra import eigenvalues
from learning.depth import amax_gains, decoupling, repeated
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, methods


def test_a_repeated_matrix_decays_by_its_subdominant_eigenvalue():
    matrices = sample(Orthostochastic(5, 2), 200, seed=1)
    norms = repeated(matrices, 160)
    rate = (norms[-1] / norms[-81]) ** (1 / 80)  # over many layers: complex eigenvalues make it oscillate
    radius = eigenvalues(matrices)[:, 0].abs()
    torch.testing.assert_close(rate, radius, rtol=0.05, atol=0)
    depths = torch.arange(1, 161)[:, None]
    assert (norms >= radius**depths * (1 - 1e-9)).all()  # a norm is no smaller than the spectral radius


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


@pytest.mark.parametrize("projector", [p for p in methods(6, 2).values() if p.exact], ids=str)
def test_exact_methods_gain_nothing_at_any_depth(projector):
    torch.testing.assert_close(amax_gains(projector, 60, 10), torch.ones(2, 60, 10, dtype=torch.float64))


def test_what_sinkhorn_leaves_over_stays():
    """Columns are exact, so that a product's rows sum to at most n; with more iterations there is less of it."""
    (few, backwards), (many, _) = (amax_gains(Sinkhorn(4, iterations), 40, 50) for iterations in (1, 20))
    torch.testing.assert_close(backwards, torch.ones_like(backwards))
    layers = sample(Sinkhorn(4, 1), 40 * 50).unflatten(0, (40, 50))
    assert (few <= layers.sum(-1).amax(-1).cumprod(0) * (1 + 1e-12)).all()  # a gain is at most its layers' product
    assert (few <= 4).all()
    assert few[-1].mean() > 1.05
    assert (many[-1] - 1).abs().max() < (few[-1] - 1).abs().mean()


def test_bad_stacks_are_refused():
    with pytest.raises(ValueError, match="row 0 of matrix 0 sums to 3"):
        repeated(torch.ones(1, 3, 3), 3)
    with pytest.raises(ValueError, match=r"shape \(t, n, n\), not \(3, 3\)"):
        repeated(torch.eye(3), 3)
    with pytest.raises(ValueError, match="whole number from 1 to 10000, not 0"):
        repeated(torch.eye(3)[None], 0)
    with pytest.raises(ValueError, match=r"depth, .* not 0"):
        amax_gains(Sinkhorn(3), 0)
