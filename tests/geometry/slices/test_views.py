"""Views of the polytope: what they see and what they do not, where corners lie, and what comes back."""

from itertools import combinations
from math import comb, gcd, pi, sqrt

import numpy as np
import pytest
import torch

from geometry.regions import roots_of_unity_polygon
from geometry.sampling import sample
from geometry.slices import (
    Order3Space,
    cyclic_space,
    cyclic_view,
    diagonal_view,
    klein_view,
    odd_view,
    order3_space,
    permutation_view,
)
from geometry.tangent import tangent_basis
from projectors import methods
from tests.projectors.table import normal, permutation_matrix, permutations_of, seeded

TRIPLE = [(0, 1, 2, 3), (1, 0, 3, 2), (0, 2, 3, 1)]
LONG = [tuple(range(12)), (*range(1, 12), 0), (1, 0, *range(2, 12))]
VIEWS = [
    cyclic_view(2),
    cyclic_view(3),
    cyclic_view(4),
    cyclic_view(4, 2),
    cyclic_view(5, 2),
    cyclic_view(6, 2),
    cyclic_view(6, 3),
    cyclic_view(12, 5),
    cyclic_space(4),
    cyclic_space(5),
    klein_view(),
    odd_view(),
    order3_space(),
    order3_space(1.0),
    diagonal_view(),
    permutation_view(TRIPLE),
    permutation_view([*TRIPLE, (3, 2, 1, 0)]),
    permutation_view([(1, 0, 2), (0, 2, 1), (2, 1, 0)]),
]
FLAT = {"Z₂ plane", "Z₄ plane, frequency 2", "Z₆ plane, frequency 3"}
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.name} n={view.n} {view.dimension}-D")


def doubly_stochastic(n, count=30, seed=0):
    """Mixtures of a few random permutation matrices: vertices, faces and interior points."""
    generator = seeded(seed)
    orders = torch.stack([torch.randperm(n, generator=generator) for _ in range(6 * count)]).unflatten(0, (count, 6))
    weights = -torch.rand(count, 6, generator=generator, dtype=torch.float64).log()
    weights[: count // 3, 1:] = 0
    weights[count // 3 : count // 2, 3:] = 0
    weights /= weights.sum(1, keepdim=True)
    return torch.einsum("bk,bkij->bij", weights, torch.nn.functional.one_hot(orders, n).double())


def points_of(view, count=20, seed=1):
    """Points that the view has; of a flat one, on its line."""
    points = normal(count, view.dimension, seed=seed)
    return points * torch.tensor([1.0, 0.0]) if view.name in FLAT else points


@each_view
def test_the_matrix_of_a_point_has_that_shadow(view):
    points = points_of(view)
    torch.testing.assert_close(view.project(view.embed(points)), points, rtol=0, atol=1e-12)
    for axis in (-1, -2):
        torch.testing.assert_close(view.embed(points).sum(axis), torch.ones(20, view.n).double(), rtol=0, atol=1e-12)


@each_view
def test_shadows_of_mixtures_are_mixtures_of_shadows(view):
    matrices = doubly_stochastic(view.n)
    weights = torch.rand(30, generator=seeded(2), dtype=torch.float64)
    weights /= weights.sum()
    mixed = torch.einsum("b,bij->ij", weights, matrices)
    torch.testing.assert_close(view.project(mixed), weights @ view.project(matrices), rtol=0, atol=1e-13)
    points = points_of(view)
    middle = view.embed((points[:10] + points[10:]) / 2)
    torch.testing.assert_close(middle, (view.embed(points[:10]) + view.embed(points[10:])) / 2, rtol=0, atol=1e-13)


@each_view
def test_the_centre_has_the_origin_as_its_shadow_and_is_the_matrix_there(view):
    origin = torch.zeros(view.dimension, dtype=torch.float64)
    torch.testing.assert_close(view.project(view.centre), origin, rtol=0, atol=1e-13)
    torch.testing.assert_close(view.embed(origin), view.centre, rtol=0, atol=1e-13)


@each_view
def test_corners_are_where_the_permutation_matrices_lie(view):
    for order, corner, label in zip(view.permutations, view.corners, view.labels, strict=True):
        np.testing.assert_allclose(view.project(permutation_matrix(order)).numpy(), corner, atol=1e-13)
        assert isinstance(label, str)
        assert label
    assert len(set(view.labels)) == len(view.labels)


@each_view
def test_along_spans_what_is_seen_and_nothing_else(view):
    along = view.along.flatten(1)
    assert len(along) == (1 if view.name in FLAT else view.dimension)
    torch.testing.assert_close(along @ along.mT, torch.eye(len(along)).double(), rtol=0, atol=1e-11)
    for axis in (-1, -2):
        assert view.along.sum(axis).abs().max() < 1e-12
    step = view.embed(points_of(view)).flatten(1) - view.centre.flatten()
    torch.testing.assert_close(step @ along.mT @ along, step, rtol=0, atol=1e-11)
    basis = tangent_basis(view.n).flatten(1)
    unseen = basis - basis @ along.mT @ along
    assert view.project(view.centre + unseen.unflatten(-1, (view.n, view.n))).abs().max() < 1e-11


@each_view
def test_the_section_is_as_long_as_it_looks_up_to_one_scale(view):
    if view.name == "diagonal":
        return  # its three directions are not orthogonal
    points = points_of(view)
    lengths = torch.linalg.matrix_norm(view.embed(points) - view.centre) / torch.linalg.vector_norm(points, dim=-1)
    torch.testing.assert_close(lengths, lengths[:1].expand(20), rtol=1e-12, atol=0)


@each_view
def test_coordinates_sum_to_one_and_are_the_weights_of_independent_corners(view):
    matrices = doubly_stochastic(view.n)
    found = view.coordinates(matrices)
    assert found.shape == (30, len(view.permutations))
    torch.testing.assert_close(found.sum(-1), torch.ones(30).double(), rtol=0, atol=1e-12)
    vertices = view.vertices.flatten(1)
    if torch.linalg.matrix_rank(vertices[1:] - vertices[0]) < len(vertices) - 1:
        return
    weights = torch.rand(20, len(vertices), generator=seeded(), dtype=torch.float64)
    weights /= weights.sum(1, keepdim=True)
    mixtures = torch.einsum("bk,kij->bij", weights, view.vertices)
    torch.testing.assert_close(view.coordinates(mixtures), weights, rtol=0, atol=1e-12)


@each_view
def test_coordinates_combine_corners_to_the_nearest_there_is(view):
    """What is left over is orthogonal to every difference of corners."""
    matrices = doubly_stochastic(view.n)
    rest = matrices - torch.einsum("bk,kij->bij", view.coordinates(matrices), view.vertices)
    steps = (view.vertices - view.vertices[0]).flatten(1)
    assert (rest.flatten(1) @ steps.mT).abs().max() < 1e-11


@each_view
def test_the_whole_polytope_has_its_shadow_within_the_outline(view):
    outline = view.shadow
    if view.name in FLAT:
        np.testing.assert_allclose(outline, [[-1, 0], [1, 0]], atol=1e-13)
    if view.dimension == 3 or view.name in FLAT:
        return
    points = view.project(doubly_stochastic(view.n, 300)).numpy()
    z, corners = points @ [1, 1j], outline @ [1, 1j]
    edges = np.roll(corners, -1) - corners
    assert ((np.conj(edges) * (z[:, None] - corners)).imag >= -1e-12).all()
    assert ((np.conj(edges) * np.roll(edges, -1)).imag > 0).all()  # convex, counterclockwise, nothing superfluous


@each_view
def test_only_places_of_doubly_stochastic_matrices_are_held(view):
    points = points_of(view, 400) / 2
    matrices = view.embed(points)
    held = view.holds(points)
    coarse = points.float()
    assert torch.equal(view.holds(coarse), view.holds(coarse.double()))
    assert torch.equal(held, matrices.amin((-2, -1)) >= -1e-12)
    assert held.any()
    assert not held.all()
    assert view.holds(torch.zeros(view.dimension, dtype=torch.float64))
    if view.name in FLAT:
        assert not view.holds(torch.tensor([0.1, 0.01], dtype=torch.float64))


@pytest.mark.parametrize("n", [2, 3, 4, 6, 7, 64])
def test_cyclic_coordinates_are_means_over_the_cosets_of_the_cycle(n):
    view, matrices = cyclic_view(n), doubly_stochastic(n)
    rows = torch.arange(n)
    wanted = torch.stack([matrices[:, rows, (rows + k) % n].mean(-1) for k in range(n)], -1)
    torch.testing.assert_close(view.coordinates(matrices), wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("n", "frequency"), [(n, m) for n in (2, 3, 4, 5, 6, 9) for m in range(1, n)])
def test_the_plane_shows_an_eigenvalue_of_the_average_over_the_group(n, frequency):
    """Of circulants, their own: the twirl of B is sum_k c_k P^k."""
    view, B = cyclic_view(n, frequency), doubly_stochastic(n, 6)
    P = permutation_matrix([(row + 1) % n for row in range(n)])
    powers = [torch.linalg.matrix_power(P, k) for k in range(n)]
    twirled = torch.stack([power.mT @ B @ power for power in powers]).mean(0)
    circulant = torch.einsum("bk,kij->bij", view.coordinates(B), torch.stack(powers))
    torch.testing.assert_close(circulant, twirled, rtol=0, atol=1e-13)
    z = torch.view_as_complex(view.project(B)).numpy()
    wave = np.exp(2j * pi * frequency * np.arange(n) / n)
    np.testing.assert_allclose(twirled.numpy() @ wave, z[:, None] * wave, atol=1e-13)
    gaps = np.abs(np.linalg.eigvals(twirled.numpy()) - z[:, None]).min(-1)
    assert (gaps < 1e-7).all()  # LAPACK on multiple eigenvalues


@pytest.mark.parametrize("n", [3, 4, 6])
@pytest.mark.parametrize("measure", ["initial", "target", "edges"])
def test_every_method_stays_within_the_polygon_of_every_frequency(n, measure):
    for name, projector in methods(n, 2).items():
        matrices = sample(projector, 200, measure)
        for frequency in range(1, n):
            polygon = roots_of_unity_polygon(n // gcd(n, frequency))
            z = torch.view_as_complex(cyclic_view(n, frequency).project(matrices)).numpy()
            assert polygon.contains(z, tolerance=1e-9 if projector.exact else 1e-2).all(), name


def test_opposite_frequencies_are_mirror_images():
    B = doubly_stochastic(5)
    one, other = (cyclic_view(5, m).project(B) for m in (2, 3))
    torch.testing.assert_close(one * torch.tensor([1.0, -1.0]), other, rtol=0, atol=1e-14)


def test_at_order_three_even_and_odd_permutations_lie_in_orthogonal_planes():
    even, odd = cyclic_view(3), odd_view()
    assert torch.einsum("aij,bij->ab", even.directions, odd.directions).abs().max() < 1e-13
    for order in permutations_of(3):
        parity = sum(a > b for a, b in combinations(order, 2)) % 2
        lengths = [torch.linalg.vector_norm(view.project(permutation_matrix(order))) for view in (even, odd)]
        torch.testing.assert_close(
            torch.tensor(lengths), torch.tensor([1.0 - parity, parity]).double(), rtol=0, atol=1e-13
        )
    B, transposition = doubly_stochastic(3), permutation_matrix((0, 2, 1))
    torch.testing.assert_close(odd.project(B @ transposition), even.project(B), rtol=0, atol=1e-14)
    rest = torch.cat([even.along, odd.along]).flatten(1)
    torch.testing.assert_close(rest @ rest.mT, torch.eye(4).double(), rtol=0, atol=1e-14)


def test_the_space_of_order_three_turns_without_changing_lengths():
    B = doubly_stochastic(3)
    even, odd = cyclic_view(3).project(B), odd_view().project(B)
    for angle in np.linspace(0, 2 * pi, 7):
        seen = order3_space(angle).project(B)
        torch.testing.assert_close(seen[:, :2], even, rtol=0, atol=1e-13)
        turned = seen[:, 2], order3_space(angle + pi / 2).project(B)[:, 2]
        torch.testing.assert_close(torch.hypot(*turned), torch.linalg.vector_norm(odd, dim=-1), rtol=0, atol=1e-14)
    lengths = torch.cat([even, odd], -1).square().sum(-1)
    wanted = torch.linalg.matrix_norm(B - 1 / 3).square() / 2  # the whole of B_3: a vertex is sqrt(2) from the centre
    torch.testing.assert_close(lengths, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("view", [klein_view(), cyclic_space(4)], ids=lambda view: view.name)
def test_groups_of_four_are_regular_tetrahedra(view):
    sides = [np.linalg.norm(a - b) for a, b in combinations(view.corners, 2)]
    np.testing.assert_allclose(sides, sides[0], rtol=1e-14)
    assert len(view.edges) == comb(4, 2)
    assert view.holds(torch.from_numpy(view.corners), 1e-9).all()  # whole simplices of doubly stochastic matrices


def test_edges_are_the_sides_of_the_polygon():
    assert set(map(frozenset, cyclic_view(7).edges)) == {frozenset((k, (k + 1) % 7)) for k in range(7)}
    assert len(cyclic_view(4, 2).edges) == 1
    assert set(map(frozenset, permutation_view(TRIPLE).edges)) == set(map(frozenset, combinations(range(3), 2)))


def test_the_diagonal_view_shows_the_diagonal():
    B = doubly_stochastic(3)
    shown = diagonal_view().project(B) * 2 / sqrt(3) + 1 / 3
    torch.testing.assert_close(shown, B.diagonal(dim1=-2, dim2=-1), rtol=0, atol=1e-14)
    assert torch.linalg.vector_norm(diagonal_view().project(torch.eye(3).double())) == pytest.approx(1)


@pytest.mark.parametrize("orders", [TRIPLE, [*TRIPLE, (3, 2, 1, 0)], LONG], ids=len)
def test_chosen_permutations_are_as_far_apart_as_their_matrices(orders):
    view = permutation_view(orders)
    drawn = [np.linalg.norm(a - b) for a, b in combinations(view.corners, 2)]
    matrices = [permutation_matrix(order) for order in orders]
    apart = [float(torch.linalg.matrix_norm(a - b)) for a, b in combinations(matrices, 2)]
    np.testing.assert_allclose(np.array(drawn) * apart[0], np.array(apart) * drawn[0], rtol=1e-13)
    assert np.linalg.norm(view.corners, axis=1).max() == pytest.approx(1)
    assert view.holds(torch.from_numpy(view.corners), 1e-9).all()  # its section is the simplex itself, or more
    assert view.labels[0] == ("," if view.n > 9 else "").join(str(place + 1) for place in orders[0])


def test_the_shadow_of_chosen_permutations_has_every_permutation_in_it():
    view = permutation_view([(0, 1, 2), (1, 0, 2), (1, 2, 0)])
    everything = view.project(torch.stack([permutation_matrix(order) for order in permutations_of(3)])).numpy()
    for angle in np.linspace(0, 2 * pi, 40):
        towards = [np.cos(angle), np.sin(angle)]
        assert (view.shadow @ towards).max() == pytest.approx((everything @ towards).max(), abs=1e-11)
    with pytest.raises(ValueError, match="n <= 8, not 9"):
        _ = permutation_view([tuple(range(9)), (1, 0, *range(2, 9)), (0, 2, 1, *range(3, 9))]).shadow


def test_single_precision_and_batches_of_any_shape_are_kept():
    B = doubly_stochastic(4).float().reshape(5, 6, 4, 4)
    view = cyclic_view(4)
    assert view.project(B).dtype == view.coordinates(B).dtype == torch.float32
    assert view.project(B).shape == (5, 6, 2)
    assert view.embed(view.project(B)).dtype == torch.float32
    torch.testing.assert_close(view.project(B).double(), view.project(B.double()), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: cyclic_view(1), "n must be .* from 2 to 64, not 1"),
        (lambda: cyclic_view(65), "not 65"),
        (lambda: cyclic_view(3.5), "not 3.5"),
        (lambda: cyclic_view(4, 0), "frequency must be .* from 1 to 3, not 0"),
        (lambda: cyclic_view(4, 4), "not 4"),
        (lambda: cyclic_space(3), "from 4 to 64, not 3"),
        (lambda: permutation_view([]), r"three or four permutations .*not \[\]"),
        (lambda: permutation_view([(0, 1), (1, 0)]), r"not \[\(0, 1\), \(1, 0\)\]"),
        (lambda: permutation_view([(0, 1, 2)] * 5), "three or four"),
        (lambda: permutation_view([(0, 1, 2), (1, 2, 0), (0, 0, 2)]), r"\(0, 0, 2\)"),
        (lambda: permutation_view([(0, 1, 2), (1, 2, 0), (0, 1)]), r"\(0, 1\)\]"),
        (lambda: permutation_view([(1, 2, 3), (2, 3, 1), (3, 1, 2)]), "of 0..n-1"),
        (lambda: permutation_view([(0, 1, 2), (1, 0, 2), (0, 1, 2)]), "not affinely independent"),
        (lambda: permutation_view([(0, 1, 2, 3), (1, 0, 2, 3), (0, 1, 3, 2), (1, 0, 3, 2)]), "affinely independent"),
        (lambda: permutation_view([(0.0, 1.0), (1.0, 0.0)] * 2), r"three or four permutations .*not \[\(0.0, 1.0\)"),
        (lambda: permutation_view(["012", "120", "201"]), "not \\['012', '120', '201'\\]"),
        (lambda: permutation_view(5), "three or four permutations of 0..n-1, not 5"),
        (lambda: permutation_view([(0,), (0,), (0,)]), "three or four permutations"),
        (lambda: Order3Space(float("nan")), "angle in degrees must be a finite number, not nan"),
        (lambda: Order3Space(float("inf")), "not inf"),
        (lambda: Order3Space(True), "not True"),
        (lambda: Order3Space("20"), "not '20'"),
        (lambda: cyclic_view(3).project(torch.eye(4)), r"shape \(..., 3, 3\), not torch.float32 of shape \(4, 4\)"),
        (lambda: cyclic_view(3).project(torch.eye(3, dtype=torch.long)), "not torch.int64"),
        (lambda: cyclic_view(3).coordinates(torch.ones(3)), r"of shape \(3,\)"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_received(make, received):
    with pytest.raises(ValueError, match=received):
        make()
