"""Clouds in space: shadows of samples with their depths, and certified slices through whole spaces."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
import torch

import geometry.slices.space
from geometry.distances import nearest
from geometry.distances.frobenius import Matching
from geometry.sampling import MEASURES, sample
from geometry.slices import (
    CyclicPlane,
    CyclicSpace,
    DiagonalSpace,
    KleinSpace,
    Order3Space,
    PermutationView,
    space_sample,
    space_slice,
    space_slices,
)
from geometry.slices.space import STARTS, grid
from projectors import Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic

SPACES = [
    KleinSpace(),
    CyclicSpace(4),
    CyclicSpace(5),
    Order3Space(20),
    DiagonalSpace(),
    PermutationView([(0, 1, 2, 3), (1, 0, 2, 3), (1, 2, 0, 3), (3, 2, 1, 0)]),
]
each_space = pytest.mark.parametrize("view", SPACES, ids=repr)


@pytest.fixture
def coarse(monkeypatch):
    """A grid of a few dozen points."""
    monkeypatch.setattr(geometry.slices.space, "MOST_GRID", 60)


@each_space
@pytest.mark.parametrize("measure", MEASURES)
def test_a_sample_is_where_its_matrices_are_as_deep_as_their_least_entry_allows(view, measure):
    cloud = space_sample(Orthostochastic(view.n, 2), view, 300, measure, seed=3)
    matrices = torch.from_numpy(cloud.matrices)
    assert torch.equal(matrices, sample(Orthostochastic(view.n, 2), 300, measure, seed=3))
    np.testing.assert_allclose(cloud.points, view.project(matrices).numpy(), rtol=0, atol=1e-15)
    # From a facet B_ij = 0 of doubly stochastic matrices, B is B_ij n/(n - 1) away.
    least = matrices.amin((-2, -1)).clamp_min(0).numpy() * view.n / (view.n - 1)
    np.testing.assert_allclose(cloud.values, least, rtol=1e-12, atol=1e-15)
    assert cloud.finished


@each_space
def test_the_barycentre_is_deepest_and_permutations_lie_on_facets(view, monkeypatch):
    middle = torch.full((1, view.n, view.n), 1 / view.n, dtype=torch.float64)
    monkeypatch.setattr(geometry.slices.space, "sample", lambda *recipe: torch.cat([middle, view.vertices]))
    cloud = space_sample(Orthostochastic(view.n), view, 1 + len(view.vertices))
    np.testing.assert_allclose(cloud.values[0], 1 / (view.n - 1), rtol=1e-12)
    np.testing.assert_allclose(cloud.values[1:], 0, atol=1e-15)
    np.testing.assert_allclose(cloud.points[1:], view.corners, atol=1e-15)


@each_space
def test_the_grid_lies_in_the_section_has_its_corners_and_is_the_same_every_time(view):
    points = grid(view)
    assert view.holds(points, 1e-9).all()
    assert len(points) - len(view.section) <= geometry.slices.space.MOST_GRID
    np.testing.assert_array_equal(points[-len(view.section) :].numpy(), view.section)
    assert torch.equal(points, grid(eval(repr(view), dict(vars(geometry.slices)))))
    steps = torch.diff(points[: -len(view.section), 0].unique())  # a cubic grid about the origin
    torch.testing.assert_close(steps, steps[:1].expand(len(steps)), rtol=1e-9, atol=0)
    assert (points[: -len(view.section)] == 0).all(-1).any()


def test_a_finer_grid_is_taken_where_it_is_affordable(monkeypatch):
    sizes = []
    for most in (60, 300, 1200):
        monkeypatch.setattr(geometry.slices.space, "MOST_GRID", most)
        sizes.append(len(grid(KleinSpace())) - 4)
    assert all(size <= most for size, most in zip(sizes, (60, 300, 1200), strict=True))
    assert sizes[0] < sizes[1] < sizes[2]


def test_real_orthostochastic_matrices_fill_the_klein_space():
    """By quaternions, at s = 1 already [goMHC2026]."""
    cloud = space_slice(Orthostochastic(4, 1), KleinSpace())
    assert len(cloud.points) > 1000
    assert (cloud.values == 0).all()


def test_no_real_matrix_of_rank_one_is_near_the_middle_of_order_three():
    """The set stays sqrt(2)/3 from the barycentre, as there is no Hadamard matrix of order 3."""
    cloud = space_slice(Orthostochastic(3, 1), Order3Space(20))
    middle = np.flatnonzero((cloud.points == 0).all(1))
    np.testing.assert_allclose(cloud.values[middle], sqrt(2) / 3, atol=1e-6)
    assert (space_slice(Unistochastic(3, 1), Order3Space(20)).values[middle] == 0).all()  # the Fourier matrix


@each_space
@pytest.mark.parametrize("method", [Orthostochastic, Sinkhorn, PermutationMixture])
def test_permutation_matrices_belong_to_every_set_that_reaches_them(view, method, coarse):
    cloud = space_slice(method(view.n), view)
    corners = np.flatnonzero(np.isclose(np.linalg.norm(cloud.matrices, axis=(1, 2)), sqrt(view.n)))
    expected = [vertex for vertex in view.vertices if torch.allclose(view.embed(view.project(vertex)), vertex)]
    assert len(corners) == len(expected)
    # mHC's matrices have no entry of 0: they come as near as its finite parameters do
    assert (cloud.values[corners] <= (1e-2 if method is Sinkhorn else 0)).all()


@each_space
@pytest.mark.parametrize("method", [Orthostochastic, Unistochastic, PermutationMixture])
def test_the_last_cloud_says_what_nearest_says_of_its_matrices(view, method, coarse):
    *_, last = space_slices(method(view.n), view, seed=5)
    targets = torch.from_numpy(last.matrices)
    torch.testing.assert_close(view.project(targets), torch.from_numpy(last.points), rtol=0, atol=1e-9)
    found = nearest(method(view.n), targets, seed=5, starts=STARTS)
    np.testing.assert_array_equal(last.values == 0, found.member.numpy())
    away = ~found.member.numpy()
    np.testing.assert_allclose(last.values[away], found.distance.numpy()[away], rtol=1e-9)


def test_clouds_only_ever_improve_and_the_last_is_finished(monkeypatch):
    monkeypatch.setattr(Matching, "batches", lambda self, rows: rows.split(200) if len(rows) else ())
    clouds = list(space_slices(Orthostochastic(3, 1), DiagonalSpace()))
    assert len(clouds) > 5
    assert [cloud.finished for cloud in clouds] == [False] * (len(clouds) - 1) + [True]
    for one, after in pairwise(clouds):
        assert len(one.points) <= len(after.points)
        np.testing.assert_array_equal(one.points, after.points[: len(one.points)])
        assert (after.values[: len(one.values)] <= one.values + 1e-9).all()
    assert len(clouds[0].points) < len(clouds[-1].points)
    for cloud in clouds:
        assert cloud.share == pytest.approx(len(cloud.points) / len(clouds[-1].points))


def test_the_same_seed_gives_the_same_cloud(coarse):
    one, same = (space_slice(Orthostochastic(3, 1), Order3Space(20), seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.points, same.points)
    np.testing.assert_array_equal(one.values, same.values)


@pytest.mark.parametrize("projector", [Orthostochastic(4, 1), Sinkhorn(4)], ids=str)
@pytest.mark.parametrize(
    ("view", "seed", "received"),
    [
        (CyclicPlane(4), 0, "view in space of n = 4 is needed, not Z₄ plane of n = 4 in 2-D"),
        (CyclicSpace(5), 0, "view in space of n = 4 is needed, not Z₅ in space of n = 5 in 3-D"),
        (KleinSpace(), -1, "seed must be a whole number from 0 to 9223372036854775807, not -1"),
        (KleinSpace(), 0.5, "seed .* not 0.5"),
        (KleinSpace(), True, "seed .* not True"),
        (KleinSpace(), 2**63, "seed .* not 9223372036854775808"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_received(projector, view, seed, received):
    with pytest.raises(ValueError, match=received):
        next(space_slices(projector, view, seed))
    with pytest.raises(ValueError, match=received):
        space_slice(projector, view, seed)
    with pytest.raises(ValueError, match=received):
        space_sample(projector, view, 10, "initial", seed)


def test_samples_refuse_other_counts_and_measures():
    with pytest.raises(ValueError, match="not -1"):
        space_sample(Orthostochastic(4), KleinSpace(), -1)
    with pytest.raises(ValueError, match="not 'uniform'"):
        space_sample(Orthostochastic(4), KleinSpace(), 10, "uniform")
