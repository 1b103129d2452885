"""Laws that every region obeys, and the known values of the ones with closed forms."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from geometry.regions import (
    Region,
    hypocycloid,
    karpelevich,
    orthostochastic_order3,
    perfect_mirsky,
    perfect_mirsky_exception,
    roots_of_unity_polygon,
)

KINDS = {
    roots_of_unity_polygon: (1, 64),
    perfect_mirsky: (2, 64),
    karpelevich: (2, 64),
    hypocycloid: (2, 256),
    orthostochastic_order3: (1, 256),
}
BODIES = [
    *map(roots_of_unity_polygon, (3, 4, 5, 64)),
    *map(perfect_mirsky, (3, 4, 5, 8, 64)),
    *map(karpelevich, (3, 4, 5, 8, 64)),
    *map(hypocycloid, (3, 4, 5, 64)),
    *map(orthostochastic_order3, (1, 2, 3, 64)),
]
SEGMENTS = [kind(2) for kind in (roots_of_unity_polygon, perfect_mirsky, karpelevich, hypocycloid)]
PM_AREAS = {
    5: 2.499042,
    6: 2.706575,
    7: 2.846201,
    9: 2.983421,
    10: 3.017659,
    11: 3.047878,
    12: 3.064714,
    13: 3.080724,
    14: 3.091156,
    15: 3.099248,
}

each_body = pytest.mark.parametrize("region", BODIES, ids=lambda region: region.name)
each_region = pytest.mark.parametrize("region", [*BODIES, *SEGMENTS], ids=lambda region: region.name)


def shoelace(polyline):
    return (polyline[:-1].conj() * polyline[1:]).imag.sum() / 2


def haar_orthogonal(rng, count, n):
    """Number of matrices, order n -> (count, n, n) Haar-distributed orthogonal matrices."""
    Q, R = np.linalg.qr(rng.standard_normal((count, n, n)))
    return Q * np.sign(np.diagonal(R, axis1=1, axis2=2))[:, None, :]


def random_doubly_stochastic(rng, count, n):
    """Number of matrices, order n -> (count, n, n) mixtures of three random permutation matrices."""
    permutations = rng.permuted(np.broadcast_to(np.arange(n), (count, 3, n)), axis=-1)
    return np.einsum("bk,bkij->bij", rng.dirichlet(np.ones(3), size=count), np.eye(n)[permutations])


@each_region
def test_the_boundary_is_the_set_of_furthest_points(region):
    assert region.boundary[0] == region.boundary[-1]
    assert region.boundary[0] == pytest.approx(1, abs=1e-12)
    assert not region.boundary.flags.writeable
    np.testing.assert_allclose(region.radius(np.angle(region.boundary)), np.abs(region.boundary), rtol=0, atol=1e-12)
    assert region.contains(region.boundary).all()


@each_body
def test_the_boundary_runs_once_counterclockwise_and_encloses_the_area(region):
    turns = np.angle(region.boundary[1:] / region.boundary[:-1])
    assert turns.min() > 0
    assert turns.sum() == pytest.approx(2 * np.pi)
    assert shoelace(region.boundary) == pytest.approx(region.area, rel=5e-4)


@each_body
def test_the_area_is_the_integral_of_the_radius(region):
    angles = (np.arange(20_000) + 0.5) * (2 * np.pi / 20_000)
    assert np.pi * (region.radius(angles) ** 2).mean() == pytest.approx(region.area, abs=2e-5)


@each_body
def test_the_area_is_the_share_of_random_points_inside(region):
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, 10_000) + 1j * rng.uniform(-1, 1, 10_000)
    assert 4 * region.contains(points).mean() == pytest.approx(region.area, abs=0.08)


@each_region
def test_conjugation_is_a_symmetry(region):
    angles = np.linspace(-np.pi, np.pi, 1001)
    np.testing.assert_allclose(region.radius(-angles), region.radius(angles), rtol=0, atol=1e-12)
    np.testing.assert_allclose(region.boundary[::-1].conj(), region.boundary, rtol=0, atol=1e-13)


@each_region
def test_contains_agrees_with_the_radius(region):
    angles = np.random.default_rng(1).uniform(-np.pi, np.pi, (20, 50))
    edge = region.radius(angles) * np.exp(1j * angles)
    assert region.contains(edge).all()
    assert region.contains(0.999 * edge).all()
    assert not region.contains(edge + 1e-6 * np.exp(1j * angles)).any()
    assert not region.contains([np.nan, np.inf, 1 + 1e-6]).any()
    assert region.contains([0, 1]).all()


@pytest.mark.parametrize("n", [*range(3, 9), 16, 64])
def test_polygons_are_inside_perfect_mirsky_inside_karpelevich(n):
    angles = np.linspace(0, np.pi, 2001)
    outer = perfect_mirsky(n).radius(angles)
    assert np.all(outer <= karpelevich(n).radius(angles) + 1e-13)
    for k in range(1, n + 1):
        assert np.all(roots_of_unity_polygon(k).radius(angles) <= outer + 1e-13)
    assert np.all(hypocycloid(n).radius(angles) <= roots_of_unity_polygon(n).radius(angles) + 1e-13)


def test_perfect_mirsky_areas():
    assert perfect_mirsky(3).area == pytest.approx(3 * np.sqrt(3) / 4, abs=1e-12)
    assert perfect_mirsky(4).area == pytest.approx((17 - 5 * np.sqrt(3)) / 4, abs=1e-12)
    assert [perfect_mirsky(n).area for n in PM_AREAS] == pytest.approx([*PM_AREAS.values()], abs=5.1e-7)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_doubly_stochastic_spectra_are_in_perfect_mirsky(n):
    matrices = random_doubly_stochastic(np.random.default_rng(n), 1000, n)
    assert perfect_mirsky(n).contains(np.linalg.eigvals(matrices), tolerance=1e-7).all()


def test_doubly_stochastic_spectra_are_in_karpelevich():
    for n in (5, 6, 8):
        matrices = random_doubly_stochastic(np.random.default_rng(n), 500, n)
        assert karpelevich(n).contains(np.linalg.eigvals(matrices), tolerance=1e-5).all()


@pytest.mark.parametrize("region", [perfect_mirsky(3), karpelevich(3)], ids=lambda region: region.name)
def test_order_three_has_a_whisker(region):
    assert region.whiskers == ((-1, -0.5),)
    assert region.radius([np.pi, -np.pi, 3 * np.pi]) == pytest.approx([1, 1, 1], abs=1e-12)
    assert region.radius(np.pi - 1e-9) == pytest.approx(0.5)
    assert region.contains([-1, -0.7, -0.7 + 1e-13j, -0.5, -1 - 1e-13]).all()
    assert not region.contains([-0.7 + 1e-9j, -1 - 1e-9]).any()


@pytest.mark.parametrize("region", SEGMENTS, ids=lambda region: region.name)
def test_order_two_is_a_segment(region):
    assert (region.area, region.whiskers, region.boundary.tolist()) == (0, (), [1, -1, 1])
    assert region.radius([0, np.pi / 2, np.pi, 2 * np.pi]) == pytest.approx([1, 0, 1, 1], abs=1e-12)
    assert region.contains([-1, 0, 0.3, 0.3 - 1e-13j]).all()
    assert not region.contains([0.3 + 1e-6j, 1.1]).any()


def test_order_one_is_a_point():
    region = roots_of_unity_polygon(1)
    assert region.contains([1, 1 + 1e-13j]).all()
    assert not region.contains([0, 0.5, -1, 1j, 1 + 1e-9j]).any()
    assert (region.area, region.boundary.tolist()) == (0, [1, 1])


def test_hypocycloid_areas():
    assert hypocycloid(3).area == pytest.approx(2 * np.pi / 9)
    assert hypocycloid(4).area == pytest.approx(3 * np.pi / 8)
    assert hypocycloid(3).area / roots_of_unity_polygon(3).area == pytest.approx(8 * np.pi / (27 * np.sqrt(3)))


def test_the_deltoid_satisfies_its_quartic():
    rng = np.random.default_rng(2)
    z = rng.uniform(-1, 1, 5000) + 1j * rng.uniform(-1, 1, 5000)
    w = 3 * z
    quartic = np.abs(w) ** 4 + 18 * np.abs(w) ** 2 - 8 * (w**3).real - 27
    np.testing.assert_array_equal(hypocycloid(3).contains(z), (quartic <= 0) & (np.abs(w) <= 3))


@pytest.mark.parametrize("n", [3, 4, 5, 6, 16, 64])
def test_circulant_unitary_matrices_reach_the_hypocycloid(n):
    """The circulant unitary with eigenvalues e^{ijt} has squared entries with an eigenvalue on the curve at t."""
    for t in np.linspace(0.1, 2 * np.pi - 0.1, 7):
        first_row = np.abs(np.fft.ifft(np.exp(1j * t * np.arange(n)))) ** 2
        eigenvalue = np.fft.fft(first_row)[1]
        assert abs(eigenvalue) == pytest.approx(hypocycloid(n).radius(np.angle(eigenvalue)), abs=1e-12)


@pytest.mark.parametrize("n", [3, 4, 7, 64])
def test_cusps_are_sharp_and_belong_to_the_region(n):
    cusps = np.exp(2j * np.pi * np.arange(n) / n)
    region = hypocycloid(n)
    assert region.contains(cusps).all()
    np.testing.assert_allclose(region.radius(np.angle(cusps)), 1, rtol=0, atol=1e-12)
    assert not region.contains(cusps * np.exp(1e-6j)).any()


@pytest.mark.parametrize(("s", "area"), [(1, 0.698132), (2, 0.998585), (3, 1.098736), (4, 1.148812), (5, 1.178857)])
def test_orthostochastic_areas(s, area):
    assert orthostochastic_order3(s).area == pytest.approx(area, abs=5.1e-7)
    assert np.pi * 2 / 9 / s + 3 * np.sqrt(3) / 4 * (1 - 1 / s) == pytest.approx(orthostochastic_order3(s).area)


@pytest.mark.parametrize("s", [1, 2, 3, 5, 16])
def test_averages_of_circulants_attain_the_orthostochastic_boundary(s):
    """The mean of s order-3 orthostochastic matrices is s-orthostochastic; here permutations and one rotation."""
    identity, P = np.eye(3), np.roll(np.eye(3), -1, axis=1)
    axis = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    for k in range(s):
        for turn in (0.3, 1.1, 1.9):
            rotation = identity + np.sin(turn) * axis + (1 - np.cos(turn)) * axis @ axis
            B = (k * P + (s - 1 - k) * identity + rotation**2) / s
            eigenvalues = np.linalg.eigvals(B)
            excess = np.abs(eigenvalues) - orthostochastic_order3(s).radius(np.angle(eigenvalues))
            np.testing.assert_allclose(excess, 0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("s", [1, 2, 3])
def test_non_real_orthostochastic_spectra_are_inside(s):
    Q = haar_orthogonal(np.random.default_rng(s), 3000, 3 * s)
    B = (Q**2).reshape(-1, 3, s, 3, s).sum((2, 4)) / s
    eigenvalues = np.linalg.eigvals(B)
    assert orthostochastic_order3(s).contains(eigenvalues[np.abs(eigenvalues.imag) > 1e-6]).all()


def test_orthostochastic_regions_are_nested_along_divisibility():
    angles = np.linspace(0, np.pi, 2001)
    radii = {s: orthostochastic_order3(s).radius(angles) for s in (1, 2, 3, 4, 6, 12)}
    for small, large in [*pairwise((1, 2, 4, 12)), (1, 3), (3, 6), (6, 12)]:
        assert np.all(radii[small] <= radii[large] + 1e-13)
    assert np.any(radii[2] > radii[3] + 1e-3)
    assert np.all(radii[12] <= roots_of_unity_polygon(3).radius(angles) + 1e-13)


def test_mid_edge_gap_of_the_orthostochastic_region():
    """Midway between two touching points, at t = (k + ½)/s, the edge point (1-t) + tω is 1/(6s) outside."""
    for s in (1, 2, 3, 8):
        edge = (1 - 0.5 / s) + 0.5 / s * np.exp(2j * np.pi / 3)
        inward = -np.exp(1j * np.pi / 3) / (6 * s)
        region = orthostochastic_order3(s)
        assert region.contains(edge + inward)
        assert not region.contains(edge + 0.9999 * inward)


def test_the_order_five_exception():
    exception = perfect_mirsky_exception()
    assert exception.interval == pytest.approx((0.4705, 0.5490), abs=1e-4)
    assert exception.worst == pytest.approx(0.5333035, abs=1e-7)
    assert exception.eigenvalue == pytest.approx(-0.3066232 + 0.7614696j, abs=1e-7)
    assert np.degrees(np.angle(exception.eigenvalue)) == pytest.approx(111.9333, abs=1e-4)
    assert exception.excess == pytest.approx(0.0099589, abs=1e-7)
    assert exception.area == pytest.approx(0.000524, abs=1e-6)
    ends = np.degrees(np.angle(exception.curve[[0, -1]]))
    assert ends == pytest.approx([108.33, 112.73], abs=0.01)
    assert not perfect_mirsky(5).contains(exception.curve[1:-1]).any()
    assert karpelevich(5).contains(exception.curve).all()


def test_the_exceptional_curve_consists_of_eigenvalues():
    exception = perfect_mirsky_exception()
    weights = np.linspace(*exception.interval, len(exception.curve))
    for t, z in zip(weights[::100], exception.curve[::100], strict=True):
        A = exception.matrix(t)
        np.testing.assert_allclose([A.sum(0), A.sum(1)], 1, rtol=0, atol=1e-13)
        assert np.abs(np.linalg.eigvals(A) - z).min() < 1e-12
    half = np.linalg.eigvals(exception.matrix(0.5))
    target = half[np.abs(half - (-0.2792926 + 0.7635164j)).argmin()]
    assert abs(target) == pytest.approx(0.8129954, abs=1e-7)
    assert abs(target) - perfect_mirsky(5).radius(np.angle(target)) == pytest.approx(0.0034387, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_bad_orders_are_refused_with_a_sentence(kind):
    lowest, highest = KINDS[kind]
    for value in (lowest - 1, highest + 1, 4.0, "4", True, None, [4], np.array([4, 5])):
        with pytest.raises(ValueError, match=rf"must be a whole number from {lowest} to {highest}, not .*") as caught:
            kind(value)
        assert str(value) in str(caught.value) or repr(value) in str(caught.value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_regions_are_built_once_and_travel(kind):
    region = kind(np.int64(4))
    assert isinstance(region, Region)
    assert region is kind(4)
    copy = pickle.loads(pickle.dumps(region))
    assert copy.radius(1.0) == region.radius(1.0)
