"""Running an experiment: snapshots are beginnings of one history, every method learns, and the paper's order holds."""

from dataclasses import replace
from functools import partial
from itertools import count, islice, pairwise

import pytest
import torch

import learning.stream_mixing as stream_mixing
from learning.stream_mixing import run, trained
from learning.stream_mixing.experiment import CHOICES, StreamMixing
from learning.stream_mixing.optimizers import EPSILON, STEEPEST
from learning.stream_mixing.starts import initial
from learning.stream_mixing.targets import goals
from projectors import (
    EuclideanProjection,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    methods,
    variants,
)
from tests.learning.stream_mixing.dataset_pass import dataset_losses

SMALL = StreamMixing(count=4, samples=20, iterations=60)
EVERY = tuple((name, each) for name, each in {**methods(4, 2), **variants(4, 2)}.items() if each.parameter_count)
"""Whatever has something to learn."""


@pytest.fixture
def no_pause(monkeypatch):
    """A snapshot after every iteration."""
    monkeypatch.setattr(stream_mixing, "PACE", 0.0)


def same(one, other):
    tensors = ("recorded", "losses", "path_iterations", "path", "matrices", "targets", "floors", "sample_floors")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in tensors)


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    first = trained(SMALL)
    assert same(first, trained(SMALL))
    assert not torch.equal(first.losses, trained(replace(SMALL, seed=1)).losses)


def test_every_snapshot_is_a_beginning_of_the_whole_run(no_pause):
    last = trained(SMALL)
    for part in run(SMALL):
        k, p = len(part.recorded), len(part.path_iterations)
        assert torch.equal(part.losses, last.losses[:, :k])
        assert torch.equal(part.recorded, last.recorded[:k])
        assert torch.equal(part.path, last.path[:, :p])
        assert part.recorded[-1] <= part.step
        assert part.finished == (part.step == 60)


def test_a_run_cancelled_early_has_what_it_had(no_pause):
    parts = list(islice(run(SMALL), 10))
    assert [part.step for part in parts] == list(range(10))
    assert not any(part.finished for part in parts)
    assert torch.equal(parts[-1].losses[:, -1], trained(replace(SMALL, iterations=9)).losses[:, -1])


def test_snapshots_come_soon_and_at_a_pace(monkeypatch):
    """By a clock that ticks 0.01 s whenever it is read, at least once a step."""
    ticks = count()
    monkeypatch.setattr("learning.stream_mixing.training.perf_counter", lambda: next(ticks) / 100)
    monkeypatch.setattr(stream_mixing, "perf_counter", lambda: next(ticks) / 100)
    steps = [part.step for part in run(replace(SMALL, iterations=1000))]
    assert steps[0] == 0
    assert all(1 <= later - earlier <= 25 for earlier, later in pairwise(steps))
    assert steps[-1] == 1000
    assert len(steps) < 200


def test_the_consumers_time_is_not_counted(no_pause, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(stream_mixing, "perf_counter", lambda: clock[0])
    monkeypatch.setattr("learning.stream_mixing.training.perf_counter", lambda: clock[0])
    for part in run(SMALL):
        assert part.seconds == 0
        clock[0] += 100


def test_gradients_are_switched_as_the_consumer_has_them():
    for _ in run(SMALL):
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("objective", CHOICES["objective"])
def test_recorded_losses_are_those_of_the_data_set(objective):
    experiment = replace(SMALL, objective=objective, projector_noise=0.02)
    result = trained(experiment)
    read_outs = torch.empty(0) if result.read_outs is None else result.read_outs.transpose(0, 1)
    exact = dataset_losses(experiment, result.matrices.transpose(0, 1), read_outs).T
    torch.testing.assert_close(result.losses[:, -1], exact, rtol=1e-10, atol=1e-14)
    if objective != "learned read-out":
        place = result.recorded.tolist().index(int(result.path_iterations[3]))
        exact = dataset_losses(experiment, result.path[:, 3].transpose(0, 1), torch.empty(0)).T
        torch.testing.assert_close(result.losses[:, place], exact, rtol=1e-10, atol=1e-14)


def test_everything_has_its_shape():
    result = trained(SMALL)
    k, p = len(result.recorded), len(result.path_iterations)
    assert result.losses.shape == (5, k, 4)
    assert result.path.shape == (5, p, 4, 4, 4)
    assert result.matrices.shape == (5, 4, 4, 4)
    assert [tuple(theta.shape) for theta in result.theta] == [(4, 24), (4, 4), (4, 6), (4, 28), (4, 66)]
    assert result.path_iterations[0] == result.recorded[0] == 0
    assert result.path_iterations[-1] == result.recorded[-1] == 60
    assert set(result.path_iterations.tolist()) <= set(result.recorded.tolist())
    assert result.progress == 1
    assert torch.equal(result.targets, goals(SMALL))
    for projector, theta, matrices, last in zip(
        dict(SMALL.methods).values(), result.theta, result.matrices, result.path[:, -1], strict=True
    ):
        torch.testing.assert_close(projector(theta), matrices, rtol=0, atol=1e-12)
        torch.testing.assert_close(last, matrices, rtol=0, atol=1e-12)


@pytest.mark.parametrize("objective", CHOICES["objective"])
def test_every_method_learns_under_every_objective(objective):
    result = trained(StreamMixing(methods=EVERY, objective=objective, count=16, rate=0.02, iterations=150, noise=0.01))
    # Where an entry of a projection is 0, it has no gradient: the Euclidean one is slower.
    wanted = torch.tensor([0.9 if isinstance(each, EuclideanProjection) else 0.8 for _, each in EVERY])
    assert (result.final_losses < wanted * result.mean_losses[:, 0]).all(), dict(
        zip(result.names, (result.final_losses / result.mean_losses[:, 0]).tolist(), strict=True)
    )
    assert (result.matrices >= -1e-12).all()


def test_gradient_descent_learns_too():
    result = trained(StreamMixing(count=8, optimizer="sgd", rate=1.0, iterations=300))
    assert (result.mean_losses.diff(dim=1) < 1e-12).all()  # at a rate below the stability limit, every step descends
    assert (result.final_losses < 0.9 * result.mean_losses[:, 0]).all()


def test_the_papers_order_of_methods():
    """Fig. 6 in short: KromHC and rank 1 stay far above the floor, rank 2 reaches it, and long before mHC-lite."""
    experiment = StreamMixing(count=16, features="notebook", parameters="notebook", iterations=2000)
    result = trained(experiment)
    final = dict(zip(result.names, result.final_losses.tolist(), strict=True))
    assert final["KromHC"] > 10 * final["go-mHC, s = 2"]
    assert final["go-mHC, s = 1"] > 3 * final["go-mHC, s = 2"]
    assert (result.final_losses[3:] <= 1.05 * result.floor).all()
    assert result.final_losses[0] > 1.05 * result.floor
    assert (result.epochs_to_convergence[3:] < 700).all()


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("projector", [Orthostochastic(3, 2), Unistochastic(3, 1)], ids=str)
def test_notebook_rotations_are_full_matrices_of_twice_the_numbers(projector, optimizer):
    """A = Theta - Theta^H for a square Theta, trained entry by entry by torch, is what the doubled rate amounts to."""
    experiment = StreamMixing(
        n=3,
        methods=(("go-mHC", projector),),
        count=2,
        parameters="notebook",
        optimizer=optimizer,
        rate=0.01,
        iterations=40,
    )
    (theta,) = initial(experiment)
    halves = torch.stack([theta, torch.zeros_like(theta)]).requires_grad_()  # A depends on the difference alone
    steppers = {"adam": partial(torch.optim.Adam, eps=EPSILON), "sgd": torch.optim.SGD}
    stepper = steppers[optimizer]([halves], lr=0.01)
    for _ in range(40):
        stepper.zero_grad()
        dataset_losses(experiment, projector(halves[0] - halves[1])[:, None], torch.empty(0)).sum().backward()
        stepper.step()
    result = trained(experiment)
    torch.testing.assert_close(result.theta[0], (halves[0] - halves[1]).detach(), rtol=1e-6, atol=1e-8)


def test_notebook_rotations_start_at_smaller_angles_and_leave_others_alone():
    one, other = (initial(StreamMixing(count=500, parameters=kind)) for kind in ("text", "notebook"))
    assert torch.equal(one[0], other[0])
    assert other[3].abs().max() < 1
    assert abs(other[3].var() - 1 / 6) < 0.01


def test_notebook_starts_have_the_means_of_uniform_numbers():
    """Unitary A = Theta - Theta^H of U + iU: imaginary parts are sums of two, or twice one, hence of mean 1."""
    unitary, linear = Unistochastic(3, 2), Sinkhorn(3, positive="abs")
    methods = (("unitary", unitary), ("linear", linear))
    first, second = initial(StreamMixing(n=3, methods=methods, count=2000, parameters="notebook"))
    A = unitary.skew(first)
    above = A[:, *torch.triu_indices(6, 6, 1)]
    assert abs(above.real.mean()) < 0.01
    assert abs(above.imag.mean() - 1) < 0.01
    assert abs(A.diagonal(dim1=-2, dim2=-1).imag.mean() - 1) < 0.02
    assert 0 < above.imag.min() < above.imag.max() < 2
    assert 0 <= second.min() < second.max() <= 1
    assert abs(second.mean() - 0.5) < 0.01
    assert abs(second.var() - 1 / 12) < 0.005


def test_losses_with_little_noise_stay_at_the_minimum_where_adam_is_stable():
    """The paper's Fig. 7, target by target; how many targets there are must not decide which of them are stable."""
    projector = Orthostochastic(3, 2)
    style = {"features": "notebook", "parameters": "notebook", "noise": 1e-4}
    experiment = StreamMixing(n=3, methods=(("go-mHC, s = 2", projector),), count=16, iterations=12_000, **style)
    result = trained(experiment)

    def loss(theta):
        return dataset_losses(experiment, projector(theta)[:, None], torch.empty(0)).sum()

    curvature = torch.autograd.functional.hessian(loss, result.theta[0])  # of targets that do not meet
    steepest = torch.linalg.eigvalsh(curvature.diagonal(dim1=0, dim2=2).movedim(-1, 0))[:, -1]
    step = 2 * experiment.rate / EPSILON  # entries above and below the diagonal both move
    stable = step * steepest < 0.9 * STEEPEST
    assert stable.sum() >= 12
    (losses,) = result.losses
    assert (losses[-1] < 1.001 * losses.amin(0))[stable].all()
    assert losses[-1, stable].mean() < 1.05 * result.floor


def test_a_start_near_a_vertex_is_near_it():
    for distance in (0.2, 1e-3):
        exact = [(name, each) for name, each in EVERY if "Iterated" not in repr(each)]  # or sums are farther off
        experiment = StreamMixing(methods=exact, count=200, start_distance=distance, iterations=1)
        away = 1 - trained(experiment).path[:, 0].diagonal(dim1=-2, dim2=-1).mean((-2, -1))
        assert ((0.5 * distance < away) & (away < 1.5 * distance)).all()


def test_memory_of_a_large_run_is_bounded(monkeypatch):
    monkeypatch.setattr("learning.stream_mixing.recorder.MOST_NUMBERS", 2000)
    result = trained(StreamMixing(n=4, count=32, methods=(("mHC-lite", PermutationMixture(4)),), iterations=500))
    assert result.losses.numel() <= 2000
    assert len(result.path_iterations) == 3


@pytest.mark.parametrize("objective", CHOICES["objective"])
def test_training_that_diverges_says_so_in_numbers(objective):
    """Parameters of any size, infinite ones too, end in a run: its losses are large or not numbers, never an error."""
    experiment = StreamMixing(methods=EVERY, objective=objective, count=2, optimizer="sgd", rate=1000.0, noise=1000.0)
    result = trained(replace(experiment, features="notebook", iterations=60))
    assert result.losses.shape[1] == len(result.recorded)
    assert (result.epochs_to_convergence <= 60).all()


def test_parameters_that_are_not_numbers_give_losses_that_are_not(monkeypatch):
    monkeypatch.setattr(
        "learning.stream_mixing.training.initial",
        lambda experiment: [start.fill_(torch.nan) for start in initial(experiment)],
    )
    for objective in CHOICES["objective"]:
        assert trained(replace(SMALL, methods=EVERY, objective=objective, iterations=3)).losses.isnan().all()
