"""Maps and densities of a small window are those of the whole, looked at closely."""

import numpy as np
import pytest
import torch

from geometry.grid import Window, density
from geometry.reach import reach_map
from geometry.regions import karpelevich, orthostochastic_order3, perfect_mirsky, perfect_mirsky_exception
from geometry.sampling import sample
from geometry.spectra import eigenvalues
from geometry.survey import survey
from projectors import Kronecker, Orthostochastic, PermutationMixture

EXCEPTION = Window(-0.30509 + 0.757662j, 0.01)


def edge_window():
    """A window around a point of the deltoid, with cells of 1e-4."""
    boundary = orthostochastic_order3(1).boundary
    return Window(complex(boundary[len(boundary) // 4]), 51e-4)


@pytest.mark.parametrize("flip", [False, True])
def test_cells_of_a_ten_thousandth_follow_the_exact_boundary(flip):
    window = edge_window()
    window = Window(window.centre.conjugate(), window.half) if flip else window
    found = reach_map(Orthostochastic(3), window=window)
    region = orthostochastic_order3(1)
    assert found.cell < 1.01e-4
    assert 0.1 < found.reached.mean() < 0.9
    assert region.contains(found.plane[found.reached], tolerance=2e-8).all()
    well_inside = np.all([region.contains(found.plane + found.cell * step) for step in (1, -1, 1j, -1j)], axis=0)
    assert found.reached[well_inside].mean() > 0.99


def test_the_exception_to_perfect_and_mirsky_fills_the_screen():
    """Circulants end at PM_5, and what is known near it comes of them: cells beyond need starts of other families."""
    found = reach_map(PermutationMixture(5), window=EXCEPTION)
    beyond = found.reached & ~perfect_mirsky(5).contains(found.plane)
    assert beyond.sum() > 1000
    assert karpelevich(5).contains(found.plane[beyond], tolerance=1e-8).all()
    curve = perfect_mirsky_exception().curve
    assert np.abs(found.plane[beyond]).max() < np.abs(curve).max() + found.cell


def test_what_a_small_rank_reaches_of_the_exception_is_found():
    found = reach_map(Orthostochastic(5, 2), window=EXCEPTION)
    assert (found.reached & ~perfect_mirsky(5).contains(found.plane)).sum() > 100


def test_a_touched_cell_of_a_window_has_a_witness_with_an_eigenvalue_in_it():
    for window in (Window(0.2 + 0.5j, 0.05), Window(0.2 - 0.5j, 0.05), Window(0.3 + 0j, 0.05)):
        found = reach_map(Orthostochastic(4, 2), 21, window=window)
        assert found.has_witnesses
        for z in found.plane[found.touched][::37]:
            values = eigenvalues(found.matrix(complex(z))).numpy()
            away = np.minimum(abs(values - z).real, abs(values.conj() - z).real)
            assert away.min() <= found.cell * np.sqrt(0.5) + 1e-12
        assert found.matrix(window.centre + 2) is None


def test_a_window_on_the_real_axis_is_its_own_mirror_image():
    found = reach_map(Orthostochastic(4, 2), 21, window=Window(0.5 + 0j, 0.1))
    assert np.array_equal(found.reached, found.reached[::-1])
    assert found.coverage(perfect_mirsky(4)).certified == 1


def test_what_a_formula_reaches_is_mapped_in_a_window():
    found = reach_map(PermutationMixture(7), 31, window=Window(0.2 - 0.3j, 0.05))
    assert found.reached.all()
    assert found.matrix(0.2 - 0.3j).shape == (7, 7)


def test_what_only_a_line_reaches_leaves_a_window_beside_it_empty():
    found = reach_map(Kronecker((Orthostochastic(2), Orthostochastic(2))), 21, window=Window(0.2 + 0.3j, 0.05))
    assert not found.touched.any()


def test_a_window_counts_what_is_in_it():
    values = eigenvalues(sample(Orthostochastic(4, 2), 2000, "initial"))
    window = Window(0.1 + 0.2j, 0.15)
    binned = density(values, 51, window.half, centre=window.centre)
    within = ((values.real - 0.1).abs() < 0.15) & ((values.imag - 0.2).abs() < 0.15)
    assert binned.counts.sum() == within.sum() > 10
    for z in values[within][:20].numpy():
        row, column = np.unravel_index(np.abs(binned.plane - z).argmin(), binned.counts.shape)
        assert binned.counts[row, column] > 0
    with pytest.raises(ValueError, match="different grids"):
        binned + density(values, 51, window.half)


def test_a_survey_of_a_window_differs_in_its_density_alone():
    *_, whole = survey(Orthostochastic(4, 2), 500)
    *_, part = survey(Orthostochastic(4, 2), 500, window=Window(0.1 + 0.2j, 0.15))
    assert (part.matrices, part.real, part.largest) == (whole.matrices, whole.real, whole.largest)
    assert 0 < part.density.counts.sum() < whole.density.counts.sum()


@pytest.mark.parametrize(
    ("centre", "half", "complaint"),
    [
        ("0.5", 0.1, "must be a finite number, not '0.5'"),
        (3 + 0j, 0.1, "modulus at most 2"),
        (complex("nan"), 0.1, "must be a finite number"),
        (0j, 0, "from 1e-06 to 2"),
        (0j, float("inf"), "from 1e-06 to 2"),
    ],
)
def test_bad_windows_are_refused(centre, half, complaint):
    with pytest.raises(ValueError, match=complaint):
        Window(centre, half)


def test_what_is_no_window_is_refused():
    with pytest.raises(ValueError, match="the window must be of type Window"):
        reach_map(Orthostochastic(3), window=0.1)
    assert torch.is_grad_enabled()
