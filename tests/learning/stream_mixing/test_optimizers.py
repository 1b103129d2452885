"""Our optimizers are torch's, parameter for parameter, also with several learning rates."""

import pytest
import torch

from learning.stream_mixing.optimizers import STEEPEST, Adam, Descent, merged

RATES = [(5, 0.01), (0, 3.0), (4, 0.01), (6, 0.5)]


@pytest.mark.parametrize("epsilon", [1e-8, 1e-4, None])
def test_every_step_is_that_of_torch(epsilon):
    """Adam's with either epsilon, and plain descent's."""
    generator = torch.Generator().manual_seed(0)
    theta = torch.randn(15, generator=generator, dtype=torch.float64)
    parts = [part.clone().requires_grad_() for part in theta.split([length for length, _ in RATES])]
    groups = [{"params": [part], "lr": rate} for part, (_, rate) in zip(parts, RATES, strict=True)]
    if epsilon is None:
        reference, own = torch.optim.SGD(groups), Descent(theta, RATES)
    else:
        reference, own = torch.optim.Adam(groups, eps=epsilon), Adam(theta, RATES, epsilon)
    for step in range(300):
        # Sizes over many orders of magnitude, and parameters whose gradient vanishes for a while.
        gradient = torch.randn(15, generator=generator, dtype=torch.float64) * 10.0 ** (-step / 30)
        gradient[: 3 * (step % 2)] = 0
        for part, slope in zip(parts, gradient.split([length for length, _ in RATES]), strict=True):
            part.grad = slope.clone()
        reference.step()
        own.step(gradient)
        torch.testing.assert_close(theta, torch.cat(parts).detach(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("share", [0.5, 0.9, 1.25, 2.0])
def test_adam_stays_at_a_minimum_up_to_the_steepest_curvature(share):
    """The threshold of 38 [Cohen2022]: below it theta vanishes for good, above it theta jumps off again and again."""
    rate, epsilon = 1e-3, 1e-4
    theta = torch.tensor([0.1, 0.01], dtype=torch.float64)
    adam = Adam(theta, [(2, rate)], epsilon)
    farthest = torch.zeros(2, dtype=torch.float64)
    for step in range(20_000):
        adam.step(share * STEEPEST * epsilon / rate * theta)
        if step >= 10_000:
            farthest = torch.maximum(farthest, theta.abs())
    assert ((farthest < 1e-50) if share < 1 else (farthest > 1e-5)).all(), farthest


def test_neighbours_of_equal_rate_are_one_part():
    assert merged([(2, 0.1), (3, 0.1), (4, 0.2), (1, 0.1)]) == ([5, 4, 1], [0.1, 0.2, 0.1])
