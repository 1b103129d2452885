"""What can be said of mixing matrices one by one: spectrum, regions, and how far they are from mixing and from not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from geometry.distances.birkhoff import nearest_permutations
from geometry.polytope import in_memory, square
from geometry.regions import karpelevich, perfect_mirsky
from geometry.spectra import eigenvalues
from geometry.spectra.closed_forms import by_lapack
from geometry.tangent import deflate

SUMS = 1e-6
"""Error of sums up to which 1 is an eigenvalue to that accuracy, and can be taken away exactly."""

INSIDE = 1e-6
"""How far outside of a region an eigenvalue may be and still count as inside: epsilons of 1e-6 move it as much."""

ROTATES = 1e-6
"""Imaginary part from which on an eigenvalue counts as off the real axis; and the change of the matrix up to which one
that has been split from a multiple one, as rounding does, still counts as on it."""


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures of matrices (..., n, n), one number each where no other shape is said.

    `eigenvalues` (..., n - 1), complex, without the Perron root: the largest modulus first, conjugates as neighbours,
    the one above the axis first. Where rows or columns sum to 1 within 1e-6, the root is taken away exactly, whatever
    the others do; else the eigenvalue nearest to 1 is left out. `rotates`: whether an eigenvalue is off the real axis,
    by more than 1e-6 and more than a change of the matrix by 1e-6 can account for: streams change places in cycles.
    `inside_perfect_mirsky` and `inside_karpelevich`:
    whether all of them lie in PM_n and Theta_n, where the spectra of stochastic matrices are. Distances in the
    Frobenius norm: `from_identity`, `from_permutation` (the nearest `permutation` (..., n): stream i comes from
    permutation[i]) and `from_uniform`, J/n. `entropy`: the mean entropy of rows over log n, 0 for permutations and 1
    for J/n; a Markov chain's entropy rate. `row_error` and `column_error` as of sites. nan where a matrix is not
    finite.
    """

    eigenvalues: Tensor
    rotates: Tensor
    inside_perfect_mirsky: Tensor
    inside_karpelevich: Tensor
    from_identity: Tensor
    permutation: Tensor
    from_permutation: Tensor
    from_uniform: Tensor
    entropy: Tensor
    row_error: Tensor
    column_error: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Measures]) -> Measures:
        """Measures of matrices (t, n, n), parts of one sequence -> those of all of them."""
        return cls(**{name: torch.cat([getattr(part, name) for part in parts]) for name in vars(parts[0])})

    @property
    def second(self) -> Tensor:
        """|lambda_2|, the largest modulus besides the Perron root: how much of the differences of streams stays."""
        return self.eigenvalues.abs().amax(-1)

    @property
    def gap(self) -> Tensor:
        """1 - |lambda_2|."""
        return 1 - self.second


def measures(matrices: Tensor) -> Measures:
    """Real matrices (..., n, n), doubly stochastic or nearly so -> their measures (...).

    Raises ValueError for anything but square matrices with n from 2 to 64.

    >>> found = measures(torch.eye(3).roll(1, 0).double())
    >>> round(float(found.second), 12), bool(found.rotates), float(found.from_permutation)
    (1.0, True, 0.0)
    """
    given = in_memory(square(matrices, "measures", least=2), "measures").detach().double()
    n, batch = given.shape[-1], given.shape[:-2]
    if n > 64:
        raise ValueError(f"measures wants n from 2 to 64, not {n}")
    finite = given.isfinite().all(-1).all(-1)
    safe = torch.where(finite[..., None, None], given, torch.eye(n, dtype=torch.float64))
    permutation = nearest_permutations(safe)
    identity = torch.eye(n, dtype=torch.float64)
    values = _eigenvalues(safe.reshape(-1, n, n))
    rotates = _off_axis(safe.reshape(-1, n, n), values).reshape(batch)
    values = values.reshape(*batch, n - 1)
    points = values.numpy()
    inside = [
        torch.from_numpy(region(n).contains(points, INSIDE)).reshape(values.shape).all(-1) & finite
        for region in (perfect_mirsky, karpelevich)
    ]
    distances = [torch.linalg.matrix_norm(safe - target) for target in (identity, identity[permutation], 1 / n)]
    shares = safe.clamp_min(0)
    entropy = torch.special.entr(shares).sum(-1).mean(-1) / np.log(n)
    errors = [(safe.sum(axis) - 1).abs().amax(-1) for axis in (-1, -2)]
    real = [torch.where(finite, each, torch.nan) for each in (*distances, entropy, *errors)]
    return Measures(
        torch.where(finite[..., None], values, torch.tensor(complex("nan+nanj"), dtype=torch.complex128)),
        rotates,
        inside[0],
        inside[1],
        real[0],
        permutation,
        *real[1:],
    )


def _eigenvalues(matrices: Tensor) -> Tensor:
    """(t, n, n) -> all eigenvalues but the Perron root (t, n - 1), in the order of `geometry.spectra`."""
    exact = _exact(matrices)
    values = eigenvalues(torch.where(exact[:, None, None], matrices, torch.eye(matrices.shape[-1])), tolerance=None)
    others = by_lapack(matrices[~exact])
    for row, found in zip((~exact).nonzero()[:, 0].tolist(), others, strict=True):
        values[row] = _without_nearest_to_one(found)
    return values


def _exact(matrices: Tensor) -> Tensor:
    """(t, n, n) -> whether vectors of sum 0, or what is orthogonal to them, are carried into themselves (t,)."""
    return torch.stack([(matrices.sum(axis) - 1).abs().amax(-1) for axis in (-1, -2)]).amin(0) <= SUMS


def _off_axis(matrices: Tensor, values: Tensor) -> Tensor:
    """(t, n, n), their eigenvalues (t, n - 1) -> whether the one farthest off the real axis counts as off it (t,).

    Rounding moves a k-fold eigenvalue with one eigenvector by its k-th root, 1e-4 for k = 4. The least singular value
    of what is deflated, less the real part, is how far the nearest matrix is that has this for an eigenvalue.
    """
    far, which = values.imag.abs().max(-1)
    off = far > ROTATES
    rows = (off & _exact(matrices)).nonzero()[:, 0]
    real = values.real[rows, which[rows], None, None]
    change = torch.linalg.svdvals(deflate(matrices[rows]) - real * torch.eye(matrices.shape[-1] - 1))
    off[rows] = change[:, -1] > ROTATES
    return off


def _without_nearest_to_one(values: Tensor) -> Tensor:
    """All n eigenvalues -> those but the real one nearest to 1, or the nearest where none is real, in order."""
    real = values.imag.abs() < ROTATES
    place = (values - 1).abs().where(real if bool(real.any()) else ~real, torch.inf).argmin()
    rest = torch.cat([values[:place], values[place + 1 :]])
    keys = np.lexsort((-rest.imag.numpy(), -rest.real.numpy().round(9), -rest.abs().numpy().round(9)))
    return rest[torch.from_numpy(keys)]
