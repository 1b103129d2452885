"""Counterexamples to four statements of the go-mHC paper: what docs/corrections.md says."""

from itertools import permutations, product
from math import pi, sqrt

import numpy as np
import pytest
import torch

from geometry.distances import nearest
from geometry.regions import karpelevich, perfect_mirsky
from geometry.spaces import space_of
from geometry.spectra import eigenvalues
from projectors import Kronecker, Orthostochastic, PermutationMixture, Unistochastic


def barycentre(n):
    return torch.full((n, n), 1 / n, dtype=torch.float64)


def test_a_kronecker_product_leaves_the_region_of_its_factors_from_size_3_on():
    """Prop. B.1: a transposition times a 3-cycle, both factors at their vertices."""
    projector = Kronecker((PermutationMixture(2), PermutationMixture(3)))
    orders = list(permutations(range(3)))
    theta = torch.full((8,), -200.0, dtype=torch.float64)
    theta[1] = theta[2 + orders.index((1, 2, 0))] = 200
    values = eigenvalues(projector(theta)).numpy()
    z = np.exp(1j * pi / 3)
    assert np.abs(values - z).min() < 1e-12
    assert not karpelevich(3).contains(0.51 * z)
    assert karpelevich(3).contains(0.49 * z)


def test_a_kronecker_product_of_factors_of_size_2_stays_real():
    projector = Kronecker((PermutationMixture(2),) * 3)
    theta = projector.initial(200, generator=torch.Generator().manual_seed(0))
    assert eigenvalues(projector(theta)).imag.abs().max() < 1e-12


@pytest.mark.parametrize(("n", "held"), [(2, True), (3, False), (4, True)])
def test_the_barycentre_of_rank_1_is_a_hadamard_matrix(n, held):
    """Prop. B.3: J/n of rank 1 means an orthogonal matrix of entries +-1/sqrt(n); all signs are tried."""
    signs = torch.tensor(list(product((1.0, -1.0), repeat=n * n))).reshape(-1, n, n)
    grams = signs @ signs.mT - n * torch.eye(n)
    assert bool((grams.abs().amax((1, 2)) < 1e-6).any()) is held
    assert nearest(Orthostochastic(n, 1), barycentre(n)[None]).member.item() is held


def test_the_distance_of_the_barycentre_of_order_3():
    assert nearest(Orthostochastic(3, 1), barycentre(3)[None]).distance.item() == pytest.approx(sqrt(2) / 3)
    assert nearest(Orthostochastic(3, 2), barycentre(3)[None]).member


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize("s", [1, 2])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (1, 0, 2)])
def test_no_step_leaves_a_vertex_to_first_order(kind, s, order):
    """B.7: the Jacobian vanishes at every vertex, and not elsewhere."""
    projector = kind(3, s)
    corner = torch.kron(torch.eye(3, dtype=torch.float64)[list(order)], torch.eye(s, dtype=torch.float64))
    corner = corner.to(torch.complex128) if kind is Unistochastic else corner
    theta = space_of(projector).parameters(corner[None])[0]
    assert torch.equal(projector(theta).round(decimals=9), torch.eye(3, dtype=torch.float64)[list(order)])
    assert torch.autograd.functional.jacobian(projector, theta).abs().max() < 1e-9
    moved = theta + 0.1 * projector.initial(generator=torch.Generator().manual_seed(0))
    assert torch.autograd.functional.jacobian(projector, moved).abs().max() > 1e-2


def test_perfect_mirsky_and_karpelevich_differ_from_order_4_on():
    assert karpelevich(3).area == pytest.approx(perfect_mirsky(3).area, abs=1e-12)
    assert karpelevich(4).area - perfect_mirsky(4).area == pytest.approx(0.0631020, abs=1e-6)
