"""What a view of the Birkhoff polytope is: a linear map of n x n matrices to a plane or to space, with its corners.

A view can be used both ways. `project` casts the shadow of any matrix; `embed` returns the one matrix of the view's own
section that has a given shadow. What a set fills under the first is its projection, under the second its slice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import HalfspaceIntersection
from torch import Tensor

from geometry.polytope import square
from geometry.slices.hulls import extreme, hull_edges
from geometry.slices.permutations import one_hot, one_line
from projectors import Projector
from projectors.averages.permutation import permutation_matrices
from projectors.checks import instance, real_number, whole_number
from projectors.sizes import LARGEST_PERMUTATION_SIZE

LARGEST = 64
"""The largest n of a view."""

DRAWN_WHOLE = 6
"""Most corners of which every pair is drawn as an edge."""


@dataclass(frozen=True)
class View(ABC):
    """A linear map of matrices (..., n, n) to points (..., d), d = 2 or 3, with its corners at about norm 1.

    A value: subclasses are frozen dataclasses, equal if of one class with equal fields, and `repr(view)` is the Python
    that makes the view again. Compare, print, cache, pickle and share them freely. What follows from the fields is
    computed when it is first asked for, then kept; leave those arrays unchanged. `name` is for people to read.
    """

    n: int

    @property
    @abstractmethod
    def name(self) -> str:
        """What titles call the view; two views may share it."""

    @property
    @abstractmethod
    def permutations(self) -> tuple[tuple[int, ...], ...]:
        """The corners' permutations (m, n), row i having its 1 in column permutations[k][i]."""

    @property
    @abstractmethod
    def directions(self) -> Tensor:
        """Matrices (d, n, n) with rows and columns of sum 0: point = <directions, B - centre>."""

    @cached_property
    def centre(self) -> Tensor:
        """The matrix (n, n) whose shadow is the origin: the barycentre, unless the view says otherwise."""
        return torch.full((self.n, self.n), 1 / self.n, dtype=torch.float64)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The corners' names: one-line notation counted from 1, "213", unless the view says otherwise."""
        return one_line(self.permutations)

    @property
    def dimension(self) -> int:
        """2 for a plane, 3 for space."""
        return len(self.directions)

    @cached_property
    def vertices(self) -> Tensor:
        """The permutation matrices (m, n, n) of the corners."""
        return one_hot(self.permutations)

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """Where the permutation matrices lie (m, d)."""
        return np.asarray(self.project(self.vertices).numpy())

    def project(self, matrices: Tensor) -> Tensor:
        """Matrices (..., n, n) -> their shadows (..., d). Raises ValueError for another size."""
        self._check(matrices)
        directions, centre = self.directions.to(matrices), self.centre.to(matrices)
        offset = (directions * centre).sum((-2, -1))
        return matrices.flatten(-2) @ directions.flatten(1).mT - offset

    def embed(self, points: Tensor) -> Tensor:
        """Points (..., d) -> the matrices (..., n, n) of the view's section with these shadows; rows sum to 1.

        Entries may be negative: then nothing doubly stochastic in the section has that shadow. Raises ValueError for
        anything but floating-point points of d coordinates.
        """
        self._check_points(points)
        inverse = torch.linalg.pinv(self.directions.flatten(1)).mT.unflatten(-1, (self.n, self.n))
        return self.centre.to(points) + torch.einsum("...d,dij->...ij", points, inverse.to(points))

    def coordinates(self, matrices: Tensor) -> Tensor:
        """Matrices (..., n, n) -> coefficients (..., m) of sum 1 of the corners' combination nearest to them.

        For the cyclic group they are <P^k, B>/n. Of several, where corners are affinely dependent, the shortest.
        """
        self._check(matrices)
        middle = self.vertices.mean(0)
        inverse = torch.linalg.pinv((self.vertices - middle).flatten(1))
        return (matrices - middle.to(matrices)).flatten(-2) @ inverse.to(matrices) + 1 / len(self.permutations)

    def holds(self, points: Tensor, tolerance: float = 1e-12) -> Tensor:
        """Points (..., d) -> whether (...,) the matrix of the section there is doubly stochastic within `tolerance`."""
        self._check_points(points)
        tolerance = real_number(tolerance, "the tolerance", 0)
        wide = points.double()
        matrices = self.embed(wide)
        same = (self.project(matrices) - wide).abs().amax(-1) <= tolerance
        return same & (matrices.amin((-2, -1)) >= -tolerance)

    @cached_property
    def along(self) -> Tensor:
        """Orthonormal matrices (r, n, n) with rows and columns of sum 0 that span what the view sees; r < d if flat."""
        seen = torch.linalg.svd(self.directions.flatten(1), full_matrices=False)
        return seen.Vh[seen.S / seen.S.max() > 1e-9].unflatten(-1, (self.n, self.n))

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of corners that the outline of their hull joins; every pair of the first few."""
        if len(self.corners) <= DRAWN_WHOLE and self.dimension == 3:
            return tuple(combinations(range(len(self.corners)), 2))
        return hull_edges(self.corners)

    @cached_property
    def shadow(self) -> NDArray[np.float64]:
        """The extreme points (k, d) of the whole polytope's projection, in a plane counterclockwise.

        Where the corners' matrices sum to J, as a group's do, they are its corners. Otherwise raises ValueError for
        n > 8, where permutations are too many to list.
        """
        if bool((self.vertices.sum(0) == 1).all()):
            return extreme(self.corners)
        if self.n > LARGEST_PERMUTATION_SIZE:
            raise ValueError(f"the whole polytope's shadow is known for n <= {LARGEST_PERMUTATION_SIZE}, not {self.n}")
        return extreme(self.project(permutation_matrices(self.n)).numpy())

    @cached_property
    def section(self) -> NDArray[np.float64]:
        """The corners (k, d) of the section's doubly stochastic part, in a plane counterclockwise; if flat, its ends.

        It lies in the shadow, and fills it where the corners are as many as the plane or space can hold.
        """
        slopes = self.embed(torch.eye(self.dimension, dtype=torch.float64)) - self.centre
        faces = torch.cat([-slopes.flatten(1), -self.centre.flatten()[None]]).T.numpy()
        faces = np.unique(faces[np.abs(faces[:, :-1]).max(1) > 1e-12].round(12), axis=0)
        if np.abs(faces[:, :-1]).max(0).min() < 1e-9:  # flat: the first axis alone
            reach = -faces[:, -1] / faces[:, 0]
            return np.array([[reach[reach > 0].min(), 0.0], [reach[reach < 0].max(), 0.0]])
        return extreme(HalfspaceIntersection(faces, np.zeros(self.dimension)).intersections)

    def _whole_field(self, field: str, name: str, lowest: int, highest: int) -> None:
        """Make a field the int it is, whatever kind of whole number it came as, or raise ValueError."""
        object.__setattr__(self, field, whole_number(getattr(self, field), name, lowest, highest))

    def _check(self, matrices: object) -> None:
        square(matrices, self.name, self.n)

    def _check_points(self, points: object) -> None:
        d = self.dimension
        wanted = f"{self.name} wants floating-point points of shape (..., {d})"
        if not isinstance(points, Tensor):
            raise ValueError(f"{wanted} as a torch.Tensor, not {type(points).__name__}")
        if points.ndim == 0 or points.shape[-1] != d or not points.is_floating_point():
            raise ValueError(f"{wanted}, not {points.dtype} of shape {tuple(points.shape)}")


def check_view(view: View, projector: Projector, dimension: int) -> None:
    """Raise ValueError unless the view is a plane, or a space, of matrices of the projector's size."""
    instance(view, View, "the view")
    n = instance(projector, Projector, "the projector").n
    if view.dimension != dimension or view.n != n:
        wanted = {2: "plane view", 3: "view in space"}[dimension]
        raise ValueError(f"a {wanted} of n = {n} is needed, not {view.name} of n = {view.n} in {view.dimension}-D")
