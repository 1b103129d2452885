"""Training: moments give the gradient of a pass over the data set, maps that of autograd, and the flat state is all."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

import learning.stream_mixing.batched.rotations as rotations
from learning.stream_mixing.batched import AutomaticMap, PermutationMap, RotationMap, ScalingMap
from learning.stream_mixing.experiment import CHOICES, StreamMixing
from learning.stream_mixing.training import together
from projectors import (
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    methods,
    variants,
)
from projectors.conventions import CONVENTIONS
from tests.learning.stream_mixing.dataset_pass import dataset_gradient, gradients_of, training_of


def learning(n, s, k):
    """All methods with something to learn whose sums tell eigenvalues apart from the Perron root."""
    every = {**methods(n, s), **variants(n, k)}.items()
    return [(name, each) for name, each in every if each.parameter_count and "Iterated" not in repr(each)]


EVERY_KIND = (
    *learning(4, 2, 2),
    ("go-mHC, s = 1", Orthostochastic(4, 1)),
    ("go-mHC, s = 3", Orthostochastic(4, 3)),
    ("go-mHC, s = 9", Orthostochastic(4, 9)),
    ("go-mHC, unitary, s = 1", Unistochastic(4, 1)),
    ("mHC, short", Sinkhorn(4, 2)),
    ("mHC, columns first", Sinkhorn(4, 2, convention=CONVENTIONS["mHC"])),
    ("mHC, linear, columns first", Sinkhorn(4, 2, "abs", CONVENTIONS["mHC"])),
    ("one factor", Kronecker((PermutationMixture(4),))),
    ("again", PermutationMixture(4)),
    ("fixed weights", Mixture(PermutationMixture(4), 2, (0.5, 0.5))),
)
HARD = StreamMixing(methods=EVERY_KIND, count=3, samples=30, projector_noise=0.1, sparsity=0.4, features="notebook")


def assert_same_gradient(experiment, training, tolerance=1e-13):
    losses, slopes, to_read_outs = dataset_gradient(experiment, training)
    torch.testing.assert_close(training.losses(), losses, rtol=1e-12, atol=1e-14)
    for (name, _), own, slope in zip(experiment.methods, gradients_of(training), slopes, strict=True):
        assert (own - slope).abs().max() <= tolerance * (1 + slope.abs().max()), name
    if training.learned:
        torch.testing.assert_close(training.to_read_outs, to_read_outs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("objective", CHOICES["objective"])
def test_losses_and_gradients_are_those_of_a_pass_over_the_data_set(objective):
    experiment = replace(HARD, objective=objective)
    training = training_of(experiment)
    # Not only at the start: later steps begin with the inverses of those before.
    for step in (1, 2, 20, 21):
        assert_same_gradient(experiment, training, 1e-7 if objective == "eigenvalue" else 1e-13)
        training.advance(step, float("inf"))


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_it_does_at_other_sizes(n):
    experiment = StreamMixing(n=n, methods=tuple(learning(n, 2, 3)), count=2, samples=7)
    if n == 8:
        kept = [pair for pair in experiment.methods if pair[0] != "mHC-lite"]
        experiment = replace(experiment, methods=tuple(kept))
    training = training_of(experiment)
    assert_same_gradient(experiment, training)
    training.advance(3, float("inf"))
    assert_same_gradient(experiment, training)


def test_a_jump_is_inverted_afresh():
    experiment = StreamMixing(methods=(("real", Orthostochastic(4, 2)), ("unitary", Unistochastic(4, 2))), count=4)
    training = training_of(experiment)
    for seed in range(3):
        training.flat.normal_(generator=torch.Generator().manual_seed(seed)).mul_(3)
        assert_same_gradient(experiment, training)


def test_logits_far_apart_do_not_overflow():
    experiment = StreamMixing(
        methods=(("mHC", Sinkhorn(4)), ("mHC-lite", PermutationMixture(4)), *list(methods(4).items())[2:3]), count=4
    )
    training = training_of(experiment)
    training.flat.mul_(1000)
    assert_same_gradient(experiment, training)
    assert training.losses().isfinite().all()


def test_methods_of_a_kind_share_a_map():
    kinds = {tuple(EVERY_KIND[number][0] for number in numbers): kind for kind, numbers in together(HARD)}
    assert kinds["go-mHC", "go-mHC, s = 1", "go-mHC, s = 3"] is RotationMap
    assert kinds["go-mHC, unitary", "go-mHC, unitary, s = 1"] is RotationMap
    assert kinds["mHC", "mHC, linear"] is ScalingMap
    assert kinds["mHC-lite", "again"] is PermutationMap
    assert kinds["KromHC",] is PermutationMap
    assert kinds["go-mHC, s = 9",] is AutomaticMap
    assert sorted(number for _, numbers in together(HARD) for number in numbers) == list(range(len(EVERY_KIND)))


def test_large_batches_go_through_the_projector(monkeypatch):
    small = StreamMixing(methods=(("go-mHC", Orthostochastic(4, 2)),), count=8)
    assert together(small)[0][0] is RotationMap
    monkeypatch.setattr(rotations, "MOST_ENTRIES", 500)
    assert together(small)[0][0] is AutomaticMap


def test_matrices_stay_doubly_stochastic_over_many_steps():
    """Each inverse starts from the one before: rounding must not pile up."""
    training = training_of(StreamMixing(count=8, rate=0.01))
    for earlier, later in pairwise(range(0, 2001, 200)):
        training.advance(later, float("inf"))
        training.losses()
        assert (training.matrices.sum(-1) - 1).abs().max() < 1e-12, earlier
        assert (training.matrices.sum(-2) - 1).abs().max() < 1e-12, earlier


def test_a_deadline_stops_training_after_at_least_a_step():
    training = training_of(StreamMixing(count=2))
    training.advance(100, 0.0)
    assert training.step == 1
    training.advance(100, float("inf"))
    assert training.step == 100
