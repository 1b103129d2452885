"""The descent to the nearest reachable points: right slopes, rows that do not know of each other, ends at the edge."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from geometry.reach.search.descent import _gaps, approach
from geometry.regions import hypocycloid
from projectors import Kronecker, Orthostochastic, PermutationMixture, Projector, Sinkhorn, Unistochastic
from projectors.averages.identity import Identity

PROJECTORS = [
    Orthostochastic(4, 2),
    Unistochastic(3, 1),
    PermutationMixture(4),
    Sinkhorn(4, 20),
    Kronecker((PermutationMixture(2), Orthostochastic(3, 1))),
]


def drawn(projector: Projector, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Parameters and targets that nothing reaches."""
    generator = torch.Generator().manual_seed(0)
    angles = 2 * torch.pi * torch.rand(count, generator=generator, dtype=torch.float64)
    return projector.initial(count, generator=generator), torch.polar(torch.full_like(angles, 1.1), angles)


@pytest.mark.parametrize("projector", PROJECTORS, ids=str)
def test_slopes_are_those_of_differences(projector: Projector) -> None:
    theta, targets = drawn(projector, 6)
    _, slope = _gaps(projector, theta, targets)
    way = torch.randn(theta.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ahead, behind = (_gaps(projector, theta + step * way, targets)[0] for step in (1e-6, -1e-6))
    torch.testing.assert_close((slope * way).sum(-1), (ahead - behind) / 2e-6, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("projector", PROJECTORS, ids=str)
def test_each_comes_nearer_and_none_knows_of_the_others(projector: Projector) -> None:
    theta, targets = drawn(projector, 5)
    together = _gaps(projector, approach(projector, theta, targets, 20), targets)[0]
    alone = [
        _gaps(projector, approach(projector, one[None], z[None], 20), z[None])[0]
        for one, z in zip(theta, targets, strict=True)
    ]
    assert (together < _gaps(projector, theta, targets)[0]).all()
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=0)


def test_it_ends_at_the_edge_of_the_deltoid() -> None:
    """What rank 1 reaches at order 3 is known: the deltoid, and the real axis from -1 to 1, where descents may end."""
    projector, edge = Orthostochastic(3, 1), hypocycloid(3).boundary
    theta, targets = drawn(projector, 40)
    found = _gaps(projector, approach(projector, theta, targets, 200), targets)[0].numpy()
    reached = np.concatenate([edge, np.linspace(-1, 1, 2001)])
    nearest = np.abs(reached[:, None] - targets.numpy()).min(0)
    assert (found > nearest - 1e-4).all()
    assert np.mean(found < nearest + 1e-4) > 0.3


def test_parameters_that_are_not_finite_come_back() -> None:
    projector = Orthostochastic(3, 1)
    theta, targets = drawn(projector, 3)
    theta[1] = torch.nan
    found = approach(projector, theta, targets, 10)
    assert found[1].isnan().all()
    assert (
        _gaps(projector, found[[0, 2]], targets[[0, 2]])[0] < _gaps(projector, theta[[0, 2]], targets[[0, 2]])[0]
    ).all()


def test_a_method_without_parameters_stays_where_it_is() -> None:
    theta, targets = torch.zeros(3, 0, dtype=torch.float64), torch.full((3,), 0.3 + 0.4j, dtype=torch.complex128)
    assert approach(Identity(4), theta, targets, 20).shape == (3, 0)
