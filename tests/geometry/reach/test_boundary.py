"""How far the reach goes: against the exact boundary at order three, tabulated lower bounds at order four."""

import numpy as np
import pytest

from geometry.reach import boundary
from geometry.regions import hypocycloid, karpelevich, orthostochastic_order3, perfect_mirsky
from projectors import Kronecker, Orthostochastic, PermutationMixture
from tests.projectors.table import sum_error


def check(projector, found):
    """Every point is an eigenvalue of its witness, a doubly stochastic matrix, or the conjugate of one."""
    reached = found.radius > 0
    matrices = projector(found.theta)[reached]
    assert sum_error(matrices) < 1e-8
    values = np.linalg.eigvals(matrices.numpy())
    folded = found.points[reached].real + 1j * np.abs(found.points[reached].imag)
    assert (np.abs(values - folded[:, None]).min(-1) <= 1.01e-8).all()
    assert karpelevich(projector.n).contains(found.points, tolerance=1e-8).all()


@pytest.mark.parametrize("s", [1, 2, 3])
def test_order_three_has_its_exact_boundary(s):
    region = orthostochastic_order3(s)
    angles = np.linspace(-np.pi, np.pi, 120, endpoint=False) + 0.004
    found = boundary(Orthostochastic(3, s), angles)
    check(Orthostochastic(3, s), found)
    exact = region.radius(angles)
    assert (found.radius <= exact + 1e-7).all()
    assert (found.radius >= exact - 0.02).all()
    assert np.median(exact - found.radius) < 1e-4
    assert found.area == pytest.approx(region.area, rel=5e-3)
    np.testing.assert_array_equal(found.angle, angles)
    assert found.points.shape == found.radius.shape == (120,)


def test_order_four_reaches_what_others_have_found():
    """Lower bounds of an optimiser, the edge curve at 110.7 degrees, and H_4."""
    known = {30: 0.524, 45: 0.5, 60: 0.524, 105: 0.693, 110.7048: 0.7071, 112.5: 0.7217, 135: 0.589, 142.5: 0.551}
    known |= {150: 0.539} | {degrees: float(hypocycloid(4).radius(np.radians(degrees))) for degrees in (15, 75, 165)}
    angles = np.radians(list(known))
    found = boundary(Orthostochastic(4), angles)
    check(Orthostochastic(4), found)
    assert (found.radius >= np.array(list(known.values())) - 1e-3).all()
    assert (found.radius <= perfect_mirsky(4).radius(angles) + 1e-7).all()


@pytest.mark.parametrize("projector", [PermutationMixture(3), PermutationMixture(4)], ids=str)
def test_dense_methods_come_near_the_region_they_fill(projector):
    region = perfect_mirsky(projector.n)
    angles = np.linspace(0, np.pi, 24, endpoint=False) + 0.01
    found = boundary(projector, angles)
    check(projector, found)
    assert (found.radius <= region.radius(angles) + 1e-7).all()
    assert np.median(found.radius / region.radius(angles)) > 0.97


def test_only_the_real_axis():
    projector = Kronecker((PermutationMixture(2), PermutationMixture(2)))
    found = boundary(projector, [0, np.pi, 0.5, np.pi / 2, -2])
    check(projector, found)
    assert (found.radius[:2] > 0.95).all()
    assert (found.radius[2:] < 1e-6).all()
    assert abs(found.area) < 1e-6


def test_conjugate_directions_share_radius_and_witness():
    angles = np.array([0.3, -0.3, 0.3 + 2 * np.pi, 2.0, -2.0, 2 * np.pi - 2])
    found = boundary(Orthostochastic(4, 2), angles)
    check(Orthostochastic(4, 2), found)
    for same in ([0, 1, 2], [3, 4, 5]):
        np.testing.assert_allclose(found.radius[same], found.radius[same[0]], rtol=0, atol=2e-3)
    again = boundary(Orthostochastic(4, 2), angles)
    np.testing.assert_array_equal(found.radius, again.radius)


def test_no_directions_no_points():
    found = boundary(Orthostochastic(3), [])
    assert found.points.shape == (0,)
    assert found.theta.shape == (0, 3)
    assert found.area == 0


@pytest.mark.parametrize("angles", [0.5, [[0.1, 0.2]], [np.nan], [np.inf, 1]])
def test_bad_angles_are_refused(angles):
    with pytest.raises(ValueError, match=r"angles must be finite numbers of shape \(m,\), not"):
        boundary(Orthostochastic(3), angles)
