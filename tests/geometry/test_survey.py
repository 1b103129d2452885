"""A survey is the sum over its stream: the same whatever is computed ahead, and nothing is left running."""

import threading
import time
from itertools import pairwise

import numpy as np
import pytest
import torch

import geometry.survey
from geometry.grid import density
from geometry.sampling import sample
from geometry.spectra import unordered_eigenvalues
from geometry.survey import summarize, survey
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic

PROJECTORS = [Orthostochastic(3, 2), PermutationMixture(4), Sinkhorn(5), Unistochastic(2)]
each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("geometry.sampling.batch_size", lambda projector: 50)


@pytest.mark.parametrize("measure", ["initial", "target", "edges"])
@each_projector
def test_totals_are_those_of_the_sample(projector, measure):
    *_, last = survey(projector, 330, measure, seed=2, bins=51)
    matrices = sample(projector, 330, measure, seed=2)
    values = unordered_eigenvalues(matrices)
    assert last.matrices == 330
    assert last.eigenvalues == values.numel() == 330 * (projector.n - 1)
    assert last.real == (values.imag.abs() <= 1e-12).sum()
    assert last.real_share == last.real / last.eigenvalues
    assert last.largest == pytest.approx(values.abs().max().item(), abs=1e-12)
    sums = max((matrices.sum(axis) - 1).abs().max().item() for axis in (1, 2))
    assert last.row_error == pytest.approx(sums, rel=1e-6, abs=1e-13)
    assert np.array_equal(last.density.counts, density(values, 51).counts)
    assert last.density.counts.shape == (51, 51)
    assert last.rate == pytest.approx(330 / last.seconds)


def test_surveys_accumulate():
    steps = list(survey(Orthostochastic(4), 330))
    assert [step.matrices for step in steps] == [50, 100, 150, 200, 250, 300, 330]
    for one, next_one in pairwise(steps):
        assert (one.density.counts <= next_one.density.counts).all()
        assert one.largest <= next_one.largest
        assert one.row_error <= next_one.row_error
        assert one.real <= next_one.real
        assert 0 < one.seconds <= next_one.seconds


def test_seconds_are_those_of_computing_whatever_the_caller_does_meanwhile(monkeypatch):
    """On a clock that only the work moves, by a second a batch: nothing computed while the caller is away is free."""
    clock, made, original = [0.0], [], geometry.sampling.summaries.batch

    def second(*arguments):
        clock[0] += 1
        made.append(1)
        return original(*arguments)

    monkeypatch.setattr(geometry.sampling.summaries, "AHEAD", 1)  # no two seconds are the same one
    monkeypatch.setattr(geometry.sampling.summaries, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(geometry.sampling.summaries, "batch", second)
    steps = []
    for step in survey(Orthostochastic(4), 330):
        steps.append(step)
        deadline = time.monotonic() + 20
        while len(made) < min(7, len(steps) + 1) and time.monotonic() < deadline:
            time.sleep(0.001)
    assert steps[-1].seconds == 7


@pytest.mark.parametrize("ahead", [1, 2, 7, 40])
def test_numbers_do_not_depend_on_what_is_computed_ahead(ahead, monkeypatch):
    *_, wanted = survey(Sinkhorn(4), 1020, seed=1)
    monkeypatch.setattr(geometry.sampling.summaries, "AHEAD", ahead)
    *_, found = survey(Sinkhorn(4), 1020, seed=1)
    assert np.array_equal(found.density.counts, wanted.density.counts)
    assert (found.matrices, found.real, found.largest) == (wanted.matrices, wanted.real, wanted.largest)


def test_stopping_early_leaves_no_thread_behind():
    before = set(threading.enumerate())
    for _ in range(20):
        stream = survey(Orthostochastic(4), 100_000)
        assert next(stream).matrices == 50
        stream.close()
    deadline = time.monotonic() + 20
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not set(threading.enumerate()) - before


def test_stopping_early_makes_no_further_matrices(monkeypatch):
    made, original = [], geometry.sampling.summaries.batch
    monkeypatch.setattr(geometry.sampling.summaries, "batch", lambda *arguments: made.append(1) or original(*arguments))
    stream = survey(Orthostochastic(4), 100_000)
    next(stream), next(stream)
    stream.close()
    time.sleep(0.2)
    assert 2 <= len(made) <= 2 + 2 * geometry.sampling.summaries.AHEAD


def test_errors_of_a_batch_reach_the_caller(monkeypatch):
    def broken(*arguments):
        raise FloatingPointError("a batch failed")

    monkeypatch.setattr(geometry.sampling.summaries, "batch", broken)
    with pytest.raises(FloatingPointError, match="a batch failed"):
        list(survey(Orthostochastic(4), 500))


def test_surveys_of_parts_add_up_to_the_whole():
    matrices = sample(Sinkhorn(4, 2), 100)  # rows are visibly off
    parts, whole = summarize(matrices[:30]) + summarize(matrices[30:]), summarize(matrices)
    assert np.array_equal(parts.density.counts, whole.density.counts)
    assert (parts.matrices, parts.eigenvalues, parts.real) == (whole.matrices, whole.eigenvalues, whole.real)
    assert (parts.largest, parts.row_error) == pytest.approx((whole.largest, whole.row_error), rel=1e-9)


def test_known_matrices():
    """The identity and a cycle of three: 1, 1 and a conjugate pair, all of modulus 1."""
    eye = torch.eye(3, dtype=torch.float64)
    found = summarize(torch.stack([eye, eye.roll(1, 0)]), bins=21)
    assert (found.matrices, found.eigenvalues, found.real, found.real_share) == (2, 4, 2, 0.5)
    assert found.largest == pytest.approx(1, abs=1e-12)
    assert found.row_error == 0
    crooked = eye.clone()
    crooked[0, 1] = 0.25
    assert summarize(crooked[None]).row_error == 0.25
    crooked[2, 1] = -0.5
    assert summarize(crooked[None]).row_error == 0.5


@pytest.mark.parametrize("value", [0, -1, 2.5, True, None])
def test_bad_counts_are_refused(value):
    with pytest.raises(ValueError, match=rf"number of matrices must be a whole number of at least 1, not {value!r}"):
        next(survey(Orthostochastic(3), value))


def test_other_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"measure must be one of .*not 'uniform'"):
        next(survey(Orthostochastic(3), 5, "uniform"))
    with pytest.raises(ValueError, match=r"seed must be .*not -1"):
        next(survey(Orthostochastic(3), 5, seed=-1))
    with pytest.raises(ValueError, match=r"number of bins must be odd, .*not 4"):
        next(survey(Orthostochastic(3), 5, bins=4))


@pytest.mark.parametrize("measure", ["edges", "initial", "target"])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_kronecker_products_of_2_by_2_matrices_have_real_spectra(depth, measure):
    *_, last = survey(Kronecker((PermutationMixture(2),) * depth), 2000, measure)
    assert last.real_share == 1
