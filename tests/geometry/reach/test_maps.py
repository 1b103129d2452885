"""Maps against theory: nothing certified outside the region, everything inside it, and a witness in every cell."""

import threading
from itertools import pairwise

import numpy as np
import pytest
import torch

import geometry.reach.maps
from geometry.reach import reach_map, reach_maps
from geometry.reach.search.hunt import Hunt
from geometry.regions import hypocycloid, karpelevich, orthostochastic_order3, perfect_mirsky
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import sum_error

KROMHC = Kronecker((PermutationMixture(2), PermutationMixture(2)))
SMALL = [Orthostochastic(3), Orthostochastic(4, 2), Unistochastic(3), PermutationMixture(4), Sinkhorn(3), KROMHC]
each_small = pytest.mark.parametrize("projector", SMALL, ids=str)


def plane(reach):
    return reach.centres + 1j * reach.centres[:, None]


def off_axis(reach):
    off = np.ones(reach.reached.shape, dtype=bool)
    off[len(reach.centres) // 2] = False
    return off


@pytest.mark.parametrize("resolution", [21, 51, 101])
@pytest.mark.parametrize("s", [1, 2, 3, 4])
def test_order_three_is_filled_and_never_left(s, resolution):
    region = orthostochastic_order3(s)
    reach = reach_map(Orthostochastic(3, s), resolution)
    z, off = plane(reach), off_axis(reach)
    assert reach.finished
    assert region.contains(z[reach.reached & off], tolerance=1e-7).all()
    # A margin of 1e-6 from the boundary: so much further out is still inside.
    well_inside = region.contains(z * (1 + 1e-6 / np.abs(z).clip(1e-3))) & (np.abs(z) > 0)
    assert reach.reached[well_inside & off].all()
    axis = reach.reached[resolution // 2]
    assert axis[np.abs(reach.centres) < 1 - 1e-6].all()
    assert not axis[np.abs(reach.centres) > 1].any()
    triangle = perfect_mirsky(3)
    bracket = reach.coverage(triangle)
    assert 0 < bracket.certified < region.area / triangle.area < bracket.touched <= 1
    assert bracket.cell == pytest.approx(2.1 / resolution)
    whole = reach.coverage(region)
    assert whole.certified < 1 == whole.touched


def test_the_bracket_closes_in_with_the_resolution():
    brackets = [reach_map(Orthostochastic(3), bins).coverage(perfect_mirsky(3)) for bins in (21, 51, 101)]
    widths = [bracket.touched - bracket.certified for bracket in brackets]
    assert widths[0] > widths[1] > widths[2]


def test_order_four_stays_inside_perfect_mirsky_and_fills_its_hypocycloid():
    reach = reach_map(Orthostochastic(4), 51)
    z = plane(reach)
    assert perfect_mirsky(4).contains(z[reach.reached], tolerance=1e-7).all()
    for n in (3, 4):
        inside = hypocycloid(n).contains(z * 1.02) & off_axis(reach)
        assert reach.reached[inside].all(), n
    for share in np.linspace(0.1, 0.9, 9):  # the edge curve that leaves H_3 and H_4: its cells are at least touched
        roots = np.roots([1, 1 - share, 1 - share, 1 - 2 * share])
        assert reach.matrix(complex(0.97 * roots[roots.imag.argmax()])) is not None


def test_kromhc_of_twos_has_the_real_segment_and_no_more():
    reach = reach_map(KROMHC, 51)
    off = off_axis(reach)
    assert not reach.reached[off].any()
    assert not reach.touched[off].any()
    axis = np.abs(reach.centres) < 0.99
    assert reach.reached[25][axis].all()
    bracket = reach.coverage(perfect_mirsky(4))
    assert (bracket.certified, bracket.touched) == (0, 0)


@pytest.mark.parametrize(
    ("projector", "margin"), [(PermutationMixture(3), 0.97), (PermutationMixture(4), 0.9), (Sinkhorn(3), 0.9)], ids=str
)
def test_methods_that_are_dense_fill_perfect_mirsky(projector, margin):
    region = perfect_mirsky(projector.n)
    reach = reach_map(projector, 51)
    z, off = plane(reach), off_axis(reach)
    assert reach.reached[region.contains(z / margin) & off].all()
    assert region.contains(z[reach.reached], tolerance=1e-7).all()
    bracket = reach.coverage(region)
    assert bracket.certified < 1 == bracket.touched
    assert bracket.certified > 0.85


@each_small
def test_maps_are_symmetric_under_conjugation(projector):
    reach = reach_map(projector, 31)
    for field in ("reached", "touched", "residual", "witness"):
        part = getattr(reach, field)
        assert part.shape == (31, 31)
        np.testing.assert_array_equal(part, part[::-1], err_msg=field)
    assert (reach.centres == -reach.centres[::-1]).all()
    assert reach.cell == pytest.approx(2.1 / 31)


@each_small
def test_every_cell_has_its_witness(projector):
    """Its own: a doubly stochastic matrix with an eigenvalue at the centre, or at least in the cell."""
    reach = reach_map(projector, 31)
    assert (reach.reached <= reach.touched).all()
    np.testing.assert_array_equal(reach.touched, reach.witness >= 0)
    np.testing.assert_array_equal(reach.reached, reach.residual <= 1e-8)
    z = plane(reach)
    matrices = projector(reach.theta[torch.from_numpy(reach.witness[reach.touched])])
    assert sum_error(matrices) < 1e-8
    # Of the whole matrix, by another solver; double eigenvalues lose half of their digits in it.
    gaps = np.linalg.eigvals(matrices.numpy()) - z[reach.touched][:, None]
    half = reach.cell / 2 + 1e-9
    assert ((np.abs(gaps.real) <= half) & (np.abs(gaps.imag) <= half)).any(-1).all()
    at_centre = reach.reached[reach.touched]
    assert (np.abs(gaps[at_centre]).min(-1) < 1e-6).all()
    assert np.median(np.abs(gaps[at_centre]).min(-1)) <= 1e-8
    for place in np.argwhere(reach.reached)[::17]:
        target = complex(z[tuple(place)])
        matrix = reach.matrix(target + (0.3 - 0.2j) * reach.cell)  # anywhere in the cell
        assert (matrix - projector(reach.theta[reach.witness[tuple(place)]])).abs().max() < 1e-12
        assert np.abs(np.linalg.eigvals(matrix.numpy()) - target).min() < 1e-6


def test_matrices_of_other_places_are_none():
    reach = reach_map(Orthostochastic(3), 21)
    for z in (0.99 + 0.99j, -1 + 1j, 5.0, -1.06j, 1e9j):
        assert reach.matrix(z) is None
    assert reach.matrix(0.1 + 0.1j) is not None


def test_order_two_has_no_area():
    reach = reach_map(PermutationMixture(2), 21)
    assert reach.reached[10][1:-1].all()
    assert not reach.reached[off_axis(reach)].any()
    bracket = reach.coverage(karpelevich(2))
    assert np.isnan(bracket.certified)
    assert np.isnan(bracket.touched)


@pytest.mark.parametrize("projector", [Orthostochastic(4, 2), Sinkhorn(3)], ids=str)
def test_maps_only_ever_grow(projector, monkeypatch):
    monkeypatch.setattr(Hunt, "_batch", lambda self: 100)
    steps = list(reach_maps(projector, 31))
    assert len(steps) > 4
    assert [step.finished for step in steps] == [False] * (len(steps) - 1) + [True]
    for one, next_one in pairwise(steps):
        assert (one.reached <= next_one.reached).all()
        assert one.seconds <= next_one.seconds
        both = np.isfinite(one.residual)
        assert (next_one.residual[both] <= one.residual[both]).all()
    assert (steps[-1].reached != reach_map(projector, 31).reached).mean() < 0.01


def test_the_caller_may_stop_at_any_moment(monkeypatch):
    steered, original = [], geometry.reach.search.hunt.attempt
    monkeypatch.setattr(geometry.reach.search.hunt, "attempt", lambda *a, **k: steered.append(1) or original(*a, **k))
    monkeypatch.setattr(Hunt, "_batch", lambda self: 50)
    before, threads = set(threading.enumerate()), torch.get_num_threads()
    for wanted in (1, 3):
        steered.clear()
        stream = reach_maps(Orthostochastic(3), 31)
        for _ in range(wanted):
            assert not next(stream).finished
        stream.close()
        assert len(steered) == wanted
        assert torch.get_num_threads() == threads
    assert set(threading.enumerate()) == before


def test_a_map_that_was_drawn_does_not_change_afterwards(monkeypatch):
    """A page shows it while the search goes on."""
    monkeypatch.setattr(Hunt, "_batch", lambda self: 100)
    stream = reach_maps(Orthostochastic(4), 31)
    first = next(stream)
    reached, touched, residual = first.reached.copy(), first.touched.copy(), first.residual.copy()
    *_, last = stream
    assert last.reached.sum() > first.reached.sum()
    for kept, now in ((reached, first.reached), (touched, first.touched), (residual, first.residual)):
        np.testing.assert_array_equal(kept, now)
    assert not first.has_witnesses
    assert len(first.theta) == 0
    assert last.has_witnesses
    touched = last.touched & ~last.reached
    values = np.linalg.eigvals(last.projector(last.theta[torch.from_numpy(last.witness[touched])]).numpy())
    gaps = values - plane(last)[touched][:, None]
    half = last.cell / 2 + 1e-9
    real, imaginary = (
        np.abs(gaps.real) <= half,
        (np.abs(gaps.imag) <= half) | (np.abs(-values.imag - gaps.imag) <= half),
    )
    assert (real & imaginary).any(-1).all()


@pytest.mark.parametrize("size", [17, 300])
def test_batches_do_not_matter(size, monkeypatch):
    whole = reach_map(Orthostochastic(3, 2), 31)
    monkeypatch.setattr(Hunt, "_batch", lambda self: size)
    parts = reach_map(Orthostochastic(3, 2), 31)
    assert (whole.reached != parts.reached).mean() < 0.01


def test_the_same_seed_gives_the_same_map():
    first, again, other = (reach_map(Orthostochastic(4, 2), 31, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.theta, again.theta)
    np.testing.assert_array_equal(first.witness, again.witness)
    np.testing.assert_array_equal(first.residual, again.residual)
    assert not torch.equal(first.theta, other.theta)
    assert (first.reached != other.reached).mean() < 0.02


@pytest.mark.parametrize("resolution", [4, 6, 100, 3, 1, 0, -5, 1003, 10**9, True, 51.0, "51", None])
def test_bad_resolutions_are_refused(resolution):
    with pytest.raises(ValueError, match=r"the resolution must be .*, not"):
        reach_map(Orthostochastic(3), resolution)


def test_whole_numbers_of_any_kind_are_resolutions():
    assert reach_map(Orthostochastic(3), np.int64(21)).reached.shape == (21, 21)
