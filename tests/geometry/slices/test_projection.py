"""Projections of whole parameterizations: what is counted, what is filled, what is never left, and outlines."""

from math import pi

import numpy as np
import pytest
import torch

import geometry.sampling
from geometry.regions import hypocycloid, orthostochastic_order3, perfect_mirsky
from geometry.sampling import MEASURES, sample
from geometry.slices import cyclic_space, cyclic_view, odd_view, outline, permutation_view, projection
from geometry.slices.projection import shadows
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods
from tests.projectors.table import seeded

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
BINS = 201


def last(projector, view, count=1000, measure="initial", seed=0, **options):
    *_, found = projection(projector, view, count, measure, seed, **options)
    return found


def plane(bins, extent=1.05):
    x = np.arange(-(bins // 2), bins // 2 + 1) * 2 * extent / bins
    return x, x + 1j * x[:, None]


def uniform_b3(count, seed=0):
    """Doubly stochastic (m, 3, 3), uniform: top left minors from the unit cube, an eighth of which are accepted."""
    minor = torch.rand(count, 2, 2, generator=seeded(seed), dtype=torch.float64)
    rows = torch.cat([minor, 1 - minor.sum(-1, keepdim=True)], -1)
    whole = torch.cat([rows, 1 - rows.sum(-2, keepdim=True)], -2)
    return whole[whole.amin((-2, -1)) >= 0]


def cells_inside(region, bins):
    """Cells (bins, bins) that lie in the region with all four corners."""
    _, z = plane(bins)
    corners = [z + 1.05 / bins * corner for corner in (1 + 1j, 1 - 1j, -1 + 1j, -1 - 1j)]
    return np.all([region.contains(corner) for corner in corners], axis=0)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("projector", [*methods(4, 2).values(), Unistochastic(3, 2), Mixture(Orthostochastic(3), 2)])
@pytest.mark.parametrize("measure", MEASURES)
def test_every_matrix_is_counted_once_where_its_shadow_falls(projector, measure, device):
    view = cyclic_view(projector.n)
    found = last(projector, view, 777, measure, seed=3, device=device)
    assert found.matrices == found.density.counts.sum() == 777
    matrices = sample(projector, 777, measure, seed=3, device=device)
    points = view.project(matrices).cpu().numpy()
    width, half = found.density.bin_width, BINS // 2
    column, row = np.rint(points / width).astype(int).T + half
    counts = np.zeros((BINS, BINS), dtype=int)
    np.add.at(counts, (row, column), 1)
    np.testing.assert_array_equal(found.density.counts, counts)
    sums = max(float((matrices.sum(axis) - 1).abs().max()) for axis in (-1, -2))
    assert found.row_error == pytest.approx(sums, abs=1e-13)
    assert found.device.type == device
    assert found.rate > 0


def test_numbers_do_not_depend_on_how_the_stream_is_cut(monkeypatch):
    """Of the same matrices: batches of another size are other streams, their summaries add up to the same."""
    matrices, view = sample(Sinkhorn(3, 2), 1000), cyclic_view(3)  # rows are visibly off
    whole = shadows(matrices, view)
    for size in (1, 7, 400, 1000):
        parts = [shadows(part, view) for part in matrices.split(size)]
        total = sum(parts[1:], parts[0])
        np.testing.assert_array_equal(total.density.counts, whole.density.counts)
        assert total.matrices == 1000
        assert total.row_error == pytest.approx(whole.row_error, rel=1e-9)
    monkeypatch.setattr(geometry.sampling, "batch_size", lambda projector: 300)
    counts = [part.matrices for part in projection(Orthostochastic(3, 2), view, 1000)]
    assert counts == [300, 600, 900, 1000]


def test_the_caller_may_stop_at_any_moment(monkeypatch):
    monkeypatch.setattr(geometry.sampling, "batch_size", lambda projector: 100)
    stream = projection(Sinkhorn(3), cyclic_view(3), 10_000)
    assert next(stream).matrices == 100
    assert next(stream).matrices == 200
    stream.close()


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("measure", ["target", "edges"])
def test_order_three_stays_inside_the_deltoid_arcs_in_the_even_and_the_odd_plane(kind, s, measure):
    """Odd planes, too: to multiply by a transposition exchanges the planes, and leaves the set alone."""
    matrices = sample(kind(3, s), 4000, measure)
    for view in (cyclic_view(3), odd_view()):
        z = torch.view_as_complex(view.project(matrices)).numpy()
        assert orthostochastic_order3(s).contains(z, tolerance=1e-9).all()


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
def test_the_projection_of_rank_one_fills_the_deltoid(kind):
    """Although at s = 1 the real slice is no more than its boundary."""
    counts = last(kind(3, 1), cyclic_view(3), 40_000, "target", bins=41).density.counts
    assert (counts[cells_inside(hypocycloid(3), 41)] > 0).all()


@pytest.mark.parametrize("s", [2, 3])
def test_the_edges_measure_fills_the_small_arcs_of_higher_rank(s):
    counts = last(Orthostochastic(3, s), cyclic_view(3), 40_000, "edges", bins=41).density.counts
    assert (counts[cells_inside(orthostochastic_order3(s), 41)] > 0).mean() > 0.97


def test_the_share_of_the_polytope_above_the_deltoid_is_known():
    """Of uniform B_3, .9276 (math.md section 4, Monte Carlo); all of it above the triangle."""
    matrices = uniform_b3(800_000)
    z = torch.view_as_complex(cyclic_view(3).project(matrices)).numpy()
    assert perfect_mirsky(3).contains(z, tolerance=1e-12).all()
    share, error = hypocycloid(3).contains(z).mean(), np.sqrt(0.07 / len(z))
    assert share == pytest.approx(0.9276, abs=4 * error + 1e-4)
    assert len(matrices) / 800_000 == pytest.approx(1 / 8, abs=0.002)  # the relative volume of B_3


def test_the_projection_has_the_symmetries_of_the_group():
    """B and B P have their shadows a third of a turn apart, B and its transpose are mirror images."""
    matrices = sample(Orthostochastic(3, 2), 500, "target")
    z = torch.view_as_complex(cyclic_view(3).project(matrices))
    turned = torch.view_as_complex(cyclic_view(3).project(matrices.roll(1, 2)))
    torch.testing.assert_close(turned, z * np.exp(2j * pi / 3), rtol=0, atol=1e-13)
    transposed = torch.view_as_complex(cyclic_view(3).project(matrices.mT))
    torch.testing.assert_close(transposed, z.conj(), rtol=0, atol=1e-13)


def disc(z):
    return np.abs(z) <= 0.7


def square(z):
    return (np.abs(z.real) <= 0.5) & (np.abs(z.imag) <= 0.5)


def annulus(z):
    return (np.abs(z) <= 0.8) & (np.abs(z) >= 0.4)


def two(z):
    return np.minimum(np.abs(z - 0.5), np.abs(z + 0.5)) <= 0.3


def lines_of(points):
    return np.split(points, np.flatnonzero(np.isnan(points)))


def loops(points):
    """Points with nans between lines -> each line without its nan."""
    return [line[~np.isnan(line)] for line in lines_of(points)]


def signed_area(line):
    return float((np.conj(line[:-1]) * line[1:]).imag.sum() / 2)


def windings(line, points):
    turns = np.angle((line[None, 1:] - points[:, None]) / (line[None, :-1] - points[:, None])).sum(1) / (2 * pi)
    return np.rint(turns).astype(int)


@pytest.mark.parametrize(("shape", "area", "count"), [(disc, 0.49 * pi, 1), (square, 1, 1), (two, 0.18 * pi, 2)])
def test_outlines_are_closed_and_hold_the_cells(shape, area, count):
    x, z = plane(101)
    filled = shape(z)
    found = loops(outline(filled, x))
    assert len(found) == count
    assert all(line[0] == line[-1] for line in found)
    assert sum(abs(signed_area(line)) for line in found) == pytest.approx(area, rel=0.04)
    around = sum(np.abs(windings(line, z.ravel())) for line in found)
    np.testing.assert_array_equal(around.reshape(z.shape), filled)


def test_holes_have_an_outline_of_their_own_the_other_way_round():
    x, z = plane(101)
    found = sorted(loops(outline(annulus(z), x)), key=lambda line: np.abs(line).max())
    areas = [signed_area(line) for line in found]
    assert np.sign(areas[0]) == -np.sign(areas[1])
    np.testing.assert_allclose(np.abs(areas), [0.16 * pi, 0.64 * pi], rtol=0.05)
    around = sum(windings(line, z.ravel()) for line in found)
    np.testing.assert_array_equal(around.reshape(z.shape) != 0, annulus(z))


def test_outlines_of_nothing_one_cell_and_everything():
    x, _ = plane(21)
    nothing = outline(np.zeros((21, 21), dtype=bool), x)
    assert nothing.shape == (0,)
    assert nothing.dtype == np.complex128
    one = np.zeros((21, 21), dtype=bool)
    one[15, 3] = True  # row y, column x
    (line,) = loops(outline(one, x))
    assert line[:-1].mean() == pytest.approx(x[3] + 1j * x[15])
    assert abs(signed_area(line)) == pytest.approx(0.5 * (x[1] - x[0]) ** 2)  # a diamond halfway to the neighbours
    (line,) = loops(outline(np.ones((21, 21), dtype=bool), x))
    assert line[0] == line[-1]
    assert (windings(line, (x + 1j * x[:, None]).ravel()) != 0).all()


@pytest.mark.parametrize(
    ("arguments", "received"),
    [
        ((Orthostochastic(3), cyclic_view(4), 100), "plane view of n = 3 is needed, not Z₄ plane of n = 4 in 2-D"),
        ((Orthostochastic(4), cyclic_space(4), 100), "not Z₄ in space of n = 4 in 3-D"),
        ((Orthostochastic(3), cyclic_view(3), 0), "number of matrices .* not 0"),
        ((Orthostochastic(3), cyclic_view(3), 10, "uniform"), "not 'uniform'"),
        ((Orthostochastic(3), cyclic_view(3), 10, "initial", -1), "seed .* not -1"),
        ((Orthostochastic(3), cyclic_view(3), 10, "initial", 0.5), "seed .* not 0.5"),
        ((Orthostochastic(3), cyclic_view(3), 10, "initial", 2**63), "seed .* not 9223372036854775808"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_received(arguments, received):
    with pytest.raises(ValueError, match=received):
        next(projection(*arguments))
    with pytest.raises(ValueError, match="not 200"):
        next(projection(Orthostochastic(3), cyclic_view(3), 10, bins=200))


def test_chosen_planes_hold_all_that_is_projected_onto_them():
    """mHC-lite reaches everything: its outermost matrices have their shadows near the corners of the whole shadow."""
    view = permutation_view([(0, 1, 2), (1, 0, 2), (1, 2, 0)])
    found = last(PermutationMixture(3), view, 3000, "edges", bins=81)
    rows, columns = np.nonzero(found.density.counts)
    z = found.density.centres[columns] + 1j * found.density.centres[rows]
    corners = view.shadow @ [1, 1j]
    assert (np.abs(z[:, None] - corners).min(0) < 0.1).all()
    kron = Kronecker((PermutationMixture(2), PermutationMixture(2)))
    assert last(kron, permutation_view([(0, 1, 2, 3), (1, 0, 3, 2), (0, 2, 1, 3)]), 500).density.counts.sum() == 500
