"""How far some matrices are from the reach: least squares from many starts through the projector itself."""

from math import cos, pi, sqrt

import pytest
import torch

from projectors import Orthostochastic, PermutationMixture, Unistochastic
from tests.projectors.table import parameters, permutation_matrix

CYCLE = permutation_matrix((1, 2, 0))


def nearest(projector, target, starts=24, steps=200):
    """The smallest Frobenius distance found from a target to the projector's image."""
    theta = parameters(projector, starts)
    for step in range(steps):
        theta.requires_grad_()
        (downhill,) = torch.autograd.grad((projector(theta) - target).square().sum(), theta)
        length = 0.2 * (1 + cos(pi * step / steps))
        theta = theta.detach() - length * downhill / downhill.norm(dim=1, keepdim=True).clamp_min(0.1)
    return (projector(theta) - target).flatten(1).norm(dim=1).min().item()


def on_edge(t):
    return (1 - t) * torch.eye(3, dtype=torch.float64) + t * CYCLE


@pytest.mark.parametrize(
    ("s", "t", "distance"),
    [
        (1, 0.5, sqrt(2) / 6),
        (1, 0.25, 0.1817),
        (1, 1 / 3, 0.2120),
        (2, 0.25, sqrt(2) / 12),
        (2, 1 / 6, 0.1060),
        (3, 0.5, sqrt(2) / 18),
        (3, 0.25, 0.0606),
    ],
)
def test_gap_on_an_edge_of_the_triangle(s, t, distance):
    """Largest halfway between two multiples of 1/s, where it is sqrt(2) / (6 s)."""
    assert distance - 1e-4 < nearest(Orthostochastic(3, s), on_edge(t)) < distance + 2e-3


def test_gap_is_the_same_for_unitary_matrices():
    assert abs(nearest(Unistochastic(3), on_edge(0.5)) - sqrt(2) / 6) < 2e-4


def test_barycentre_is_missed_without_a_hadamard_matrix():
    barycentre = torch.full((3, 3), 1 / 3, dtype=torch.float64)
    assert abs(nearest(Orthostochastic(3), barycentre) - sqrt(2) / 3) < 2e-4
    assert nearest(Orthostochastic(3, 2), barycentre) < 5e-3


def test_reach_is_not_nested():
    """The middle of an edge is reached at s = 2 and missed at s = 3."""
    assert nearest(Orthostochastic(3, 3), on_edge(0.5)) > 0.07 > 1e-2 > nearest(Orthostochastic(3, 2), on_edge(0.5))


def test_edges_are_limits_for_mixtures_of_permutations():
    """Near at finite parameters, ever nearer, and never there."""
    projector = PermutationMixture(3)
    theta = torch.zeros(6, dtype=torch.float64)
    distances = []
    for size in (2.0, 5.0, 10.0, 20.0):
        theta[[0, 3]] = size  # the identity and the cycle, in lexicographic order
        distances.append((projector(theta) - on_edge(0.5)).norm().item())
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 1e-7
    assert (projector(theta) > 0).all()
