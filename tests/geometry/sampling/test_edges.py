"""The edge-seeking measure: never outside what is reachable, and nearly on its boundary in most directions."""

import math

import numpy as np
import pytest
import torch

from geometry.regions import hypocycloid, orthostochastic_order3, perfect_mirsky
from geometry.sampling import MEASURES, sample
from geometry.sampling.near_edges import edge_rotations, sparse_mixtures
from geometry.spectra import eigenvalues
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Unistochastic
from projectors.rotations.orthostochastic import block_norms
from tests.projectors.table import EXACT, seeded, sum_error

SMALL = [projector for projector in EXACT if projector.n <= 4]


def spectrum(matrices, real=True):
    values = eigenvalues(matrices).flatten().numpy()
    return values if real else values[values.imag != 0]


def share_of_directions(values, region, bins=60, near=0.98):
    """The share of angle bins in which some value has more than `near` of the region's radius."""
    angle = np.angle(values)
    reached = np.abs(values) / region.radius(angle)
    furthest = np.zeros(bins)
    np.maximum.at(furthest, ((angle / (2 * np.pi) % 1) * bins).astype(int) % bins, reached)
    return (furthest > near).mean()


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_order_three_stays_inside_and_reaches_the_boundary(kind, s):
    region = orthostochastic_order3(s)
    for measure in MEASURES:
        values = spectrum(sample(kind(3, s), 4000, measure), real=False)
        assert region.contains(values, tolerance=1e-9).all(), measure
    values = spectrum(sample(kind(3, s), 8000, "edges"), real=False)
    assert share_of_directions(values, region) > 0.9
    assert share_of_directions(spectrum(sample(kind(3, s), 8000, "target"), real=False), region) < 0.9


def test_full_polytope_reaches_the_perfect_mirsky_boundary():
    for n in (3, 4):
        values = spectrum(sample(PermutationMixture(n), 20_000, "edges"), real=False)
        assert share_of_directions(values, perfect_mirsky(n)) > 0.85
        initial = spectrum(sample(PermutationMixture(n), 20_000), real=False)
        assert share_of_directions(initial, perfect_mirsky(n)) < 0.1


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("projector", SMALL, ids=str)
def test_small_spectra_are_in_the_perfect_mirsky_region(projector, measure):
    values = spectrum(sample(projector, 500, measure))
    assert perfect_mirsky(projector.n).contains(values, tolerance=1e-7).all()


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_sparse_mixtures_are_on_small_faces(n):
    matrices = sparse_mixtures(n, 400, seeded())
    assert sum_error(matrices) < 1e-14
    assert (matrices >= 0).all()
    assert ((matrices > 0).sum(-1) <= 3).all()
    assert ((matrices > 0).sum(-2) <= 3).all()


@pytest.mark.parametrize(("n", "s"), [(2, 1), (3, 1), (4, 1), (5, 1), (3, 2), (4, 3), (8, 2)])
def test_edge_rotations_are_real_orthogonal_and_independent_sheets(n, s):
    Q = edge_rotations(n, s, 200, seeded())
    assert Q.dtype == torch.float64
    assert (Q.mT @ Q - torch.eye(n * s)).abs().max() < 1e-13
    off_sheet = Q.reshape(200, n, s, n, s).diagonal(dim1=2, dim2=4).square().sum() - Q.square().sum()
    assert abs(off_sheet.item()) < 1e-9


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_steps_of_cycles_touch_their_hypocycloids(n):
    """At s = 1, on the way from one power of the n-cycle to the next, an eigenvalue runs along the n-cusped one."""
    B = block_norms(edge_rotations(n, 1, 2000, seeded())[::2], 1)
    values = spectrum(B, real=False)
    gap = np.abs(np.abs(values) / hypocycloid(n).radius(np.angle(values)) - 1)
    assert (gap < 1e-9).sum() > 200


def test_combinators_take_the_edges_of_their_parts():
    """Products and means of edge matrices keep large eigenvalues that the initial measure never shows."""
    for projector in (Kronecker((PermutationMixture(2), PermutationMixture(3))), Mixture(Orthostochastic(4), 2)):
        furthest = [spectrum(sample(projector, 3000, measure), real=False) for measure in ("initial", "edges")]
        initial, edges = (np.abs(values).max() for values in furthest)
        assert edges > 0.97
        assert math.log(1 - initial + 1e-3) > math.log(1 - edges + 1e-3)
