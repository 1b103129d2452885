"""Nearest matrices: known distances, members of known sets, what leaves distances alone, and what must always hold."""

from itertools import pairwise, product
from math import pi, sqrt

import numpy as np
import pytest
import torch

import geometry.distances.frobenius
from geometry.distances import nearest
from geometry.distances.frobenius import Matching
from geometry.sampling import sample
from geometry.slices import KleinSpace, cyclic_view
from geometry.spaces import space_of
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import normal, permutation_matrix, permutations_of, seeded

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
MIXED = [
    Orthostochastic(4, 2),
    Unistochastic(3, 2),
    Sinkhorn(4),
    PermutationMixture(4),
    Kronecker((PermutationMixture(2), PermutationMixture(2))),
    Kronecker((Orthostochastic(2, 2), PermutationMixture(2))),
    Kronecker((Sinkhorn(2, 3), Orthostochastic(2))),
    Mixture(Orthostochastic(3, 1), 2),
    Mixture(Orthostochastic(3, 1), 2, weights=(0.25, 0.75)),
]
each_mixed = pytest.mark.parametrize("projector", MIXED, ids=str)


def barycentre(n):
    return torch.full((1, n, n), 1 / n, dtype=torch.float64)


def balanced(n, count, seed=0):
    """Uniform entries, balanced until sums are 1 up to rounding."""
    return sample(Sinkhorn(n, 300), count, "target", seed)


def uniform_b3(count, seed=0):
    """Doubly stochastic (about count/8, 3, 3), uniform: a minor from the unit cube, an eighth of which are accepted."""
    minor = torch.rand(count, 2, 2, generator=seeded(seed), dtype=torch.float64)
    rows = torch.cat([minor, 1 - minor.sum(-1, keepdim=True)], -1)
    whole = torch.cat([rows, 1 - rows.sum(-2, keepdim=True)], -2)
    return whole[whole.amin((-2, -1)) >= 0]


def dirichlet(*shape, seed=0):
    draws = -torch.rand(shape, generator=seeded(seed), dtype=torch.float64).log()
    return draws / draws.sum(-1, keepdim=True)


def excess(matrices):
    """3 x 3 -> by how much the largest link of two rows' chain exceeds the others; unistochastic where <= 0."""
    roots = matrices.clamp_min(0).sqrt()
    links = torch.stack([roots[..., i, :] * roots[..., j, :] for i, j in ((0, 1), (0, 2), (1, 2))], -2)
    return (2 * links.amax(-1) - links.sum(-1)).amax(-1)


# Distances that theory or other people's searches know.


TABLE = {
    1: [0, 0.1382, 0.1817, 0.2120, 0.2357],
    2: [0, 0.1060, 0.1179, 0.1060, 0],
    3: [0, 0.0786, 0.0606, 0, 0.0786],
}


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize("s", TABLE)
def test_an_edge_of_a_three_cycle_is_reached_at_multiples_of_one_over_s(kind, s):
    """Distances of (1-t) I + t P from O_{3,s}, t = 0, 1/6, 1/4, 1/3, 1/2 (math.md section 3)."""
    t = torch.tensor([0, 1 / 6, 1 / 4, 1 / 3, 1 / 2], dtype=torch.float64)[:, None, None]
    edge = (1 - t) * torch.eye(3) + t * permutation_matrix((1, 2, 0))
    found = nearest(kind(3, s), edge)
    np.testing.assert_allclose(found.distance.numpy(), TABLE[s], atol=6e-5)
    np.testing.assert_array_equal(found.member.numpy(), [distance == 0 for distance in TABLE[s]])


@pytest.mark.parametrize("s", [1, 2, 3, 4, 5])
def test_gaps_in_the_middle_of_intervals_shrink_like_one_over_s(s):
    """sqrt(2)/(6s), at t = (k + 1/2)/s."""
    t = ((torch.arange(s) + 0.5) / s).double()[:, None, None]
    edge = (1 - t) * torch.eye(3) + t * permutation_matrix((1, 2, 0))
    np.testing.assert_allclose(nearest(Orthostochastic(3, s), edge).distance, sqrt(2) / (6 * s), rtol=1e-6)


@pytest.mark.parametrize(("n", "cycle", "s"), [(4, 4, 2), (4, 3, 2), (5, 5, 1), (5, 4, 3), (4, 4, 3)])
def test_longer_cycles_keep_the_edge_rule(n, cycle, s):
    P = permutation_matrix([*range(1, cycle), 0, *range(cycle, n)])
    whole = (torch.arange(s + 1) / s).double()[:, None, None]
    between = ((torch.arange(s) + 0.37) / s).double()[:, None, None]
    for t, reached in ((whole, True), (between, False)):
        found = nearest(Orthostochastic(n, s), (1 - t) * torch.eye(n) + t * P, starts=12)
        assert (found.member == reached).all()
        assert reached or (found.distance > 0.01).all()


@pytest.mark.parametrize("n", [2, 3, 5])
def test_transpositions_are_reached_all_along_their_edge(n):
    t = torch.linspace(0, 1, 9, dtype=torch.float64)[:, None, None]
    P = permutation_matrix([1, 0, *range(2, n)])
    assert nearest(Orthostochastic(n, 1), (1 - t) * torch.eye(n) + t * P).member.all()


@pytest.mark.parametrize(("n", "distance"), [(2, 0), (3, sqrt(2) / 3), (4, 0), (5, 0.4), (6, 0.447214), (8, 0)])
def test_the_barycentre_is_reached_at_rank_one_where_there_is_a_hadamard_matrix(n, distance):
    """Others' searches found .4000 and .447214; at n = 3, the flip about (1, 1, 1) is nearest."""
    assert float(nearest(Orthostochastic(n), barycentre(n), starts=24).distance) == pytest.approx(distance, abs=1e-5)


@pytest.mark.parametrize(("n", "s"), [(3, 2), (5, 2), (6, 2), (7, 2), (3, 4), (3, 3), (5, 3)])
def test_the_barycentre_is_reached_at_even_ranks_and_some_odd_ones(n, s):
    """Even: U_{n,1} in O_{n,2}, and Fourier matrices. s = n: the swap. (5, 3) others have found, too."""
    assert nearest(Orthostochastic(n, s), barycentre(n)).member.all()
    assert nearest(Unistochastic(n), barycentre(n), starts=24).member.all()


@pytest.mark.parametrize("s", [1, 2, 3])
def test_permutations_are_members(s):
    for n in (2, 3, 4):
        everything = torch.stack([permutation_matrix(order) for order in permutations_of(n)])
        assert nearest(Orthostochastic(n, s), everything).member.all()


def test_half_a_cycle_is_reached_at_rank_two_and_not_at_rank_three():
    """Sets are not nested in s: (I + P)/2 (math.md section 3)."""
    half = (0.5 * torch.eye(3) + 0.5 * permutation_matrix((1, 2, 0)))[None]
    assert nearest(Orthostochastic(3, 2), half).member
    assert float(nearest(Orthostochastic(3, 3), half).distance) == pytest.approx(sqrt(2) / 18, rel=1e-6)


def test_the_klein_simplex_is_reached_at_rank_one():
    """Left multiplication by a quaternion: inside, on faces, on edges."""
    group = torch.stack([permutation_matrix(order) for order in KleinSpace.permutations])
    weights = dirichlet(60, 4)
    weights[20:40, 0] = 0
    weights[40:, :2] = 0
    mixtures = torch.einsum("bk,kij->bij", weights / weights.sum(1, keepdim=True), group)
    assert nearest(Orthostochastic(4, 1), mixtures, starts=16).member.all()


def test_the_simplex_of_the_cyclic_group_of_four_is_not():
    """Its barycentre J/4 is, but not its edges' middles: (I + P)/2 with P a 4-cycle."""
    half = (torch.eye(4) + permutation_matrix((1, 2, 3, 0)))[None].double() / 2
    assert not nearest(Orthostochastic(4, 1), half).member
    assert nearest(Orthostochastic(4, 2), half).member


@pytest.mark.parametrize("seed", [0, 2])
def test_members_with_zeros_are_found_with_patience(seed):
    """On a face of the polytope a whole block vanishes, to second order; at n = 4, the cyclic plane ends at 1/2."""
    points = torch.tensor([[0.5, y] for y in (0, 0.1, 0.2, 0.3, 0.4, 0.5)], dtype=torch.float64)
    targets = cyclic_view(4).embed(points)
    assert targets.amin((-2, -1)).abs().max() < 1e-12
    assert nearest(Orthostochastic(4, 2), targets, seed).member.all()


# Inclusions, through matrices of the smaller set.


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (Orthostochastic(3, 1), Orthostochastic(3, 2)),
        (Orthostochastic(3, 1), Orthostochastic(3, 3)),
        (Orthostochastic(3, 2), Orthostochastic(3, 4)),
        (Orthostochastic(4, 1), Orthostochastic(4, 2)),
        (Orthostochastic(3, 1), Unistochastic(3, 1)),
        (Unistochastic(4, 1), Orthostochastic(4, 2)),
        (Unistochastic(3, 2), Orthostochastic(3, 4)),
        (Kronecker((PermutationMixture(2), PermutationMixture(2))), Orthostochastic(4, 1)),
        (Kronecker((Orthostochastic(2, 1), Orthostochastic(2, 1))), Orthostochastic(4, 1)),
        (Orthostochastic(3, 2), PermutationMixture(3)),
        (Unistochastic(4, 1), Sinkhorn(4)),
    ],
    ids=str,
)
@pytest.mark.parametrize("measure", ["initial", "target"])
def test_what_a_smaller_set_reaches_a_larger_one_reaches(inner, outer, measure):
    assert nearest(outer, sample(inner, 30, measure, seed=5), starts=16).member.all()


@each_mixed
def test_what_a_method_makes_it_finds_again(projector):
    made = projector(space_of(projector).settled(projector.initial(12, generator=seeded(3))))
    found = nearest(projector, made, starts=12)
    assert found.member.float().mean() > 0.9
    assert found.distance.max() < 0.05


@pytest.mark.parametrize(("n", "least"), [(3, 1), (4, 0.95), (5, 0.9)])
def test_haar_samples_of_rank_one_are_found_again(n, least):
    """The hardest case: at n = 5, one start in two ends in another minimum."""
    assert nearest(Orthostochastic(n), sample(Orthostochastic(n), 60, "target")).member.double().mean() >= least


# Shares of the polytope.


def test_the_unistochastic_share_of_uniform_matrices_is_eight_pi_squared_over_105():
    """And matrix for matrix, members are those that pass the chain-link test."""
    matrices = uniform_b3(16_000)
    found = nearest(Unistochastic(3, 1), matrices, starts=2)
    share, count = float(found.member.double().mean()), len(matrices)
    assert share == pytest.approx(8 * pi**2 / 105, abs=4 * sqrt(0.25 * 0.75 / count))
    beyond = excess(matrices)
    assert found.member[beyond < -1e-6].all()
    assert not found.member[beyond > 1e-4].any()


def test_rank_one_is_the_surface_of_the_unistochastic_set():
    """Real matrices of order 3 satisfy a chain link with equality, and hardly any other matrix is reached."""
    assert excess(sample(Orthostochastic(3), 500, "target")).abs().max() < 1e-7
    assert not nearest(Orthostochastic(3), uniform_b3(800), starts=1).member.any()


@pytest.mark.parametrize(("s", "least"), [(2, 0.96), (3, 0.98)])
def test_higher_ranks_reach_nearly_all_of_order_three(s, least):
    """Lower bounds that an optimiser found before, within 1e-3 (math.md section 5)."""
    found = nearest(Orthostochastic(3, s), uniform_b3(4000, seed=1))
    assert (found.distance < 1e-3).double().mean() > least - 0.025
    assert found.distance.max() < 0.06


# What leaves distances alone.


@pytest.mark.parametrize("projector", [Orthostochastic(3, 1), Orthostochastic(3, 2), Orthostochastic(4, 1)], ids=str)
def test_distances_do_not_depend_on_the_order_of_streams_or_on_their_direction(projector):
    n = projector.n
    targets = torch.einsum(
        "bk,kij->bij",
        dirichlet(10, 4, seed=7),
        torch.stack([torch.eye(n)[torch.randperm(n, generator=seeded(k))] for k in range(4)]).double(),
    )
    whole = nearest(projector, targets, starts=24).distance
    order = torch.randperm(n, generator=seeded(9))
    for image in (targets[:, order], targets[:, :, order], targets.mT):
        torch.testing.assert_close(nearest(projector, image, starts=24).distance, whole, rtol=0, atol=1e-4)


# What must hold for whatever is found.


@pytest.mark.parametrize("device", DEVICES)
@each_mixed
def test_matrix_and_distance_are_what_theta_gives(projector, device):
    targets = balanced(projector.n, 15)
    found = nearest(projector, targets, starts=2, device=device)
    assert found.theta.device.type == found.distance.device.type == device
    assert found.theta.shape == (15, projector.parameter_count)
    assert found.theta.dtype == found.matrix.dtype == torch.float64
    matrices = projector(found.theta).cpu()
    torch.testing.assert_close(found.matrix.cpu(), matrices, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.targets.cpu(), targets, rtol=0, atol=0)
    distances = (matrices - targets).flatten(1).square().sum(1).sqrt()
    torch.testing.assert_close(found.distance.cpu(), distances, rtol=0, atol=1e-12)
    assert torch.equal(found.member, found.distance <= 1e-6)
    for axis in (-1, -2):
        assert (matrices.sum(axis) - 1).abs().max() < 1e-6


@each_mixed
def test_more_starts_are_never_worse(projector):
    targets = balanced(projector.n, 5, seed=2)
    distances = [nearest(projector, targets, starts=starts).distance for starts in (1, 2, 4)]
    for fewer, more in pairwise(distances):
        assert (more <= fewer + 1e-6).all()


@each_mixed
def test_the_same_seed_gives_the_same_answer(projector):
    targets = balanced(projector.n, 3)
    one, same = (nearest(projector, targets, seed=4, starts=2) for _ in range(2))
    assert torch.equal(one.theta, same.theta)


@pytest.mark.parametrize("projector", [Orthostochastic(3, 1), Orthostochastic(4, 1), Unistochastic(3)], ids=str)
def test_no_small_turn_comes_nearer(projector):
    """What is found is a local minimum: not even a step of the search's own kind helps."""
    targets = balanced(projector.n, 20)
    found = nearest(projector, targets)
    for seed, size in product(range(5), (1e-3, 1e-2)):
        moved = projector(found.theta + size * normal(*found.theta.shape, seed=seed))
        assert (torch.linalg.matrix_norm(moved - targets) >= found.distance - 1e-7).all()


@each_mixed
def test_nothing_is_asked_nothing_is_found(projector):
    found = nearest(projector, torch.empty(0, projector.n, projector.n))
    assert found.theta.shape == (0, projector.parameter_count)
    assert found.matrix.shape == (0, projector.n, projector.n)
    assert found.distance.shape == found.member.shape == (0,)


def test_targets_of_single_precision_and_with_gradients_are_taken_as_numbers():
    targets = sample(Orthostochastic(3, 2), 5).float().requires_grad_()
    found = nearest(Orthostochastic(3, 2), targets)
    assert found.member.all()
    assert not found.distance.requires_grad
    assert found.targets.dtype == torch.float64


def test_targets_that_are_off_by_rounding_are_approached_as_far_as_possible():
    """Sums wrong by 1e-7: the nearest doubly stochastic matrix is found, and counts as a member."""
    targets = sample(Orthostochastic(4, 2), 5)
    targets[:, 0, 0] += 1e-7
    found = nearest(Orthostochastic(4, 2), targets)
    assert found.member.all()
    assert found.distance.min() > 1e-9


def test_matrices_of_many_weights_are_made_in_parts(monkeypatch):
    """mHC-lite at n = 8 has 40,320 weights a matrix, and its softmax as many again."""
    made, original = [], PermutationMixture.matrices
    monkeypatch.setattr(
        PermutationMixture, "matrices", lambda self, theta: made.append(len(theta)) or original(self, theta)
    )
    assert nearest(PermutationMixture(8), sample(Orthostochastic(8, 1), 120)).member.all()
    assert sum(made) == 120
    assert max(made) * 40_320 * 8 < 32 * 2**20


def test_many_targets_are_taken_in_batches_of_bounded_memory():
    matching = Matching(Orthostochastic(8, 2), balanced(8, 500), seed=0)
    parts = matching.batches(torch.arange(500))
    assert torch.equal(torch.cat(parts), torch.arange(500))
    assert max(map(len, parts)) * 8**2 * 16**2 * 8 <= geometry.distances.frobenius.DIRECTIONS
    assert matching.batches(torch.arange(0)) == ()


@pytest.mark.parametrize(
    ("targets", "received"),
    [
        (torch.eye(3), r"shape \(m, 3, 3\), not \(3, 3\)"),
        (torch.eye(4)[None], r"not torch.float32 of shape \(1, 4, 4\)"),
        (torch.eye(3, dtype=torch.long)[None], "not torch.int64"),
        (torch.full((1, 2, 3), 1 / 3), r"not torch.float32 of shape \(1, 2, 3\)"),
        (torch.eye(3)[None] * torch.nan, r"entry \(0, 0\) of matrix 0 is nan"),
        (torch.eye(3)[None] * 1.1, "row 0 of matrix 0 sums to 1.1"),
        (torch.tensor([[[1.5, -0.5, 0], [-0.5, 1.5, 0], [0, 0, 1]]]), r"entry \(0, 1\) of matrix 0 is -0.5"),
        (torch.tensor([[[1.0, 0, 0], [1, 0, 0], [0, 0, 1]]]), "column 0 of matrix 0 sums to 2"),
    ],
)
@pytest.mark.parametrize("projector", [Orthostochastic(3), Sinkhorn(3), PermutationMixture(3)], ids=str)
def test_bad_targets_are_refused_with_what_was_received(projector, targets, received):
    with pytest.raises(ValueError, match=received):
        nearest(projector, targets)


def test_bad_numbers_are_refused_with_what_was_received():
    for starts in (0, -1, 1.5):
        with pytest.raises(ValueError, match=f"number of starts .* not {starts}"):
            nearest(Orthostochastic(3), barycentre(3), starts=starts)
    with pytest.raises(ValueError, match=r"seed .* not -1"):
        nearest(Orthostochastic(3), barycentre(3), seed=-1)
