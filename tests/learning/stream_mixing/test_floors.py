"""Floors: what the best matrix can reach, expected and on the sample, is what Eq. 21-24 say, and nothing is below."""

from dataclasses import replace

import pytest
import torch

from geometry.tangent import helmert
from learning.stream_mixing import trained
from learning.stream_mixing.data import data, expected_moments, moments
from learning.stream_mixing.experiment import StreamMixing
from learning.stream_mixing.floors import least_losses
from learning.stream_mixing.objectives import FeaturesLoss, ReadOutLoss
from learning.stream_mixing.starts import wanted_rows
from learning.stream_mixing.targets import goals
from projectors import Orthostochastic, methods

NOISY = StreamMixing(n=4, count=6, noise=0.3)


def floor(experiment):
    return least_losses(experiment.objective, expected_moments(experiment), wanted_rows(experiment))


@pytest.mark.parametrize("features", ["text", "notebook"])
@pytest.mark.parametrize("n", [2, 4, 16])
@pytest.mark.parametrize("eta", [1e-4, 1e-3, 0.1])
def test_it_is_the_second_moment_of_the_noise(n, eta, features):
    experiment = StreamMixing(n=n, noise=eta, count=1, features=features, sparsity=0.2)
    torch.testing.assert_close(floor(experiment).item(), eta**2 / 3, rtol=1e-9, atol=0)


def test_projector_noise_adds_its_variance_times_the_length_of_the_features():
    dense, sparse = (StreamMixing(n=6, noise=0.1, projector_noise=0.2, sparsity=p, count=1) for p in (0, 0.5))
    assert floor(dense).item() == pytest.approx(0.01 / 3 + 6 * 0.04 / 3, rel=1e-12)
    assert floor(sparse).item() == pytest.approx(0.01 / 3 + 6 * 0.04 / 6, rel=1e-12)


def test_without_data_it_is_zero():
    for objective in ("matrix", "eigenvalue"):
        assert (floor(replace(NOISY, objective=objective)) == 0).all()


def members(experiment, amount):
    """Doubly stochastic matrices (t, amount, n, n): targets, and mixtures of targets with random others."""
    projector = Orthostochastic(experiment.n, 2)
    others = projector(projector.initial(experiment.count, amount, generator=torch.Generator().manual_seed(0)))
    share = torch.linspace(0, 1, amount, dtype=torch.float64)[:, None, None]
    return (1 - share) * goals(experiment)[:, None] + share * others


def test_the_target_attains_the_expected_floor_and_no_other_matrix_is_below():
    experiment = replace(NOISY, projector_noise=0.1)
    averages, matrices = expected_moments(experiment), members(experiment, 40)
    losses = FeaturesLoss(goals(experiment), averages, 40).losses(matrices, torch.empty(0))
    torch.testing.assert_close(losses[:, 0], floor(experiment).expand(6), rtol=1e-12, atol=0)
    assert (losses[:, 1:] > losses[:, :1]).all()


def test_a_fixed_read_out_has_the_floor_of_its_own_noise():
    """The noise h e has mean eta / 2 times the sum of h and variance eta^2 / 12, as h has length 1."""
    experiment = replace(NOISY, objective="read-out")
    rows = wanted_rows(experiment)
    torch.testing.assert_close(floor(experiment), 0.09 * (1 / 12 + rows.sum(-1).square() / 4), rtol=1e-12, atol=0)
    losses = ReadOutLoss(goals(experiment), expected_moments(experiment), rows, False).losses(
        members(experiment, 40), torch.empty(0)
    )
    torch.testing.assert_close(losses[:, 0], floor(experiment), rtol=1e-12, atol=0)
    assert (losses >= losses[:, :1]).all()


def test_a_learned_read_out_makes_up_for_any_invertible_matrix():
    """... and, free to sum to anything, for most of the mean of the noise, too."""
    experiment = replace(NOISY, objective="learned read-out")
    averages, rows = expected_moments(experiment), wanted_rows(experiment)
    matrices = members(experiment, 5)
    wanted = rows[:, None] @ goals(experiment) + rows[:, None] @ averages.ex @ averages.xx.inverse()
    learned = torch.linalg.solve(matrices.mT, wanted.mT[:, None]).squeeze(-1)
    losses = ReadOutLoss(goals(experiment), averages, rows, True).losses(matrices, learned)
    torch.testing.assert_close(losses, floor(experiment)[:, None].expand_as(losses), rtol=1e-9, atol=0)
    assert (floor(experiment) < floor(replace(experiment, objective="read-out"))).all()


def test_moments_of_many_samples_tend_to_the_expected_ones():
    for features, sparsity in (("text", 0.0), ("text", 0.6), ("notebook", 0.0), ("notebook", 0.6)):
        experiment = StreamMixing(
            n=3, count=20, samples=10_000, noise=0.5, projector_noise=0.1, features=features, sparsity=sparsity
        )
        found, expected = moments(experiment), expected_moments(experiment)
        for name in ("xx", "ex", "ee"):
            averages = getattr(found, name)
            mean, error = averages.mean(0), averages.std(0) / 20**0.5
            assert ((mean - getattr(expected, name)[0]).abs() < 5 * error + 1e-15).all(), (features, sparsity, name)


@pytest.mark.parametrize("objective", ["features", "read-out", "learned read-out"])
def test_no_method_gets_below_the_sample_floor_and_the_best_get_there(objective):
    experiment = StreamMixing(
        n=3, methods=tuple(methods(3, 2).items()), count=8, samples=12, objective=objective, noise=0.3, rate=0.04
    )
    result = trained(replace(experiment, iterations=700, features="notebook"))
    exact = [place for place, (_, projector) in enumerate(experiment.methods) if projector.exact]
    assert (result.losses[exact] >= result.sample_floors * (1 - 1e-9)).all()
    assert (result.losses[-1, -1] < 1.02 * result.sample_floors).double().mean() > 0.6
    assert (result.sample_floors < result.floors).double().mean() > 0.6


def test_fewer_samples_than_streams_are_fitted_but_for_the_mean_of_each():
    """Columns of D sum to 0: whatever D is, the sum of a residual D x - e is that of -e."""
    experiment = StreamMixing(n=6, count=3, samples=5, noise=0.1)
    (_, e), *_ = data(experiment)
    found = least_losses("features", moments(experiment), torch.ones(3, 6, dtype=torch.float64))
    torch.testing.assert_close(found, e.mean(-1).square().mean(-1), rtol=1e-9, atol=0)


@pytest.mark.parametrize("sparsity", [0.0, 0.9])
@pytest.mark.parametrize("objective", ["features", "read-out", "learned read-out"])
def test_the_floor_is_that_of_least_squares_however_few_the_samples(objective, sparsity):
    """Moments of fewer samples than streams are singular, but for rounding."""
    experiment = StreamMixing(n=4, count=100, samples=3, sparsity=sparsity, noise=1.0, objective=objective)
    (x, e), *_ = data(experiment)
    rows = wanted_rows(experiment)
    e = e if objective == "features" else e @ rows[..., None]
    V = torch.eye(4).double() if objective == "learned read-out" else helmert(4)
    fitted = (x @ V) @ torch.linalg.lstsq(x @ V, e @ V if objective == "features" else e, driver="gelsd").solution
    rest = e - (fitted @ V.mT if objective == "features" else fitted)
    found = least_losses(experiment.objective, moments(experiment), rows)
    torch.testing.assert_close(found, rest.square().mean((-1, -2)), rtol=0, atol=1e-10)
