"""Slices against theory: nothing certified outside, everything inside, curves found, and a witness for every member."""

import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import pi, sqrt

import numpy as np
import pytest
import torch

import geometry.slices.section
from geometry.distances import nearest
from geometry.distances.frobenius import Matching
from geometry.regions import orthostochastic_order3
from geometry.slices import (
    KleinSpace,
    View,
    cyclic_space,
    cyclic_view,
    odd_view,
    permutation_view,
    slice_map,
    slice_maps,
)
from geometry.tangent import tangent_basis
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import normal

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
KROMHC = Kronecker((PermutationMixture(2), PermutationMixture(2)))
SMALL = [Orthostochastic(3, 1), Orthostochastic(3, 2), Orthostochastic(4, 1), Unistochastic(3), KROMHC, Sinkhorn(3)]
each_small = pytest.mark.parametrize("projector", SMALL, ids=str)


def plane(found):
    return found.centres + 1j * found.centres[:, None]


def cells_of(points, found):
    """Complex points -> the grid (bins, bins) of the cells that they lie in."""
    grid = np.zeros(found.inside.shape, dtype=int)
    column, row = (np.rint(part / found.cell).astype(int) + len(grid) // 2 for part in (points.real, points.imag))
    np.add.at(grid, (row, column), 1)
    return grid


def length(view):
    """The Frobenius length of a step of 1 in a view all of whose directions are equally long."""
    return 1 / float(torch.linalg.matrix_norm(view.directions)[0])


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("resolution", [21, 51])
@pytest.mark.parametrize(
    ("projector", "arcs"),
    [(Orthostochastic(3, s), s) for s in (2, 3, 4)] + [(Unistochastic(3, s), s) for s in (1, 2)],
    ids=str,
)
def test_order_three_is_what_the_deltoid_arcs_enclose(projector, arcs, resolution, device):
    """Also in the odd plane: a transposition moves one plane onto the other, and the set onto itself."""
    region = orthostochastic_order3(arcs)
    for view in (cyclic_view(3), odd_view()):
        found = slice_map(projector, view, resolution, device=device)
        z = plane(found)
        assert region.contains(z[found.member], tolerance=1e-6).all()
        assert found.member[region.contains(z * (1 + 1e-6 / np.abs(z).clip(1e-3)))].all()
        assert found.share == pytest.approx(region.area / (3 * sqrt(3) / 4), abs=2 / resolution)
        assert found.finished


@pytest.mark.parametrize("resolution", [31, 75])
def test_the_real_slice_of_order_three_and_rank_one_is_a_closed_curve(resolution):
    found = slice_map(Orthostochastic(3, 1), cyclic_view(3), resolution)
    t = np.linspace(0, 2 * pi, 100_000, endpoint=False)
    curve = (2 * np.exp(1j * t) + np.exp(-2j * t)) / 3
    crossed = cells_of(curve, found)
    assert found.member.sum() <= 3  # where the curve happens to hit a centre
    assert not found.touched[crossed == 0].any()
    assert found.touched[crossed > 0].mean() > 0.8
    # No gap all the way round: whoever walks along the curve is never far from a cell where it was found.
    touched = plane(found)[found.touched]
    assert np.abs(curve[::100, None] - touched).min(1).max() < 1.5 * found.cell


def test_distances_in_the_slice_are_at_most_those_to_the_curve_in_it():
    """A circulant B moves by sqrt(2) |dz|. In the middle the set is as far away as everybody knows."""
    found = slice_map(Orthostochastic(3, 1), cyclic_view(3), 51)
    t = np.linspace(0, 2 * pi, 3000, endpoint=False)
    curve = (2 * np.exp(1j * t) + np.exp(-2j * t)) / 3
    within = sqrt(2) * np.abs(plane(found)[found.inside][:, None] - curve).min(1)
    assert (found.distance[found.inside] <= within + 1e-5).all()
    assert found.distance[25, 25] == pytest.approx(sqrt(2) / 3, abs=1e-7)


@pytest.mark.parametrize(("n", "resolution", "seed"), [(4, 41, 0), (6, 21, 0), (8, 31, 1)])
def test_distances_grow_no_faster_than_the_way(n, resolution, seed):
    """The distance to a set is Lipschitz: from cell to cell it changes by no more than the matrix."""
    view = cyclic_view(n)
    found = slice_map(Orthostochastic(n), view, resolution, seed)
    step = found.cell * length(view) * 1.001 + 1e-9
    for axis in (0, 1):
        changes = np.abs(np.diff(found.distance, axis=axis))
        assert np.nanmax(changes) <= step


@pytest.mark.parametrize("projector", [Sinkhorn(3), PermutationMixture(3), Sinkhorn(5), PermutationMixture(4)], ids=str)
@pytest.mark.parametrize("frequency", [1, 2])
def test_dense_methods_fill_every_slice(projector, frequency):
    found = slice_map(projector, cyclic_view(projector.n, frequency), 31)
    np.testing.assert_array_equal(found.member, found.inside)
    np.testing.assert_array_equal(found.touched, found.inside)
    assert np.nanmax(found.distance) < 1e-9
    assert found.share == 1


def test_large_permutation_mixtures_fill_it_within_little_memory(monkeypatch):
    """40,320 weights a cell: no more than 256 cells at once."""
    asked, original = [], geometry.slices.section.nearest
    monkeypatch.setattr(
        geometry.slices.section, "nearest", lambda p, t, *rest: asked.append(len(t)) or original(p, t, *rest)
    )
    found = slice_map(PermutationMixture(8), cyclic_view(8), 41)
    np.testing.assert_array_equal(found.member, found.inside)
    assert max(asked) <= 256 < sum(asked)


@pytest.mark.parametrize(("n", "s"), [(4, 2), (6, 2), (8, 2), (4, 4)])
def test_even_orders_of_rank_two_fill_their_cyclic_plane(n, s):
    """Numerical, without a proof. A search that gives up too early near the edges leaves holes."""
    found = slice_map(Orthostochastic(n, s), cyclic_view(n), 31)
    np.testing.assert_array_equal(found.member, found.inside)


def test_the_plane_of_three_klein_permutations_is_filled_at_rank_one():
    """Quaternions: the whole simplex of the group is orthostochastic, a triangle of it fills its own plane."""
    for chosen in ((0, 1, 2), (1, 2, 3)):
        found = slice_map(Orthostochastic(4, 1), permutation_view([KleinSpace.permutations[k] for k in chosen]), 31)
        np.testing.assert_array_equal(found.member, found.inside)
        corner = sqrt(3) / 2 * 1.5  # a regular triangle with its corners at norm 1
        assert found.inside.sum() * found.cell**2 == pytest.approx(corner, rel=0.05)


@pytest.mark.parametrize("s", [1, 3])
def test_the_slice_has_the_symmetries_of_the_square_at_order_four(s):
    """B P turns by a quarter, the transpose mirrors: both leave every O_{4,s} alone."""
    found = slice_map(Orthostochastic(4, s), cyclic_view(4), 41)
    for image in (np.rot90, np.flipud):
        np.testing.assert_array_equal(image(found.inside), found.inside)
        assert (image(found.member) != found.member).sum() <= 0.01 * found.inside.sum()
        differences = np.abs(image(found.distance) - found.distance)[found.inside]
        assert np.mean(differences < 1e-6) > 0.9
        assert differences.mean() < 2e-3


def test_divisors_are_contained():
    """O_{3,1} in O_{3,2} in O_{3,4}, and U_{3,1} in O_{3,2}; not O_{3,2} in O_{3,3}, whose arcs lie elsewhere."""
    by_rank = {s: slice_map(Orthostochastic(3, s), cyclic_view(3), 51) for s in (1, 2, 3, 4)}
    complex_one = slice_map(Unistochastic(3), cyclic_view(3), 51)
    assert (by_rank[1].member <= complex_one.member).all()
    assert (complex_one.member <= by_rank[2].member).all()
    assert (by_rank[2].member <= by_rank[4].member).all()
    assert (by_rank[2].member & ~by_rank[3].member).any()
    assert by_rank[1].touched.sum() < by_rank[2].touched.sum()


def test_kromhc_of_twos_meets_the_cyclic_plane_in_the_barycentre_alone():
    found = slice_map(KROMHC, cyclic_view(4), 21)
    assert found.touched.sum() == found.member.sum() == found.member[10, 10] == 1
    square = slice_map(KROMHC, permutation_view(KleinSpace.permutations[:3]), 21)
    # c_0 c_3 = c_1 c_2 with c_3 = 0: two sides of the triangle.
    assert not square.member[square.inside & (square.distance > 1e-3)].any()
    assert square.touched.any()


def test_mixtures_of_two_fill_what_chords_of_the_deltoid_fill():
    """Every circulant of order 3 lies between two of the curve; corners and edges are limits of a softmax."""
    found = slice_map(Mixture(Orthostochastic(3), 2), cyclic_view(3), 15)
    assert found.share > 0.95
    assert np.nanmax(found.distance) < 0.05


@pytest.mark.parametrize("projector", [Orthostochastic(4, 1), Orthostochastic(3, 2), Unistochastic(3)], ids=str)
def test_every_member_has_a_witness_that_others_can_check(projector, monkeypatch):
    results, original = [], Matching.result
    monkeypatch.setattr(Matching, "result", lambda self: results.append(original(self)) or results[-1])
    found = slice_map(projector, cyclic_view(projector.n), 31)
    (nearest,) = results
    matrices = block_norms_by_hand(projector, nearest.theta.numpy())
    wanted = cyclic_view(projector.n).embed(
        torch.from_numpy(np.stack([part[found.inside] for part in np.meshgrid(found.centres, found.centres)], -1))
    )
    distances = np.linalg.norm(matrices - wanted.numpy(), axis=(-2, -1))
    np.testing.assert_allclose(found.distance[found.inside], distances, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.member[found.inside], distances <= 1e-6)
    assert found.member.any()


def test_the_last_word_has_the_distance_recomputed_from_theta(monkeypatch):
    original = Matching.result
    monkeypatch.setattr(Matching, "result", lambda self: replace(found := original(self), distance=found.distance + 1))
    found = slice_map(Orthostochastic(3, 2), cyclic_view(3), 15)
    assert not found.member.any()
    assert np.nanmin(found.distance) >= 1


def block_norms_by_hand(projector, theta):
    """The definition, matrix for matrix, by numpy."""
    N, s = projector.n * projector.s, projector.s
    row, column = np.triu_indices(N, 1)
    matrices = []
    for each in theta:
        A = np.zeros((N, N), dtype=complex)
        A[row, column] = each[: len(row)]
        A[column, row] = -each[: len(row)]
        if isinstance(projector, Unistochastic):
            A[row, column] += 1j * each[len(row) : 2 * len(row)]
            A[column, row] += 1j * each[len(row) : 2 * len(row)]
            A += 1j * np.diag(each[2 * len(row) :])
        squares = np.abs(np.linalg.solve(np.eye(N) + A, np.eye(N) - A)) ** 2
        matrices.append(np.add.reduceat(np.add.reduceat(squares, range(0, N, s), 0), range(0, N, s), 1) / s)
    return np.stack(matrices)


@each_small
def test_slices_are_made_of_cells_inside_the_polytope(projector):
    view = cyclic_view(projector.n)
    found = slice_map(projector, view, 21)
    assert (found.member <= found.touched).all()
    assert (found.member <= found.inside).all()
    assert found.inside[10, 10]
    np.testing.assert_array_equal(np.isnan(found.distance), ~found.inside)
    np.testing.assert_array_equal(found.member, found.distance <= 1e-6)
    points = torch.from_numpy(np.stack(np.meshgrid(found.centres, found.centres), -1))
    np.testing.assert_array_equal(found.inside, view.embed(points).amin((-2, -1)).numpy() >= -1e-12)
    np.testing.assert_allclose(found.centres, -found.centres[::-1], atol=0)
    assert found.cell == pytest.approx(2.1 / 21)
    assert (found.projector, found.view) == (projector, view)


@pytest.mark.parametrize(("n", "frequency"), [(2, 1), (4, 2), (6, 3)])
def test_flat_views_have_a_slice_on_their_line_alone(n, frequency):
    """c_k alternates between two values: a mean of two matrices J/m, in O_{n,2} by averages of Fourier matrices."""
    found = slice_map(Orthostochastic(n, 2), cyclic_view(n, frequency), 21)
    middle = np.zeros((21, 21), dtype=bool)
    middle[10] = np.abs(found.centres) <= 1
    np.testing.assert_array_equal(found.inside, middle)
    assert found.member[10, 10]
    assert found.touched[10][np.abs(found.centres) <= 1].mean() > 0.9
    assert not np.delete(found.touched, 10, 0).any()


@each_small
def test_the_same_seed_gives_the_same_slice_and_others_the_same_set(projector):
    one, same, other = (slice_map(projector, cyclic_view(projector.n), 21, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.distance, same.distance)
    np.testing.assert_array_equal(one.touched, same.touched)
    assert (one.member != other.member).sum() <= 3


@pytest.mark.parametrize("projector", [Orthostochastic(3, 2), Orthostochastic(4, 1)], ids=str)
def test_slices_only_ever_grow(projector, monkeypatch):
    monkeypatch.setattr(Matching, "batches", lambda self, rows: rows.split(100) if len(rows) else ())
    steps = list(slice_maps(projector, cyclic_view(projector.n), 31))
    assert len(steps) > 4
    assert [step.finished for step in steps] == [False] * (len(steps) - 1) + [True]
    for one, after in pairwise(steps):
        assert (one.member <= after.member).all()
        assert (one.touched <= after.touched).all()
        assert one.seconds <= after.seconds
        assert (after.distance <= one.distance + 1e-9)[after.inside].all()
    whole = slice_map(projector, cyclic_view(projector.n), 31)
    assert (steps[-1].member == whole.member).mean() > 0.99


def test_the_caller_may_stop_at_any_moment():
    before, threads = set(threading.enumerate()), torch.get_num_threads()
    stream = slice_maps(Orthostochastic(4, 1), cyclic_view(4), 101)
    assert not next(stream).finished
    stream.close()
    assert set(threading.enumerate()) == before
    assert torch.get_num_threads() == threads


@dataclass(frozen=True)
class SkewedPlane(View):
    """A plane through the polytope of order 3 without the symmetry that makes nearest matrices lie in it."""

    n: int = field(default=3, init=False, repr=False)
    name = "skewed"
    permutations = ((0, 1, 2), (1, 2, 0), (2, 0, 1))

    @cached_property
    def directions(self):
        turned, _ = torch.linalg.qr(normal(4, 2, seed=4))
        return torch.einsum("kd,kij->dij", turned, tangent_basis(3)) / sqrt(2)


SKEWED = SkewedPlane()


def chain(points):
    """Points (..., 2) of the skewed plane -> by how much the longest link of two rows exceeds the others.

    The links are sqrt(B_im B_jm) over m. At order 3, matrices are unistochastic where this is negative, and
    orthostochastic where it is 0; nan outside the polytope.
    """
    matrices = SKEWED.embed(torch.as_tensor(points))
    roots = matrices.clamp_min(0).sqrt()
    links = torch.stack([roots[..., i, :] * roots[..., j, :] for i, j in ((0, 1), (0, 2), (1, 2))], -2)
    excess = (2 * links.amax(-1) - links.sum(-1)).amax(-1)
    return torch.where(matrices.amin((-2, -1)) >= 0, excess, torch.nan).numpy()


def test_members_in_a_skewed_plane_are_those_that_the_chain_links_allow():
    found = slice_map(Unistochastic(3), SKEWED, 41)
    excess = chain(np.stack(np.meshgrid(found.centres, found.centres), -1))
    assert (excess[found.member] <= 1e-5).all()
    assert found.member[found.inside & (excess < -1e-5)].all()


def test_where_real_matrices_cross_a_skewed_plane_the_chain_links_change_sign():
    found = slice_map(Orthostochastic(3), SKEWED, 61)
    shifts = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 9) * found.cell] * 2), -1).reshape(-1, 2)
    excess = chain(np.stack(np.meshgrid(found.centres, found.centres), -1)[:, :, None] + shifts)
    inner = np.isfinite(excess).all(-1)  # elsewhere the roots are steep
    least, most = excess[inner].min(-1), excess[inner].max(-1)
    touched = found.touched[inner]
    assert (least[touched] < 0.01).all()
    assert (most[touched] > -0.01).all()
    crossed = (least < -0.01) & (most > 0.01)
    assert crossed.sum() > 20
    assert touched[crossed].mean() > 0.9
    assert found.member.sum() <= 0.03 * found.inside.sum()


def test_a_crossing_counts_only_if_the_matrix_is_in_the_plane(monkeypatch):
    """Whatever the search claims, the shadow of the recomputed matrix must be the matrix."""
    monkeypatch.setattr(
        geometry.slices.section, "match", lambda space, points, targets, **rest: (points, torch.zeros(len(points)))
    )
    found = slice_map(Orthostochastic(3), SKEWED, 21)
    assert (found.touched & ~found.member).sum() <= 3


@pytest.mark.parametrize(
    ("arguments", "received"),
    [
        ((Orthostochastic(3), cyclic_view(4)), "plane view of n = 3 is needed, not Z₄ plane of n = 4 in 2-D"),
        ((Orthostochastic(4), cyclic_space(4)), "in 3-D"),
        ((Orthostochastic(3), cyclic_view(3), 20), "must be odd, .* not 20"),
        ((Orthostochastic(3), cyclic_view(3), 3), "resolution .* from 5 to 401, not 3"),
        ((Orthostochastic(3), cyclic_view(3), 403), "not 403"),
        ((Orthostochastic(3), cyclic_view(3), 21.5), "not 21.5"),
        ((Orthostochastic(3), cyclic_view(3), 21, -1), "seed .* from 0 to 9223372036854775807, not -1"),
        ((Sinkhorn(3), cyclic_view(3), 21, -1), "seed .* not -1"),  # a formula needs no seed, and must refuse it too
        ((PermutationMixture(3), cyclic_view(3), 21, 0.5), "seed .* not 0.5"),
        ((Sinkhorn(3), cyclic_view(3), 21, 2**63), "seed .* not 9223372036854775808"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_received(arguments, received):
    with pytest.raises(ValueError, match=received):
        slice_map(*arguments)


def test_the_circle_of_radius_one_half_is_orthostochastic_at_order_4():
    # The signs make the square roots of the section's entries orthogonal: an exact witness for every angle.
    signs = torch.tensor([[1, 1, 1, 1], [1, -1, 1, 1], [1, -1, -1, 1], [1, -1, -1, -1]]).double()
    angle = torch.arange(5, 90, 8.5, dtype=torch.float64).deg2rad()
    matrices = cyclic_view(4).embed(torch.stack([angle.cos(), angle.sin()], -1) / 2)
    roots = signs * matrices.clamp_min(0).sqrt()
    torch.testing.assert_close(roots @ roots.mT, torch.eye(4).double().expand_as(roots), rtol=0, atol=1e-12)
    assert nearest(Orthostochastic(4, 1), matrices.clamp_min(0), starts=24).member.all()
