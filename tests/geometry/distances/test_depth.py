"""How deep a matrix lies in the polytope: the way straight to the nearest facet."""

import pytest
import torch

from geometry.distances import facet_distance
from geometry.sampling import sample
from projectors import Sinkhorn


@pytest.mark.parametrize("n", [2, 3, 5])
def test_facet_distance_is_the_way_straight_to_the_nearest_facet(n):
    """Along the unit matrix of the least entry, less its means: the end of the way has a zero there, and sums of 1."""
    matrices = sample(Sinkhorn(n, 300), 30, "target")
    depth = facet_distance(matrices)
    for matrix, way in zip(matrices, depth, strict=True):
        i, j = divmod(int(matrix.argmin()), n)
        normal_to = torch.zeros(n, n, dtype=torch.float64)
        normal_to[i, j] = 1
        normal_to -= normal_to.mean(0, keepdim=True)
        normal_to -= normal_to.mean(1, keepdim=True)
        end = matrix - way * normal_to / torch.linalg.matrix_norm(normal_to)
        assert abs(float(end[i, j])) < 1e-9
        assert end.min() > -1e-9 or n > 2  # the nearest facet's plane may be met outside the polytope
        assert (end.sum(0) - 1).abs().max() < 1e-6
    assert float(facet_distance(torch.full((n, n), 1 / n))) == pytest.approx(1 / (n - 1))
    torch.testing.assert_close(facet_distance(torch.eye(n).expand(2, 3, n, n)), torch.zeros(2, 3))
    outside = 1.5 * torch.eye(n) - 0.5 * torch.eye(n).roll(1, 1)
    assert facet_distance(outside, tolerance=None) < 0
    with pytest.raises(ValueError, match=r"facet_distance .*entry \(0, 1\) is -0\.5, below 0"):
        facet_distance(outside)
