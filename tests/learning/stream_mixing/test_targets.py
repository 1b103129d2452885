"""Targets are what their names say, and a seed's random numbers for one purpose do not depend on another's."""

from dataclasses import replace
from itertools import combinations

import pytest
import torch

from geometry.sampling import sample
from learning.seeds import stream
from learning.stream_mixing.data import data
from learning.stream_mixing.experiment import CHOICES, StreamMixing
from learning.stream_mixing.starts import initial
from learning.stream_mixing.targets import goals
from projectors import Orthostochastic, PermutationMixture, Unistochastic


@pytest.mark.parametrize("targets", CHOICES["targets"])
@pytest.mark.parametrize("n", [2, 4, 6, 8])
def test_every_target_is_doubly_stochastic(targets, n):
    T = goals(StreamMixing(n=n, targets=targets, count=20))
    assert T.shape == (20, n, n)
    assert (T >= 0).all()
    # At n = 2, Sinkhorn's iterations can be as slow as they like: one in thousands is left at 1e-10.
    assert (T.sum(-1) - 1).abs().max() < 1e-12
    assert (T.sum(-2) - 1).abs().max() < 1e-12


def test_vertex_and_edge_are_the_cycle_and_half_of_it():
    vertex, edge = (goals(StreamMixing(n=5, targets=kind, count=1))[0] for kind in ("vertex", "edge"))
    assert torch.equal(vertex.matrix_power(5), torch.eye(5, dtype=torch.float64))
    assert (vertex.diagonal() == 0).all()
    assert torch.equal(2 * edge, vertex + torch.eye(5, dtype=torch.float64))


@pytest.mark.parametrize(
    ("targets", "projector"),
    [
        ("orthostochastic", Orthostochastic(4, 2)),
        ("unistochastic", Unistochastic(4, 2)),
        ("permutations", PermutationMixture(4)),
    ],
)
def test_distributions_are_those_that_geometry_samples(targets, projector):
    T, others = goals(StreamMixing(targets=targets, count=4096)), sample(projector, 4096, "target")
    for power in (2, 3):
        mine, theirs = T[:, 0, 0] ** power, others[:, 0, 0] ** power
        assert abs(mine.mean() - theirs.mean()) < 5 * (mine.var() / 4096 + theirs.var() / 4096).sqrt()


def test_eigenvalues_fill_the_square():
    values = goals(StreamMixing(objective="eigenvalue", count=4096))
    for part in (values.real, values.imag):
        assert part.abs().max() <= 1
        assert abs(part.mean()) < 5 * (1 / 3 / 4096) ** 0.5
        assert abs(part.square().mean() - 1 / 3) < 0.03


def test_streams_differ_by_seed_purpose_and_index():
    seeds = [stream(s, p, i).initial_seed() for s in (0, 1) for p in ("targets", "noise") for i in (0, 1)]
    assert all(one != other for one, other in combinations(seeds, 2))


def test_one_change_leaves_the_other_random_numbers_alone():
    experiment = StreamMixing(count=3, samples=5)
    (x, e), *_ = data(experiment)
    (louder_x, louder_e), *_ = data(replace(experiment, noise=0.2, objective="matrix"))
    assert torch.equal(louder_x, x)
    torch.testing.assert_close(louder_e, 2 * e, rtol=1e-14, atol=0)
    (sparse_x, _), *_ = data(replace(experiment, sparsity=0.5))
    assert ((sparse_x == x) | (sparse_x == 0)).all()
    alone = replace(experiment, methods=experiment.methods[2:3])
    assert torch.equal(initial(alone)[0], initial(experiment)[2])
    assert torch.equal(goals(alone), goals(experiment))
    assert not torch.equal(goals(replace(experiment, seed=1)), goals(experiment))


def test_the_notebooks_features_are_scaled_by_the_number_of_active_ones():
    plain, sparse = (StreamMixing(n=4, count=2, samples=50, sparsity=p) for p in (0.0, 0.5))
    (x, _), *_ = data(plain)
    (scaled, _), *_ = data(replace(plain, features="notebook"))
    assert torch.equal(scaled, 4 * x)
    (some, _), *_ = data(sparse)
    (counted, _), *_ = data(replace(sparse, features="notebook"))
    assert torch.equal(counted, x * (some != 0).sum(-1, keepdim=True))


def test_data_comes_in_chunks_that_cover_all_targets(monkeypatch):
    experiment = StreamMixing(count=7, samples=10)
    (whole,) = data(experiment)
    monkeypatch.setattr("learning.stream_mixing.data.CHUNK", 80)
    parts = list(data(experiment))
    assert [len(x) for x, _ in parts] == [2, 2, 2, 1]
    assert torch.equal(torch.cat([x for x, _ in parts]), whole[0])
    assert torch.equal(torch.cat([e for _, e in parts]), whole[1])
