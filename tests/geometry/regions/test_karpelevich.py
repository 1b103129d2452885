"""Laws of the Karpelevich region: published values, realising matrices, random stochastic matrices."""

from itertools import pairwise

import numpy as np
import pytest

from geometry.regions import karpelevich, perfect_mirsky
from geometry.regions.karpelevich import farey, ito_arcs

DEGREES = [30, 45, 60, 75, 90, 100, 110, 120, 135, 150, 165, 170]
RADII = {
    3: [0.57735, 0.51764, 0.50000, 0.51764, 0.57735, 0.65270, 0.77786, 1.0, 0.70711, 0.57735, 0.51764, 0.50771],
    4: [0.73205, 0.70711, 0.73205, 0.81650, 1.00000, 0.88704, 0.87133, 1.0, 0.78113, 0.75259, 0.81952, 0.86421],
    5: [0.81347, 0.81910, 0.88558, 0.96855, 1.00000, 0.88704, 0.87133, 1.0, 0.91613, 0.93810, 0.88568, 0.89969],
    6: [0.86603, 0.89658, 1.00000, 0.96855, 1.00000, 0.91408, 0.92622, 1.0, 0.94010, 0.94297, 0.91222, 0.92838],
}
AREAS = {
    3: 1.2990381,
    4: 2.1480385,
    5: 2.5706274,
    6: 2.7557218,
    7: 2.8894645,
    10: 3.0381227,
    12: 3.0781511,
    32: 3.1373481,
}


def realising_matrix(n, arc, beta):
    """Order n, arc, β in [0, 1] -> (n, n) stochastic matrix with an eigenvalue there [JohnsonPaparella2017]."""
    arcs = ito_arcs(n)
    q, s, m = int(arcs.q[arc]), int(arcs.s[arc]), int(arcs.m[arc])
    size = max(s, q * m)
    entry = max(q * m - s, 0)
    matrix = np.eye(n)
    matrix[:size] = 0
    for vertex in range(size):
        onward = vertex + 1 if vertex + 1 < size else entry
        returns = beta if vertex < q * m and vertex % q == q - 1 else 0.0
        matrix[vertex, onward] += 1 - returns
        matrix[vertex, vertex - vertex % q] += returns
    return matrix


def random_stochastic(rng, count, n):
    """Number of matrices, order n -> (count, n, n): dense, nearly deterministic and two-entry rows, a third each."""
    sparse = np.zeros((count // 3, n, n))
    weight = rng.random((count // 3, n))
    columns = rng.integers(n, size=(2, count // 3, n))
    rows = np.ogrid[: count // 3, :n]
    np.add.at(sparse, (rows[0], rows[1], columns[0]), weight)
    np.add.at(sparse, (rows[0], rows[1], columns[1]), 1 - weight)
    dense = [rng.dirichlet(np.full(n, concentration), size=(count // 3, n)) for concentration in (1.0, 0.1)]
    return np.concatenate([*dense, sparse])


@pytest.mark.parametrize("n", RADII)
def test_radii_in_the_tabulated_directions(n):
    np.testing.assert_allclose(karpelevich(n).radius(np.deg2rad(DEGREES)), RADII[n], rtol=0, atol=5.1e-6)


@pytest.mark.parametrize("n", AREAS)
def test_areas(n):
    assert karpelevich(n).area == pytest.approx(AREAS[n], abs=5.1e-8)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 9, 12, 20])
@pytest.mark.parametrize("beta", [0.1, 0.45, 0.7])
def test_every_arc_is_realised_by_a_stochastic_matrix(n, beta):
    arcs = ito_arcs(n)
    for arc in range(len(arcs.q)):
        eigenvalues = np.linalg.eigvals(realising_matrix(n, arc, beta))
        angle = np.angle(eigenvalues)
        excess = np.abs(eigenvalues) - karpelevich(n).radius(angle)
        on_arc = (arcs.ends[arc] < angle) & (angle < arcs.ends[arc + 1])
        assert excess.max() < 1e-12
        assert np.abs(excess[on_arc]).min() < 1e-12


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 16])
def test_eigenvalues_of_stochastic_matrices_are_inside(n):
    matrices = random_stochastic(np.random.default_rng(n), 600, n)
    assert karpelevich(n).contains(np.linalg.eigvals(matrices), tolerance=1e-10).all()


def test_it_grows_with_the_order():
    angles = np.linspace(0, np.pi, 1801)
    radii = [karpelevich(n).radius(angles) for n in [*range(2, 14), 31, 32, 63, 64]]
    assert np.all(np.diff(radii, axis=0) > -1e-13)


@pytest.mark.parametrize("n", [4, 5, 8, 13, 64])
def test_it_touches_the_unit_circle_only_at_roots_of_unity(n):
    fractions = farey(n)
    touching = 2 * np.pi * np.array([a / b for a, b in fractions])
    np.testing.assert_allclose(karpelevich(n).radius(touching), 1, rtol=0, atol=1e-13)
    between = (touching[1:] + touching[:-1]) / 2
    assert karpelevich(n).radius(between).max() < 1 - 1e-6


@pytest.mark.parametrize("n", [2, 3])
def test_it_is_the_perfect_mirsky_region_up_to_order_three(n):
    angles = np.linspace(-np.pi, np.pi, 361)
    np.testing.assert_allclose(karpelevich(n).radius(angles), perfect_mirsky(n).radius(angles), rtol=0, atol=1e-12)
    assert karpelevich(n).name.startswith("Karpelevich region Θ")


def test_order_four_exceeds_perfect_mirsky_by_the_known_gap():
    right = np.linspace(0, np.pi / 2, 181)
    np.testing.assert_allclose(karpelevich(4).radius(right), perfect_mirsky(4).radius(right), rtol=0, atol=1e-13)
    left = np.linspace(np.pi / 2, np.pi, 2000)
    gap = karpelevich(4).radius(left) - perfect_mirsky(4).radius(left)
    corner = complex(np.sqrt(3) - 2, np.sqrt(3) - 1)  # where the edges of the triangle and the square cross
    assert perfect_mirsky(4).radius(np.angle(corner)) == pytest.approx(abs(corner), abs=1e-13)
    assert karpelevich(4).radius(np.angle(corner)) - abs(corner) == pytest.approx(0.0921453, abs=5.1e-8)
    assert 0.0918 < gap.max() < 0.0921454
    assert karpelevich(4).area - perfect_mirsky(4).area == pytest.approx(0.0631020, abs=1e-7)


def test_farey_neighbours_have_determinant_one():
    for n in (2, 3, 7, 64):
        fractions = farey(n)
        assert all(c * b - a * d == 1 for (a, b), (c, d) in pairwise(fractions))
    assert len(farey(64)) == 631  # half of the 1261 fractions of order 64 in [0, 1], and 1/2


def test_directions_may_have_any_size_and_shape():
    angles = np.linspace(-np.pi, np.pi, 12).reshape(3, 4)
    region = karpelevich(9)
    np.testing.assert_allclose(region.radius(angles + 6 * np.pi), region.radius(angles), rtol=0, atol=1e-13)
    assert region.radius(np.empty((0, 2))).shape == (0, 2)
    assert region.radius(1).shape == region.contains(1).shape == ()
