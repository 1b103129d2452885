"""The points that searches start from: the nearest by brute force, of the right kind, whatever was forgotten."""

import numpy as np
import pytest
import torch

import geometry.reach.search.starts
from geometry.reach.search.starts import REAL, Starts, gathered


def some(count, generator, real):
    """Eigenvalues (count, 3): a real one and a conjugate pair, or three real ones."""
    x, y = generator.normal(size=(2, count, 3))
    y[:, 0], y[:, 2], x[:, 2] = 0, -y[:, 1], x[:, 1]
    return x + (0 if real else 1j) * y


def by_hand(values, goal, count):
    """All eigenvalues (k, 3), one goal -> distances (count,) of the nearest, real ones for real goals if any."""
    flat = values.ravel()
    like = (np.abs(flat.imag) <= REAL) == (abs(goal.imag) <= REAL)
    like = like if like.any() else np.ones(len(flat), dtype=bool)
    gaps = np.where(like, np.abs(flat - goal), np.inf)
    order = np.argsort(gaps)[:count]
    return gaps[order], order // 3


@pytest.mark.parametrize("real", [False, True])
def test_the_nearest_are_the_nearest(real):
    generator = np.random.default_rng(0)
    parts = [some(count, generator, real) for count in (20, 0, 5, 9)]
    starts = Starts(torch.arange(20.0)[:, None], parts[0])
    first = 20
    for part in parts[1:]:
        starts.remember(torch.arange(first, first + len(part), dtype=torch.float32)[:, None], part)
        first += len(part)
    goals = np.concatenate([some(4, generator, False).ravel(), [0.0, 1j]])
    gaps, owners = starts.nearest(goals, 4)
    for row, goal in enumerate(goals):
        wanted, whose = by_hand(np.concatenate(parts), goal, 4)
        np.testing.assert_allclose(gaps[row], wanted, rtol=1e-12)
        assert set(owners[row]) == set(whose)
    numbers = torch.from_numpy(owners.ravel())
    assert torch.equal(gathered(starts.parts, numbers)[:, 0], numbers.float())
    assert len(starts.values) == 3 * first


def test_too_few_are_repeated_and_none_are_far():
    one = Starts(torch.zeros(1, 1), np.array([[0.5j, -0.5j, 1.0]]))
    gaps, owners = one.nearest(np.array([0.6j, 2.0]), 5)
    np.testing.assert_allclose(gaps, [[0.1, 1.1, 1.1, 1.1, 1.1], [1.0] * 5])
    assert (owners == 0).all()
    none = Starts(torch.zeros(0, 1), np.empty((0, 3), dtype=complex))
    assert np.isinf(none.nearest(np.array([0.6j, 2.0]), 5)[0]).all()
    assert none.scattered(np.array([0.6j]), 4).shape == (1, 4)


def test_the_scattered_are_random_ones_each_farther_than_the_last():
    generator = np.random.default_rng(1)
    starts = Starts(torch.zeros(400, 1), some(400, generator, False))
    starts.remember(torch.zeros(400, 1), some(400, generator, False))
    goals = np.array([0.3 + 0.2j, -0.1 + 0j])
    owners = starts.scattered(goals, 20)
    assert owners.max() < 400
    for goal, row in zip(goals, owners, strict=True):
        values = starts.bank[0][row]
        like = (np.abs(values.imag) <= REAL) == (abs(goal.imag) <= REAL)
        gaps = np.where(like, np.abs(values - goal), np.inf)
        assert np.isfinite(gaps.min(-1)).all()
        assert len(set(row)) > 15


def test_what_was_found_first_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(geometry.reach.search.starts, "MOST_KNOWN", 40 * 8)
    starts = Starts(torch.zeros(10, 1, dtype=torch.float64), np.zeros((10, 3), dtype=complex))
    for number in range(1, 6):
        starts.remember(torch.full((12, 1), float(number), dtype=torch.float64), np.full((12, 3), number + 0j))
    assert [float(part[0, 0]) for part in starts.parts] == [0, 4, 5]
    assert set(starts.values) == {0, 4, 5}
