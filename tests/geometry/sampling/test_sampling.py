"""Sampling: a recipe is a matrix set, in batches of bounded memory, and every matrix is doubly stochastic."""

import os

import numpy as np
import pytest
import torch

from geometry.devices import WORKING_SET, batch_size, best_device, describe
from geometry.sampling import MEASURES, batch, batches, sample, sampling_seconds, target_name
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import PROJECTORS, each_projector, few, sum_error

LARGE = [PermutationMixture(7), Orthostochastic(16, 3), Kronecker((PermutationMixture(6), Orthostochastic(2)))]
each_measure = pytest.mark.parametrize("measure", MEASURES)
SLOW = Orthostochastic(16, 6)  # a batch of its matrices is small, so that many batches are quickly made


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of 7 matrices, for streams of many of them."""
    monkeypatch.setattr("geometry.sampling.batch_size", lambda projector: 7)


@each_measure
@each_projector
def test_every_measure_gives_doubly_stochastic_matrices(projector, measure):
    matrices = sample(projector, few(projector, 8), measure, seed=3)
    assert matrices.shape == (few(projector, 8), projector.n, projector.n)
    assert matrices.dtype == torch.float64
    assert (matrices >= 0).all()
    if projector.exact:
        assert sum_error(matrices) < 1e-12
    elif isinstance(projector, Sinkhorn):
        assert (matrices.sum(-2) - 1).abs().max() < 1e-12
        assert sum_error(matrices) < 1
    assert not matrices.requires_grad


@each_measure
@pytest.mark.parametrize("projector", PROJECTORS[::9], ids=str)
def test_recipe_determines_the_matrices(projector, measure):
    count = few(projector, 40)
    matrices = sample(projector, count, measure, seed=5)
    assert torch.equal(matrices, sample(projector, count, measure, seed=5))
    assert not torch.equal(matrices, sample(projector, count, measure, seed=6))
    assert len(matrices.flatten(1).unique(dim=0)) > count // 2


@each_measure
def test_batches_are_the_sample_and_can_be_resumed(measure, small_batches):
    projector = Orthostochastic(3, 2)
    stream = list(batches(projector, 30, measure, seed=1))
    assert [len(part) for part in stream] == [7, 7, 7, 7, 2]
    assert torch.equal(torch.cat(stream), sample(projector, 30, measure, seed=1))
    for start in range(6):
        resumed = list(batches(projector, 30, measure, seed=1, start=start))
        assert len(resumed) == max(0, 5 - start)
        assert all(torch.equal(one, other) for one, other in zip(resumed, stream[start:], strict=True))
    assert torch.equal(stream[3], batch(projector, 7, measure, 1, 3))


@each_measure
def test_whole_batches_do_not_depend_on_the_count(measure, small_batches):
    projector = Unistochastic(3)
    assert torch.equal(sample(projector, 21, measure)[:14], sample(projector, 14, measure))


def test_streams_of_different_seeds_and_batches_are_different(small_batches):
    """No seed's batch is another seed's: seed + index would repeat itself."""
    firsts = [part.flatten()[0].item() for seed in range(12) for part in batches(Orthostochastic(3), 84, seed=seed)]
    assert len(set(firsts)) == 12 * 12


@pytest.mark.parametrize("seed", [0, 2**31, 2**53, 2**63 - 2])
def test_neighbouring_large_seeds_are_different(seed):
    one, other = (sample(Orthostochastic(3), 2, seed=value) for value in (seed, seed + 1))
    assert not torch.equal(one, other)


@each_measure
def test_global_state_is_neither_read_nor_written(measure):
    before = torch.get_rng_state()
    sample(Mixture(Orthostochastic(3), 2), 10, measure)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("projector", [*PROJECTORS, *LARGE], ids=str)
def test_one_batch_is_small(projector):
    """All parameters and all matrices of a batch fit, and the number of matrices depends on the projector alone."""
    size = batch_size(projector)
    assert type(size) is int
    assert 1 <= size <= 8192
    assert size * 8 * max(projector.parameter_count, projector.n**2) <= WORKING_SET
    assert batch_size(projector, most=3) <= 3


def test_many_large_matrices_never_exist_at_once():
    """100,000 x 5040 parameters would be 4 GB; a batch holds less than a hundredth of that."""
    projector = PermutationMixture(7)
    assert batch_size(projector) * 5040 * 8 <= WORKING_SET < 100_000 * 5040 * 8 / 100
    first = next(batches(projector, 100_000))
    assert len(first) == batch_size(projector)
    assert batch_size(Orthostochastic(2)) > 50 * batch_size(SLOW)


def test_empty_sample():
    assert sample(Orthostochastic(3), 0).shape == (0, 3, 3)
    assert list(batches(Orthostochastic(3), 0)) == []


@pytest.mark.parametrize("value", [-1, 1.5, None, True, "3"])
def test_bad_counts_and_seeds_are_refused(value):
    with pytest.raises(ValueError, match=rf"number of matrices must be a whole number .*not {value!r}"):
        sample(Orthostochastic(3), value)
    with pytest.raises(ValueError, match=rf"seed must be a whole number .*not {value!r}"):
        sample(Orthostochastic(3), 5, seed=value)
    with pytest.raises(ValueError, match=rf"start.* must be a whole number .*not {value!r}"):
        list(batches(Orthostochastic(3), 5, start=value))


def test_bad_measures_and_huge_seeds_are_refused():
    with pytest.raises(ValueError, match="measure must be one of initial, target, edges, not 'haar'"):
        sample(Orthostochastic(3), 5, "haar")
    with pytest.raises(ValueError, match=f"not {2**63}"):
        sample(Orthostochastic(3), 5, seed=2**63)


def test_whole_numbers_of_numpy_are_welcome():
    assert torch.equal(sample(Orthostochastic(3), np.int64(3), seed=np.int64(2)), sample(Orthostochastic(3), 3, seed=2))


@pytest.mark.parametrize(
    ("projector", "name"),
    [
        (Sinkhorn(3), "uniform, balanced"),
        (PermutationMixture(3), "Dirichlet"),
        (Orthostochastic(3, 2), "Haar orthogonal"),
        (Unistochastic(3, 2), "Haar unitary"),
        (Kronecker((PermutationMixture(2),) * 3), "Dirichlet"),
        (Kronecker((Unistochastic(2), Orthostochastic(2), Unistochastic(3))), "Haar unitary and Haar orthogonal"),
        (Mixture(Kronecker((PermutationMixture(2),) * 2), 3), "Dirichlet"),
    ],
    ids=str,
)
def test_targets_have_names(projector, name):
    assert target_name(projector) == name


def test_devices_are_described():
    assert best_device().type in ("cpu", "cuda")
    assert describe(torch.device("cpu")).startswith("CPU, ")
    assert str(os.cpu_count()) in describe(torch.device("cpu"))


@each_measure
def test_more_matrices_and_larger_ones_take_longer(measure):
    for small, large in (
        (Orthostochastic(4, 2), Orthostochastic(8, 2)),
        (Orthostochastic(8, 1), Orthostochastic(8, 4)),
        (PermutationMixture(5), PermutationMixture(7)),
    ):
        seconds = [sampling_seconds(small, count, measure) for count in (1, 1000, 100_000)]
        assert 0 < seconds[0] < seconds[1] < seconds[2] < sampling_seconds(large, 100_000, measure)


def test_points_of_faces_are_drawn_without_the_parameters_of_all_permutations():
    times = {measure: sampling_seconds(PermutationMixture(8), 100_000, measure) for measure in MEASURES}
    assert times["edges"] < 0.1 * min(times["initial"], times["target"])
