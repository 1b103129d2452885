"""Slices and projections of a small window are those of the whole, looked at closely."""

from math import pi

import numpy as np
import pytest

from geometry.grid import Window
from geometry.regions import orthostochastic_order3
from geometry.slices import cyclic_view, outline, projection, slice_map
from geometry.slices.projection import shadows
from projectors import Orthostochastic, Sinkhorn


def cell_plane(found):
    return found.centre + found.centres + 1j * found.centres[:, None]


@pytest.mark.parametrize("flip", [False, True])
def test_the_exact_boundary_of_order_three_runs_through_a_window_of_cells_of_1e_4(flip):
    """Rank 2 is bounded by a deltoid arc; a cell on its inner side belongs, one beyond does not."""
    region = orthostochastic_order3(2)
    middle = region.boundary[len(region.boundary) // 7]
    window = Window(complex(middle.conjugate() if flip else middle), 31 * 1e-4 / 2)
    found = slice_map(Orthostochastic(3, 2), cyclic_view(3), 31, window=window)
    z = cell_plane(found)
    assert found.cell == pytest.approx(1e-4)
    assert region.contains(z[found.member], tolerance=2e-6).all()
    assert found.member[region.contains(z) & region.contains(z * (1 + 1e-5))].mean() > 0.99
    assert 0.2 < found.share < 0.8


def test_the_curve_of_rank_one_passes_through_the_cells_that_a_window_says():
    t = np.linspace(0, 2 * pi, 400_000, endpoint=False)
    curve = (2 * np.exp(1j * t) + np.exp(-2j * t)) / 3
    window = Window(complex(curve[33_333]), 0.01)
    found = slice_map(Orthostochastic(3, 1), cyclic_view(3), 41, window=window)
    offset = (curve - window.centre) / found.cell
    column, row = (offset.real.round().astype(int) + 20, offset.imag.round().astype(int) + 20)
    within = (np.minimum(column, row) >= 0) & (np.maximum(column, row) < 41)
    crossed = np.zeros((41, 41), dtype=bool)
    crossed[row[within], column[within]] = True
    assert not found.touched[~crossed].any()
    assert found.touched[crossed].mean() > 0.8


def test_a_window_beside_the_polytope_is_empty():
    found = slice_map(Orthostochastic(4, 2), cyclic_view(4), 11, window=Window(0.9 + 0.9j, 0.05))
    assert not found.inside.any()
    assert not found.touched.any()
    assert found.share == 0
    assert np.isnan(found.distance).all()
    assert found.finished
    *_, part = projection(Orthostochastic(4, 2), cyclic_view(4), 100, window=Window(0.9 + 0.9j, 0.05))
    assert np.isnan(part.occupied(cyclic_view(4)))


def test_a_formula_fills_a_window():
    found = slice_map(Sinkhorn(4), cyclic_view(4), 11, window=Window(0.3 + 0.1j, 0.05))
    assert found.member.all()


def test_the_projection_of_a_window_counts_what_is_in_it_and_the_rest_stays_the_same():
    view, window = cyclic_view(4), Window(0.1 + 0.2j, 0.15)
    *_, whole = projection(Orthostochastic(4, 2), view, 500)
    *_, part = projection(Orthostochastic(4, 2), view, 500, bins=51, window=window)
    assert (part.matrices, part.row_error) == (whole.matrices, whole.row_error)
    matrices = Orthostochastic(4, 2)(np_seeded(Orthostochastic(4, 2)))
    x, y = view.project(matrices).unbind(-1)
    within = ((x - 0.1).abs() < 0.15) & ((y - 0.2).abs() < 0.15)
    assert shadows(matrices, view, 51, window).density.counts.sum() == int(within.sum()) > 0


def np_seeded(projector):
    import torch

    generator = torch.Generator().manual_seed(0)
    return torch.randn(200, projector.parameter_count, dtype=torch.float64, generator=generator)


def test_an_outline_lies_where_its_grid_does():
    filled = np.zeros((5, 5), dtype=bool)
    filled[2, 2] = True
    centres = np.arange(-2.0, 3.0)
    np.testing.assert_allclose(outline(filled, centres, 3 - 1j), outline(filled, centres) + 3 - 1j)


def test_what_is_no_window_is_refused():
    for made in (slice_map, lambda *given, **more: list(projection(*given, 10, **more))):
        with pytest.raises(ValueError, match="the window must be of type Window"):
            made(Orthostochastic(3), cyclic_view(3), window=0.1)
