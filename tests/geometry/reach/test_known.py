"""What theory gives: circulants reach the Perfect-Mirsky region, and no shipped map denies a proven inclusion."""

import numpy as np
import pytest
import torch

from geometry.reach import boundary, reach_map, shipped, solve
from geometry.reach.inclusions import contained, contains
from geometry.reach.known import circulants, in_perfect_mirsky, symmetric
from geometry.regions import perfect_mirsky, roots_of_unity_polygon
from geometry.spectra import eigenvalues
from projectors import (
    Circulant,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    methods,
    newer,
    variants,
)


def points(n, count, shrink=1.0):
    """Random points of PM_n, its corners among them."""
    corner = np.exp(2j * np.pi * np.concatenate([np.arange(k) / k for k in range(1, n + 1)]))
    rng = np.random.default_rng(n)
    inside = rng.uniform(-1, 1, 4 * count) + 1j * rng.uniform(-1, 1, 4 * count)
    inside = inside[perfect_mirsky(n).contains(inside)][:count]
    return shrink * np.concatenate([inside, corner])


@pytest.mark.parametrize("n", range(3, 9))
def test_circulants_have_every_eigenvalue_of_the_perfect_mirsky_region(n):
    z = points(n, 200)
    assert in_perfect_mirsky(n, z).all()
    matrices = circulants(n, z)
    assert (matrices >= 0).all()
    torch.testing.assert_close(matrices.sum(-1), torch.ones(len(z), n, dtype=torch.float64))
    torch.testing.assert_close(matrices.sum(-2), torch.ones(len(z), n, dtype=torch.float64))
    whole = torch.cat([eigenvalues(matrices), torch.ones(len(z), 1)], -1)
    assert (whole - torch.from_numpy(z)[:, None]).abs().amin(-1).max() < 1e-7


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_circulants_reach_their_polygon_and_nothing_else(n):
    """On the axis of an odd order, too, where their eigenvalues are double."""
    polygon, projector = roots_of_unity_polygon(n), Circulant(n)
    found = reach_map(projector, 41)
    assert (found.reached == polygon.contains(found.plane)).all()
    angles = np.concatenate([2 * np.pi * np.arange(n) / n, np.linspace(-np.pi, np.pi, 9)])
    np.testing.assert_allclose(boundary(projector, angles).radius, polygon.radius(angles), atol=1e-8)
    end = polygon.radius(np.pi)
    outside = solve(projector, [-end, -end - 0.05])
    assert outside.solved.tolist() == [True, False]
    assert outside.residual[1] == pytest.approx(0.05, abs=1e-3)


@pytest.mark.parametrize("projector", [*(PermutationMixture(n) for n in (4, 5, 6)), Sinkhorn(8)], ids=str)
def test_no_point_of_it_is_denied(projector):
    assert solve(projector, points(projector.n, 100, shrink=0.98)).solved.all()


@pytest.mark.parametrize("n", range(3, 9))
def test_mhc_lite_certifies_every_cell_inside(n):
    found = shipped.load(PermutationMixture(n), shipped.RESOLUTION, shipped.SEED)
    z = found.centres + 1j * found.centres[:, None]
    assert found.reached[perfect_mirsky(n).contains(z)].mean() >= 0.99


def test_a_map_by_formula_gives_its_witness_when_asked():
    found = reach_map(PermutationMixture(7), 21)
    assert found.finished
    assert found.has_witnesses
    z = found.centres[14] + 1j * found.centres[13]
    values = eigenvalues(found.matrix(z)).numpy()
    assert np.abs(values - z).min() < 1e-9


@pytest.mark.parametrize(
    ("larger", "smaller", "holds"),
    [
        (Orthostochastic(4, 4), Orthostochastic(3, 2), True),
        (Orthostochastic(4, 3), Orthostochastic(4, 2), False),
        (Orthostochastic(3, 2), Orthostochastic(4, 2), False),
        (Unistochastic(4, 2), Orthostochastic(4, 1), True),
        (Orthostochastic(4, 2), Unistochastic(4, 1), False),
        (Mixture(Orthostochastic(5, 1), 3), Mixture(Orthostochastic(4, 1), 2), True),
        (Mixture(Orthostochastic(5, 1), 2), Mixture(Orthostochastic(5, 1), 3), False),
        (Orthostochastic(4, 1), Mixture(Orthostochastic(4, 1), 1), True),
        (Sinkhorn(5), Kronecker((PermutationMixture(2),) * 2), True),
        (Kronecker((PermutationMixture(2), PermutationMixture(3))), Orthostochastic(3, 1), True),
        (Kronecker((PermutationMixture(2), PermutationMixture(2))), Orthostochastic(3, 1), False),
    ],
    ids=str,
)
def test_inclusions(larger, smaller, holds):
    assert contains(larger, smaller) is holds


def test_no_shipped_map_denies_what_lies_in_it():
    maps = {projector: shipped.load(projector, shipped.RESOLUTION, shipped.SEED) for projector in shipped.shipped()}
    pairs = [(larger, smaller) for larger in maps for smaller in contained(larger, maps)]
    assert len(pairs) > 500
    for larger, smaller in pairs:
        assert not (maps[smaller].reached & ~maps[larger].reached).any(), f"{smaller} in {larger}"
        assert not (maps[smaller].touched & ~maps[larger].touched).any(), f"{smaller} in {larger}"


@pytest.mark.parametrize("n", [4, 5, 6])
def test_the_boundary_of_mhc_lite_is_no_less_than_the_region(n):
    angles = np.deg2rad([6.63, 7, 79, 133])
    assert (boundary(PermutationMixture(n), angles).radius >= perfect_mirsky(n).radius(angles) - 1e-9).all()


@pytest.mark.parametrize(("n", "degrees", "radius"), [(4, 130, 0.7028), (5, 160.5, 0.7701)])
def test_a_cusp_is_reached_from_any_seed(n, degrees, radius):
    """O_{4,2} has -0.451784 + 0.538415i; from the nearest known eigenvalues alone, searches stopped 0.05 short."""
    projector, direction = Orthostochastic(n, 2), np.deg2rad([degrees])
    radii = [boundary(projector, direction, seed).radius[0] for seed in (2, 3)]
    assert min(radii) > radius
    assert abs(radii[0] - radii[1]) < 1e-4
    for seed in range(4):
        assert solve(projector, radius * np.exp(1j * direction), seed).solved.all()


@pytest.mark.parametrize("projector", [*methods(3, 2).values(), Orthostochastic(4, 1), Orthostochastic(4, 2)], ids=str)
def test_a_boundary_holds_all_that_a_map_has_certified(projector):
    found = shipped.load(projector, shipped.RESOLUTION, shipped.SEED)
    z = (found.centres + 1j * found.centres[:, None])[found.reached]
    z = z[z.imag > 0.05]
    angle = np.angle(z)
    outermost = z[
        [np.flatnonzero(np.abs(angle - a) < 0.02)[np.abs(z[np.abs(angle - a) < 0.02]).argmax()] for a in (0.9, 2.2)]
    ]
    assert (boundary(projector, np.angle(outermost)).radius >= np.abs(outermost) - 1e-6).all()


def test_what_is_called_symmetric_is_and_the_rest_is_not():
    """A matrix of each, at parameters that nothing is special about."""
    for n in (2, 3, 4, 6, 8):
        for name, projector in {**methods(n), **variants(n), **newer(n)}.items():
            theta = torch.randn(projector.parameter_count, generator=torch.Generator().manual_seed(0)).double()
            matrix = projector(0.3 * theta)
            mirrored = bool((matrix - matrix.mT).abs().max() < 1e-12)
            assert symmetric(projector) == (mirrored and projector.exact), (n, name)
