"""Claims of the paper's appendices that are computations: A.1, B.2, B.9 and H.2."""

import pytest
import torch

from geometry.dimension import affine_dimension
from geometry.distances import birkhoff_projection
from learning.ablations import SoftmaxRotation
from learning.stream_mixing import StreamMixing, starting_losses, trained
from learning.stream_mixing.data import expected_moments
from learning.stream_mixing.floors import structural_error
from learning.stream_mixing.objectives import FeaturesLoss
from projectors import IteratedOrthostochastic, Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn
from projectors.averages.permutation import permutation_matrices
from tests.projectors.table import normal, parameters, sum_error

NOTEBOOK = {"features": "notebook", "parameters": "notebook"}


def test_starting_losses_rise_with_n_and_those_of_mhc_lite_do_too():
    """A.1 has those of mHC-lite constant: they rise by half from n = 3 on, and double from 2 to 6."""
    found = {}
    for n in (2, 3, 4, 5, 6):
        experiment = StreamMixing(n=n, **NOTEBOOK)
        found |= {
            (name, n): loss for (name, _), loss in zip(experiment.methods, starting_losses(experiment), strict=True)
        }
    for name in ("go-mHC, s = 1", "mHC-lite"):
        losses = torch.stack([found[name, n] for n in (2, 3, 4, 5, 6)])
        assert (losses.diff() > 0).all(), name
    assert found["KromHC", 4] > found["mHC-lite", 4]
    assert 1.5 < found["mHC-lite", 6] / found["mHC-lite", 2] < 3
    assert found["go-mHC, s = 1", 6] / found["go-mHC, s = 1", 2] > 4


def near(n, count):
    """Matrices of row sums 1 around the polytope's boundary, most of them outside."""
    noise = 0.4 * normal(count, n, n)
    return birkhoff_projection(normal(count, n, n, seed=1)) + noise - noise.mean(-1, keepdim=True)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_projection_makes_an_obtuse_angle_with_every_vertex(n):
    """What tells the nearest point of a convex set: no direction into the set leads nearer."""
    T = 2 * normal(30, n, n)
    B = birkhoff_projection(T)
    assert sum_error(B) < 1e-9
    assert B.min() > -1e-8
    ways = permutation_matrices(n)[None] - B[:, None]
    assert torch.einsum("bij,bvij->bv", T - B, ways).max() < 1e-6
    members = torch.einsum("bv,vij->bij", normal(10, len(permutation_matrices(n))).softmax(-1), permutation_matrices(n))
    torch.testing.assert_close(birkhoff_projection(members), members, rtol=0, atol=1e-10)


def test_what_cannot_be_learned_is_the_distance_from_the_polytope():
    """B.2, Eq. 24: over all data, the projection's loss is the noise's third and this; no other matrix has less."""
    experiment = StreamMixing(n=3, count=8, noise=0.3)
    T, averages = near(3, 8), expected_moments(experiment)
    loss = FeaturesLoss(T, averages, 1)
    least = loss.losses(birkhoff_projection(T)[:, None], torch.empty(0))[:, 0]
    floor = structural_error(T) + 0.3**2 / 3
    torch.testing.assert_close(least, floor, rtol=1e-6, atol=1e-9)
    others = PermutationMixture(3)(3 * normal(8, 200, 6))
    assert (loss.losses(others, torch.empty(0)) >= floor[:, None] - 1e-9).all()
    assert structural_error(birkhoff_projection(T)).max() < 1e-12


def test_a_redundant_softmax_slows_rotations_down():
    """B.9: it gates gradients, and it bounds the angles: what is left is slower, and ends higher."""
    methods = (("go-mHC", Orthostochastic(4, 2)), ("with softmax", SoftmaxRotation(4, 2)))
    result = trained(StreamMixing(n=4, methods=methods, count=8, iterations=1500, **NOTEBOOK))
    plain, slowed = result.mean_losses
    assert plain[-1] < 1.05 * result.floor
    assert slowed[-1] > 2 * plain[-1]


def test_the_softmax_of_a_rotation_is_doubly_stochastic():
    projector = SoftmaxRotation(3, 2)
    assert sum_error(projector(parameters(projector, 20))) < 1e-12
    with pytest.raises(ValueError, match="rank parameter, must be a whole number from 1 to 64, not 0"):
        SoftmaxRotation(3, 0)


@pytest.mark.parametrize(
    ("sizes", "dimension"), [((2, 2), 3), ((2, 3), 9), ((3, 3), 24), ((2, 2, 2), 7), ((2, 4), 19), ((3, 4), 49)]
)
def test_no_number_of_terms_makes_kronecker_products_full(sizes, dimension):
    """H.2 says that as many terms do; all means of Kronecker products lie in a flat of prod(1 + (i - 1)^2) - 1."""
    projector = Kronecker(tuple(PermutationMixture(size) for size in sizes))
    assert affine_dimension(projector) == dimension < (projector.n - 1) ** 2
    assert affine_dimension(Mixture(projector, 12)) == dimension


@pytest.mark.parametrize(
    "projector",
    [Orthostochastic(3, 1), Orthostochastic(5, 2), PermutationMixture(4), Sinkhorn(3), IteratedOrthostochastic(4)],
    ids=str,
)
def test_other_methods_span_the_polytope(projector):
    assert affine_dimension(projector) == (projector.n - 1) ** 2
