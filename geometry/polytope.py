"""How far one matrix is inside the Birkhoff polytope, or outside; and the check that keeps what is outside out."""

from __future__ import annotations

import torch
from torch import Tensor

from projectors.checks import real_number

REAL = {torch.float64, torch.float32, torch.float16, torch.bfloat16}
"""What torch computes with: types of 8 bits and fewer are for storage alone."""

TOLERANCE = 1e-3
"""Largest error of a sum, and size of a negative entry, that still counts as doubly stochastic where spectra and
distances are measured: twenty Sinkhorn iterations leave 1e-5 of usual logits, and a result errs by no more than that.
"""


def square(matrices: object, caller: str, n: int | None = None, least: int = 1) -> Tensor:
    """Anything -> the tensor (..., n, n) of real floating-point numbers that it is, or ValueError in caller's name.

    Looks at type, shape and dtype alone, never at a number: it costs nothing, and nothing is waited for on a GPU.
    """
    size = "n" if n is None else str(n)
    wanted = f"{caller} wants real floating-point matrices of shape (..., {size}, {size})"
    wanted += f" with n >= {least}" if n is None and least > 1 else ""
    if not isinstance(matrices, Tensor):
        hint = "; torch.as_tensor makes a tensor of it" if hasattr(matrices, "__array__") else ""
        raise ValueError(f"{wanted} as a torch.Tensor, not {type(matrices).__name__}{hint}")
    shape = matrices.shape
    fits = matrices.ndim >= 2 and shape[-1] == shape[-2] and shape[-1] >= least and n in (None, shape[-1])
    if not fits or matrices.dtype not in REAL:
        raise ValueError(f"{wanted}, not {matrices.dtype} of shape {tuple(shape)}")
    if matrices.layout is not torch.strided:
        raise ValueError(f"{wanted} with all its entries, not {matrices.layout}; .to_dense() makes it one")
    return matrices


def in_memory(given: Tensor, caller: str) -> Tensor:
    """A tensor -> itself, or ValueError in caller's name where it is on the meta device, which holds no numbers."""
    if given.device.type == "meta":
        raise ValueError(f"{caller} wants matrices with numbers; there are none on the meta device")
    return given


def doubly_stochastic(
    matrices: object, caller: str, n: int | None = None, least: int = 1, tolerance: float | None = TOLERANCE
) -> Tensor:
    """Anything -> the doubly stochastic matrices (..., n, n) that it is, unchanged, or ValueError in caller's name.

    The error names the first offending row, column or entry and its value. Sums may err, and entries be negative, by
    `tolerance`, or by what the dtype can hold of n numbers where that is more; None looks at no number.
    """
    given = square(matrices, caller, n, least)
    if tolerance is None:
        return given
    tolerance = real_number(tolerance, "the tolerance", 0)
    in_memory(given, caller)
    if not given.numel():
        return given
    allowed = max(tolerance, 4 * given.shape[-1] * torch.finfo(given.dtype).eps)
    with torch.no_grad():
        wide = given.detach().to(torch.promote_types(given.dtype, torch.float32))
        rows, columns, entries = wide.sum(-1), wide.sum(-2), wide.amin(-1)
        wrong = torch.stack([(rows - 1).abs() > allowed, (columns - 1).abs() > allowed, entries < -allowed])
        if not bool(wrong.any() | ~wide.isfinite().all()):
            return given
    raise ValueError(f"{caller} wants doubly stochastic matrices; {_offence(wide, allowed)}")


def _offence(matrices: Tensor, allowed: float) -> str:
    """Matrices (..., n, n), one of which is not doubly stochastic -> a clause that says where, and what is there."""
    n = matrices.shape[-1]
    flat = matrices.reshape(-1, n, n)
    sums = torch.cat([flat.sum(-1), flat.sum(-2)], -1)
    bad = (
        ~flat.isfinite().flatten(1).all(-1)
        | ((sums - 1).abs() > allowed).any(-1)
        | (flat.flatten(1) < -allowed).any(-1)
    )
    number = int(bad.nonzero()[0, 0])
    matrix, place = flat[number], "" if matrices.ndim == 2 else f" of matrix {_index(number, matrices.shape[:-2])}"
    strange = (~matrix.isfinite()).nonzero()
    if len(strange):
        row, column = strange[0].tolist()
        return f"entry ({row}, {column}){place} is {matrix[row, column].item():g}"
    off = ((sums[number] - 1).abs() > allowed).nonzero()
    if len(off):
        line = int(off[0, 0])
        kind = f"row {line}" if line < n else f"column {line - n}"
        return f"{kind}{place} sums to {sums[number, line].item():.7g}, more than the tolerance of {allowed:.1g} from 1"
    row, column = (matrix < -allowed).nonzero()[0].tolist()
    return f"entry ({row}, {column}){place} is {matrix[row, column].item():.7g}, below 0"


def _index(number: int, batch: torch.Size) -> str:
    """The number of a matrix in a flattened batch -> its index as one writes it."""
    place = []
    for length in reversed(batch):
        number, rest = divmod(number, length)
        place.append(rest)
    return str(place[0]) if len(place) == 1 else str(tuple(reversed(place)))


def exactness_residual(matrices: Tensor) -> Tensor:
    """Matrices (..., n, n) -> (...,), the largest of |row sum - 1|, |column sum - 1| and the sizes of negative entries.

    0 if and only if the matrix is doubly stochastic; a few units of rounding for methods that call themselves exact,
    and for mHC what its last Sinkhorn iteration left over. Raises ValueError for anything but square matrices of
    floating-point numbers.

    >>> exactness_residual(torch.tensor([[0.5, 0.5], [0.75, 0.25]]))
    tensor(0.2500)
    """
    given = square(matrices, "exactness_residual")
    rows, columns = ((given.sum(axis) - 1).abs().amax(-1) for axis in (-1, -2))
    return torch.maximum(torch.maximum(rows, columns), (-given.amin((-1, -2))).clamp_min(0)) + 0.0  # not -0


def facet_distance(matrices: Tensor, *, tolerance: float | None = TOLERANCE) -> Tensor:
    """Doubly stochastic matrices (..., n, n) -> Frobenius distances (...,) to the nearest of the n^2 facets B_ij = 0.

    n/(n - 1) times the least entry: a unit matrix without its row and column means has norm (n - 1)/n. 0 on the
    boundary, 1/(n - 1) at the barycentre. Raises ValueError for anything but matrices with n >= 2 that are doubly
    stochastic within `tolerance`; None looks at no number, and tells of matrices of sums 1 outside a negative distance.

    >>> facet_distance(torch.full((3, 3), 1 / 3)), facet_distance(torch.eye(3))
    (tensor(0.5000), tensor(0.))
    """
    given = doubly_stochastic(matrices, "facet_distance", least=2, tolerance=tolerance)
    n = given.shape[-1]
    return given.amin((-2, -1)) * (n / (n - 1))
