"""Eigenvalues of doubly stochastic matrices without the Perron root 1."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.polytope import TOLERANCE, doubly_stochastic, square
from geometry.spectra.closed_forms import spectrum
from geometry.spectra.derivatives import coincident, gaps, multiple
from geometry.tangent import deflate
from projectors.tracing import traced

ALIKE = {torch.float64: 2.0**-30, torch.float32: 2.0**-16}
"""By dtype, the grid that moduli and real parts are rounded to before they are compared: rounding errors are smaller,
and simple fractions lie in the middle of a cell."""

SAME = {torch.float64: 1e-6, torch.float32: 1e-3}
"""Share of the largest derivative by which those towards two copies may differ: copies differ a little, too."""

NOTHING = 4096
"""Units of rounding by which they may differ, however small they are."""


def eigenvalues(matrices: Tensor, *, tolerance: float | None = TOLERANCE) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> their other n - 1 eigenvalues (..., n - 1), complex, the largest first.

    By descending modulus, those of one modulus by descending real part; the two of a conjugate pair are neighbours, the
    one above the axis first. A matrix, its transpose and its copies with rows and columns permuted alike have one
    order, as far as rounding errors (1e-9 in double precision) let moduli be told apart. Non-real eigenvalues are
    exactly conjugate, real ones have imaginary part 0. float16 and bfloat16 are computed in float32. Backward error a
    few units of rounding: a k-fold eigenvalue with one eigenvector errs by the k-th root of that, 1e-4 for k = 4, off
    the real axis as well, and in an order that a copy need not share.

    Derivatives of every order where eigenvalues are simple. A multiple one, as of J/n or a permutation, moves in every
    direction at once and has no derivative of its own, but a function that treats its copies alike, such as the sum of
    all |lambda|^2, has a first one: that comes out right, and anything else raises ValueError in the backward pass. So
    does a defective matrix, without as many eigenvectors as eigenvalues, and one so close to it that rounding leaves
    nothing of its derivatives.

    Raises ValueError for anything but real floating-point matrices with n >= 2 that are doubly stochastic within
    `tolerance`: the Perron root is taken for granted. None looks at no number; so do torch.func and torch.compile.

    >>> eigenvalues(torch.eye(3).roll(1, 0).double()).imag
    tensor([ 0.8660, -0.8660], dtype=torch.float64)
    """
    known = tolerance if not (isinstance(matrices, Tensor) and traced(matrices)) else None
    given = doubly_stochastic(matrices, "eigenvalues", least=2, tolerance=known)
    values = unordered_eigenvalues(given)
    if values.requires_grad and not traced(given):
        _refuse_multiple(values)
    return _ordered(values)


def unordered_eigenvalues(matrices: Tensor) -> Tensor:
    """As `eigenvalues`, in no order, and without a look at the numbers: for inner loops. nan of what is not finite."""
    given = square(matrices, "eigenvalues", least=2)
    wide = given if given.dtype in ALIKE else given.float()
    return spectrum(deflate(wide))


def _ordered(values: Tensor) -> Tensor:
    """Eigenvalues (..., m), conjugates neighbours -> the same (..., m) in the order of `eigenvalues`.

    Two stable sorts by keys that conjugates share, so that pairs stay together.
    """
    with torch.no_grad():
        grid = ALIKE[values.real.dtype]
        place = (values.real / grid).round().sort(dim=-1, descending=True, stable=True).indices
        moduli = (values.abs() / grid).round().gather(-1, place)
        place = place.gather(-1, moduli.sort(dim=-1, descending=True, stable=True).indices)
    return values.gather(-1, place)


def _refuse_multiple(values: Tensor) -> None:
    """Let a backward pass through eigenvalues (..., m) raise ValueError where it tells the copies of one apart."""
    flat = values.detach().reshape(-1, values.shape[-1])
    m = flat.shape[-1]
    rows = multiple(flat).nonzero()[:, 0]
    if not len(rows):
        return
    copies = coincident(flat[rows])
    same, nothing = SAME[values.real.dtype], NOTHING * torch.finfo(values.dtype).eps

    def refuse(gradient: Tensor) -> None:
        wanted = gradient.detach().reshape(-1, m)[rows]
        told_apart = (gaps(wanted) > same * wanted.abs().amax() + nothing) & copies
        if bool(told_apart.any()):
            row, first, second = told_apart.nonzero()[0].tolist()
            raise ValueError(
                f"eigenvalues has no derivative where eigenvalues coincide: matrix {int(rows[row])} of the batch has "
                f"{complex(flat[rows[row], first]):.6g} more than once, and the loss tells its copies {first} and "
                f"{second} apart"
            )

    values.register_hook(refuse)
