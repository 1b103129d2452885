"""Smaller matrices inside larger ones: what the one reaches, the other does, with parameters that say so."""

import numpy as np
import pytest
import torch

from geometry.reach import reach_map, reach_maps
from geometry.reach.search.hunt import Hunt
from geometry.reach.search.orders import ladder, lifted
from geometry.reach.search.witnesses import Witnesses
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic

LARGE = [
    Orthostochastic(9, 2),
    Orthostochastic(5, 6),
    Unistochastic(5, 2),
    Mixture(Orthostochastic(6, 2), 3),
    Mixture(Unistochastic(5), 2, (0.25, 0.75)),
]


@pytest.mark.parametrize("large", LARGE, ids=str)
def test_a_smaller_matrix_stands_in_the_larger_one_beside_streams_left_alone(large):
    generator = torch.Generator().manual_seed(0)
    steps = list(ladder(large))
    assert steps
    for small in steps:
        assert small.n <= large.n
        theta = small.initial(7, generator=generator)
        matrix, m = large(lifted(small, theta, large)), small.n
        torch.testing.assert_close(matrix[:, :m, :m], small(theta), rtol=0, atol=1e-14)
        alone = torch.eye(large.n - m, dtype=torch.float64).expand(7, -1, -1)
        torch.testing.assert_close(matrix[:, m:, m:], alone, rtol=0, atol=1e-14)
        assert matrix[:, :m, m:].abs().sum() + matrix[:, m:, :m].abs().sum() < 1e-13


def test_ladders_climb():
    assert [(step.n, step.s) for step in ladder(Orthostochastic(9, 2))] == [(4, 1), (4, 2), (8, 1), (8, 2), (9, 1)]
    assert [(step.n, step.s) for step in ladder(Orthostochastic(3, 6))] == [(3, 1), (3, 2), (3, 3)]
    assert not list(ladder(Orthostochastic(4)))
    for without in (Sinkhorn(8), PermutationMixture(5), Kronecker((PermutationMixture(2), PermutationMixture(3)))):
        assert not list(ladder(without))


def test_what_few_streams_reach_many_do():
    """Cell by cell, but for a few that a search misses: the larger map begins with what the smaller one knows."""
    smaller, larger = (reach_map(Orthostochastic(n), 51) for n in (4, 12))
    assert (smaller.reached & ~larger.reached).sum() <= 0.005 * smaller.reached.sum()
    assert larger.reached.sum() > 1.5 * smaller.reached.sum()


def test_witnesses_of_large_matrices_are_small():
    reach = reach_map(Orthostochastic(24), 41)
    assert reach.has_witnesses
    assert reach.witnesses.nbytes < reach.theta.nbytes / 2
    z, half = reach.plane, reach.cell / 2 + 1e-9
    for row, column in np.argwhere(reach.touched)[::7]:
        values = np.linalg.eigvals(reach.matrix(z[row, column]).numpy())
        if reach.reached[row, column]:
            assert np.abs(values - z[row, column]).min() < 1e-6
        gaps = values - z[row, column]
        assert ((np.abs(gaps.real) <= half) & (np.abs(gaps.imag) <= half)).any()


def test_witnesses_keep_the_last_word_on_every_target():
    large, small = Orthostochastic(6), Orthostochastic(4)
    kept, generator = Witnesses(large, 5), torch.Generator().manual_seed(0)
    assert (kept.of(torch.arange(5)) == 0).all()
    wanted = torch.zeros(5, large.parameter_count, dtype=torch.float64)
    for round_number in range(9):  # far more than there are targets: what is outdated must go
        for projector, rows in ((large, [0, 2]), (small, [2, 3]), (large, [round_number % 5]), (small, [])):
            theta = projector.initial(len(rows), generator=generator)
            kept.put(torch.tensor(rows, dtype=torch.long), theta, projector)
            wanted[rows] = lifted(projector, theta, large)
        assert torch.equal(kept.of(torch.arange(5)), wanted)
        assert kept.nbytes <= (2 * 5 + 2) * 8 * large.parameter_count
    few = kept.chosen(np.array([3, 0, 3]))
    assert torch.equal(few.of(torch.arange(3)), wanted[[3, 0, 3]])
    assert len(few) == 3
    kept.put(torch.tensor([3]), torch.ones(1, large.parameter_count, dtype=torch.float64))
    assert torch.equal(few.of(torch.arange(3)), wanted[[3, 0, 3]])


def test_a_map_grows_on_every_rung(monkeypatch):
    """Whoever watches a large map sees cells after every batch, long before the last and largest matrices are tried."""
    monkeypatch.setattr(Hunt, "_batch", lambda self: 200)
    counts = [int(part.reached.sum()) for part in reach_maps(Orthostochastic(9), 41)]
    assert counts == sorted(counts)
    half = next(number for number, count in enumerate(counts) if count > counts[-1] / 2)
    assert 1 < half < len(counts) / 2
    assert counts[half] < counts[-1]
