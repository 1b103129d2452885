"""Binned eigenvalues, and how much of a region they fill."""

import numpy as np
import pytest
import torch

from geometry.coverage import coverage
from geometry.grid import density
from geometry.regions import hypocycloid, karpelevich, perfect_mirsky
from geometry.sampling import sample
from geometry.spectra import eigenvalues
from projectors import Orthostochastic, methods
from tests.projectors.table import normal

BINS = [3, 5, 101, 201, 2001]
each_grid = pytest.mark.parametrize("bins", BINS)


def numbers(count=2000, seed=0):
    return torch.complex(normal(count, seed=seed), normal(count, seed=seed + 1)) / 2


def disk(count=400_000, radius=1.0):
    """A fine grid of numbers that fill a disk."""
    side = torch.linspace(-1, 1, int(count**0.5), dtype=torch.float64) * radius
    points = torch.complex(*torch.meshgrid(side, side, indexing="xy")).flatten()
    return points[points.abs() <= radius]


@each_grid
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
def test_every_number_inside_is_counted_once(bins):
    values = numbers()
    binned = density(values, bins, extent=1.0)
    inside = (values.real.abs() < 1) & (values.imag.abs() < 1)
    assert binned.counts.shape == (bins, bins)
    assert binned.counts.dtype == np.int64
    assert binned.counts.sum() == inside.sum()
    half = torch.complex(*(part.half() for part in (values.real, values.imag)))
    assert (density(half, bins, extent=1.0).counts == density(half.to(torch.complex64), bins, extent=1.0).counts).all()


@each_grid
def test_number_is_counted_in_the_cell_that_holds_it(bins):
    for value in numbers(20).tolist():
        if abs(value.real) > 1 or abs(value.imag) > 1:
            continue
        binned = density(torch.tensor([value], dtype=torch.complex128), bins)
        ((row, column),) = np.argwhere(binned.counts)
        assert binned.edges[column] <= value.real <= binned.edges[column + 1]
        assert binned.edges[row] <= value.imag <= binned.edges[row + 1]
        assert abs(binned.centres[column] - value.real) <= binned.bin_width / 2 * (1 + 1e-12)
        assert abs(binned.centres[row] - value.imag) <= binned.bin_width / 2 * (1 + 1e-12)


@each_grid
def test_grid_is_symmetric(bins):
    """Also for numbers on the edge between two cells, exactly: conjugates and negatives fall into mirrored cells."""
    grid = density(numbers(0), bins)
    assert np.array_equal(grid.centres, -grid.centres[::-1])
    assert grid.centres[bins // 2] == 0
    np.testing.assert_allclose(grid.edges[:-1] + grid.bin_width / 2, grid.centres, rtol=0, atol=1e-14)
    on_edges = torch.complex(
        *(
            torch.as_tensor(grid.edges[1:-1])[index]
            for index in torch.randint(0, bins - 1, (2, 200), generator=torch.Generator().manual_seed(0))
        )
    )
    values = torch.cat([numbers(), on_edges])
    counts = density(values, bins).counts
    assert np.array_equal(density(values.conj(), bins).counts, counts[::-1])
    assert np.array_equal(density(-values, bins).counts, counts[::-1, ::-1])


def test_spectra_give_symmetric_densities_with_the_real_axis_in_the_middle():
    values = eigenvalues(sample(Orthostochastic(5), 1000))
    counts = density(values).counts
    assert np.array_equal(counts, counts[::-1])
    real = density(values[values.imag == 0])
    assert real.counts.sum() == real.counts[100].sum() == (values.imag == 0).sum() > 0


def test_densities_of_one_grid_add_up():
    one, other = numbers(), numbers(seed=5)
    together = density(one) + density(other)
    assert np.array_equal(together.counts, density(torch.cat([one, other])).counts)
    assert together.extent == 1.05
    for different in (density(one, bins=101), density(one, extent=2.0)):
        with pytest.raises(ValueError, match="different grids"):
            density(one) + different


def test_what_is_outside_or_not_a_number_is_dropped():
    outside = [2, -2, 2j, -2j, 1.06, 1e300, complex("inf"), complex("-infj"), complex("nan"), complex(0, float("nan"))]
    assert density(torch.tensor(outside, dtype=torch.complex128)).counts.sum() == 0
    assert density(torch.tensor([*outside, 0.5], dtype=torch.complex128)).counts.sum() == 1
    assert density(torch.zeros(3, 0, 4, dtype=torch.complex128)).counts.sum() == 0


@pytest.mark.parametrize("bins", [0, 1, 2, 200, -3, 2002, 2003, 4.0])
def test_bad_bins_are_refused(bins):
    with pytest.raises(ValueError, match=f"number of bins must be .*, not {bins}$"):
        density(numbers(), bins)


@pytest.mark.parametrize("extent", [0, -1, float("nan")])
def test_bad_extents_are_refused(extent):
    with pytest.raises(ValueError, match=f"extent of a density must be .* strictly between 0 and inf, not {extent}"):
        density(numbers(), 201, extent)


REGIONS = [karpelevich(5), perfect_mirsky(4), hypocycloid(3)]
each_region = pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.name)


@each_region
def test_full_disk_covers_everything_and_nothing_covers_nothing(region):
    full = coverage(density(disk()), region)
    assert full.share == 1
    assert full.filled == full.cells > 1000
    empty = coverage(density(numbers(0)), region)
    assert (empty.share, empty.filled, empty.cells) == (0, 0, full.cells)
    real = coverage(density(torch.linspace(-1, 1, 5000, dtype=torch.float64).to(torch.complex128)), region)
    assert real.share == 0


@each_region
def test_cells_measure_the_area(region):
    counted = coverage(density(numbers(0), 1001), region)
    axis = counted.bin_width * (region.radius(0) + region.radius(np.pi))
    assert abs(counted.cells * counted.bin_width**2 + axis - region.area) < 0.01


@pytest.mark.parametrize("radius", [0.2, 0.5])
def test_disk_covers_its_share(radius):
    """The disk of radius 1/2 lies in PM_4, whose area is (17 - 5 sqrt 3)/4."""
    share = coverage(density(disk(radius=radius)), perfect_mirsky(4)).share
    assert share == pytest.approx(np.pi * radius**2 / ((17 - 5 * 3**0.5) / 4), abs=0.02)


@each_region
def test_more_eigenvalues_never_cover_less(region):
    total, shares = density(numbers(0)), []
    for seed in range(10):
        total = total + density(numbers(seed=3 * seed))
        shares.append(coverage(total, region).share)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_region_without_area_has_no_share():
    nothing = coverage(density(numbers()), perfect_mirsky(2))
    assert np.isnan(nothing.share)
    assert (nothing.filled, nothing.cells) == (0, 0)


def test_methods_cover_what_they_reach():
    """KromHC of pairs has a real spectrum; go-mHC grows with s; nothing exceeds PM_4."""
    reaches = (methods(4)["KromHC"], Orthostochastic(4, 1), Orthostochastic(4, 2))
    binned = [density(eigenvalues(sample(projector, 20_000, "edges")), 101) for projector in reaches]
    shares = [coverage(each, perfect_mirsky(4)).share for each in binned]
    assert shares[0] == 0 < shares[1] < shares[2] <= 1


def test_share_is_written_with_its_cells():
    assert str(coverage(density(disk()), karpelevich(5))) == "100.0 % in cells of 0.0104"
