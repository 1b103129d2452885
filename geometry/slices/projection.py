"""The projection of a parameterization onto a plane of the polytope: where the shadows of its matrices fall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from torch import Tensor

from geometry.grid import BINS, WHOLE, Density, Window, density
from geometry.polytope import exactness_residual
from geometry.sampling import Measure
from geometry.sampling.summaries import accumulated
from geometry.slices.views import View, check_view
from projectors import Projector
from projectors.checks import instance


@dataclass(frozen=True, eq=False)
class Projection:
    """How many matrices of a sample have their shadow in each cell: x is the density's Re, y its Im.

    `row_error` is the largest |row or column sum - 1| or negative entry, `seconds` the time spent.
    """

    matrices: int
    row_error: float
    density: Density
    device: torch.device
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Matrices made and projected per second."""
        return self.matrices / self.seconds if self.seconds else float("nan")

    def occupied(self, view: View) -> float:
        """View -> the share of the cells in the polytope's shadow that hold a sampled matrix, 0 to 1; nan without any.

        It grows with the number of matrices and depends on the size of the cells.
        """
        if np.ptp(view.shadow, axis=0).min() < 1e-9:
            return float("nan")
        faces = ConvexHull(view.shadow).equations
        z = self.density.plane
        inside = np.all([a * z.real + b * z.imag + c <= 1e-12 for a, b, c in faces], axis=0)
        return float((self.density.counts[inside] > 0).mean()) if inside.any() else float("nan")

    def __add__(self, other: Projection) -> Projection:
        """Return the projection of both sets of matrices."""
        return Projection(
            self.matrices + other.matrices,
            max(self.row_error, other.row_error),
            self.density + other.density,
            self.device,
            self.seconds + other.seconds,
        )


def projection(
    projector: Projector,
    view: View,
    count: int,
    measure: Measure = "initial",
    seed: int = 0,
    *,
    bins: int = BINS,
    window: Window = WHOLE,
    device: str | torch.device = "cpu",
) -> Iterator[Projection]:
    """projector, a plane view of its n, count -> projections of ever more matrices, the last of all `count`.

    What falls into the window is counted in bins x bins cells. Stop iterating to cancel. Raises ValueError like
    `geometry.sampling.batches`, for a count of 0, for a view that is no plane or of another n, and for no Window.

    >>> from geometry.parts import last
    >>> from geometry.slices import cyclic_view
    >>> from projectors import Orthostochastic
    >>> int(last(projection(Orthostochastic(n=3, s=2), cyclic_view(3), 1000)).density.counts.sum())
    1000
    """
    check_view(view, projector, 2)
    cast = partial(shadows, view=view, bins=bins, window=instance(window, Window, "the window"))
    for total, seconds in accumulated(projector, count, measure, seed, cast, device):
        yield replace(total, seconds=seconds)


def shadows(matrices: Tensor, view: View, bins: int = BINS, window: Window = WHOLE) -> Projection:
    """Doubly stochastic matrices (batch, n, n) -> their projection through a plane view, as far as the window shows."""
    points = torch.view_as_complex(view.project(matrices))
    error = float(exactness_residual(matrices).max())
    return Projection(len(matrices), error, density(points, bins, window.half, centre=window.centre), matrices.device)


def outline(filled: NDArray[np.bool_], centres: NDArray[np.float64], centre: complex = 0j) -> NDArray[np.complex128]:
    """Cells (bins, bins), row = y, centres (bins,) from the grid's own -> the lines (k,) around them, nan between two.

    Contours of the indicator at one half, as the paper draws its support (appendix D of [goMHC2026]); by contourpy.
    """
    padded = np.pad(filled, 1).astype(np.float64)
    width = centres[1] - centres[0]
    places = np.concatenate([[centres[0] - width], centres, [centres[-1] + width]])
    lines = contour_generator(places, places, padded, line_type=LineType.Separate).lines(0.5)
    parts = [part for line in map(np.asarray, lines) for part in (line @ np.array([1, 1j]), [complex(np.nan)])]
    return centre + np.concatenate(parts[:-1]) if parts else np.empty(0, dtype=np.complex128)
