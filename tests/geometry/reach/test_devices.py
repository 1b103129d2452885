"""The search runs on every device that this machine has, and keeps its word there."""

import numpy as np
import pytest
import torch

from geometry.devices import best_device
from geometry.reach import reach_map, solve
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
PROJECTORS = [
    Orthostochastic(4, 2),
    Unistochastic(3),
    Sinkhorn(4),
    PermutationMixture(4),
    Kronecker((PermutationMixture(3), PermutationMixture(2))),
]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("projector", PROJECTORS, ids=str)
def test_solutions_hold_wherever_they_were_found(projector, device):
    targets = np.array([0.1 + 0.2j, -0.2 + 0.15j, 0.3])
    found = solve(projector, targets, device=device)
    assert found.solved.all()
    for matrix, target in zip(found.matrix.cpu().numpy(), targets, strict=True):
        assert np.abs(np.linalg.eigvals(matrix) - target).min() <= 2e-8


@pytest.mark.parametrize("device", DEVICES)
def test_maps_hold_wherever_they_were_made(device):
    assert reach_map(Orthostochastic(3, 1), 31, device=device).reached.sum() >= 150


def test_the_best_device_is_one_of_them():
    assert best_device().type in DEVICES
