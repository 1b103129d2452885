"""Matrices with a wanted eigenvalue, as the target page needs them: plain arrays, kept for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ui.store import kept

if TYPE_CHECKING:
    from projectors import Projector


@dataclass(frozen=True, eq=False)
class Witness:
    """What was found for a target: theta (p,), matrix (n, n), spectrum (n - 1,), eigenvalue, its distance, its way."""

    theta: NDArray[np.float64]
    matrix: NDArray[np.float64]
    spectrum: NDArray[np.complex128]
    eigenvalue: complex
    residual: float
    iterations: int
    path: NDArray[np.complex128]
    solved: bool


def witness(projector: Projector, target: complex, seed: int, *, with_path: bool = True) -> Witness:
    """projector, target -> its witness or, where nothing reaches the target, the nearest that was found."""
    return kept(("witness", projector, target, seed, with_path), lambda: _found(projector, target, seed, with_path))


def _found(projector: Projector, target: complex, seed: int, with_path: bool) -> Witness:
    from geometry.reach import path, solve
    from geometry.spectra import eigenvalues

    found = solve(projector, [target], seed)
    matrix = found.matrix[0]
    return Witness(
        theta=_array(found.theta[0]),
        matrix=_array(matrix),
        spectrum=_array(eigenvalues(matrix)),
        eigenvalue=complex(found.eigenvalue[0]),
        residual=float(found.residual[0]),
        iterations=int(found.iterations[0]),
        path=path(projector, target, seed) if with_path else np.empty(0, dtype=np.complex128),
        solved=bool(found.solved[0]),
    )


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy())
