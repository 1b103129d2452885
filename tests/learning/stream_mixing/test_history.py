"""Convergence on curves whose answer is known, and how a run sums itself up."""

from dataclasses import replace
from itertools import pairwise

import torch

from learning.stream_mixing import trained
from learning.stream_mixing.experiment import StreamMixing
from learning.stream_mixing.history import Run, epochs_to_convergence
from learning.stream_mixing.recorder import log_spaced


def test_exponential_decay_converges_where_its_excess_is_five_percent():
    iterations = torch.arange(10_001)
    for rate, floor in ((0.01, 1.0), (0.003, 0.5)):
        losses = floor + torch.exp(-rate * iterations.double())
        expected = -torch.log(torch.tensor(0.05 * floor)) / rate
        assert 0 <= epochs_to_convergence(iterations, losses) - expected < 1


def test_it_works_on_many_curves_and_any_tolerance():
    iterations = torch.tensor([0, 1, 10, 100, 1000])
    losses = torch.tensor([[5.0, 4, 3, 2, 1], [1, 1, 1, 1, 1], [9, 1.04, 3, 1.2, 1], [5, 0.5, 0.9, 0.9, 1]])
    assert epochs_to_convergence(iterations, losses).tolist() == [955, 0, 1, 1]
    assert epochs_to_convergence(iterations, losses, tolerance=2).tolist() == [10, 0, 1, 1]


def test_points_in_equal_ratios_tell_it_to_a_percent():
    every = torch.arange(10_001)
    some = log_spaced(10_000, 240)
    for rate in (0.02, 0.004, 0.001):
        losses = 0.1 + torch.exp(-rate * every.double())
        exact = epochs_to_convergence(every, losses)
        assert abs(epochs_to_convergence(some, losses[some]) - exact) <= 0.01 * exact


def test_what_is_not_a_number_has_converged_at_the_end():
    assert epochs_to_convergence(torch.tensor([0, 1, 2]), torch.tensor([1.0, torch.nan, torch.nan])) == 2


def made_up(losses, floors):
    """A run with these losses (M, k, t) and floors (t,)."""
    result = trained(StreamMixing(n=2, count=1, iterations=1))
    return replace(result, losses=losses, floors=floors, recorded=torch.arange(losses.shape[1]))


def test_a_run_averages_over_targets():
    losses = torch.tensor([[[4.0, 8.0], [1.0, 3.0]], [[4.0, 8.0], [1.0, 1.0]]])
    result = made_up(losses, torch.tensor([0.5, 1.5]))
    assert isinstance(result, Run)
    assert result.mean_losses.tolist() == [[6.0, 2.0], [6.0, 1.0]]
    assert result.final_losses.tolist() == [2.0, 1.0]
    assert result.floor == 1.0
    assert result.epochs_to_convergence.tolist() == [1, 1]


def test_what_falls_to_the_end_has_not_converged():
    """The last tenth is too late, a run that was cancelled has no end, and its own length is what counts."""
    early = torch.tensor([3.0, 2.0, 1.0, *[1.0] * 18])
    late = torch.linspace(21, 1, 21)
    result = made_up(torch.stack([early, late])[..., None], torch.tensor([1.0]))
    result = replace(result, experiment=replace(result.experiment, iterations=20))
    assert result.epochs_to_convergence.tolist() == [2, 20]
    assert [result.converged(method) for method in (0, 1)] == [2, None]
    assert replace(result, finished=False).converged(0) is None
    longer = replace(result, experiment=replace(result.experiment, iterations=23))
    assert [longer.converged(method) for method in (0, 1)] == [2, 20]


def test_a_crossing_at_a_recorded_iteration_is_that_iteration():
    """Also where rounding puts it a little later: 0.1 + 0.2 is more than 0.3."""
    losses = torch.tensor([2.0, 1.05 * (0.1 + 0.2) / 0.3, 1.0], dtype=torch.float64)
    assert losses[1] > 1.05
    assert epochs_to_convergence(torch.tensor([0, 7, 1000]), losses) == 7


def test_log_spaced_points_have_both_ends_and_no_large_gaps():
    for iterations in (1, 2, 3, 10, 999, 10_000, 200_000):
        points = log_spaced(iterations, 240).tolist()
        assert points[:2] == [0, 1]
        assert points[-1] == iterations
        assert points == sorted(set(points))
        assert len(points) <= 240
        assert all(later <= 1.06 * earlier + 1 for earlier, later in pairwise(points[1:]))
