"""Matrices with a wanted eigenvalue as long work: plain arrays, kept for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ui.work import Work, complete, in_time

if TYPE_CHECKING:
    from projectors import Projector

MATRICES = 700
"""About as many matrices are made for one target."""


@dataclass(frozen=True, eq=False)
class Witness:
    """What was found for a target: theta (p,), matrix (n, n), spectrum (n - 1,), eigenvalue, its distance, its way.

    `ended` says why the search ended. Where no doubly stochastic matrix was found at all, the residual is inf: there is
    no eigenvalue (nan), and spectrum and way are empty.
    """

    theta: NDArray[np.float64]
    matrix: NDArray[np.float64]
    spectrum: NDArray[np.complex128]
    eigenvalue: complex
    residual: float
    path: NDArray[np.complex128]
    solved: bool
    ended: str

    @property
    def exists(self) -> bool:
        """Whether there is a matrix at all; a projector that is not exact may have none."""
        return bool(np.isfinite(self.residual))


def witness_work(projector: Projector, target: complex, seed: int) -> Work[Witness]:
    """projector, target -> its witness or, where nothing reaches the target, the nearest that was found."""
    from geometry.devices import expected_seconds

    return Work(
        key=("witness", projector, target, seed),
        make=lambda: in_time(partial(_found, projector, target, seed)),
        finished=complete,
        share=lambda _: 1.0,
        told=lambda _: "found",
        seconds=0.1 + expected_seconds(projector, MATRICES),
        patience=1.0,
    )


def _found(projector: Projector, target: complex, seed: int, seconds: float) -> Witness:
    from geometry.reach import Effort, solve
    from geometry.spectra import eigenvalues

    found = solve(projector, [target], seed, paths=True, effort=Effort(seconds=seconds))
    exists, none = bool(found.residual.isfinite()[0]), np.zeros(0, np.complex128)
    return Witness(
        theta=_array(found.theta[0]),
        matrix=_array(found.matrix[0]),
        spectrum=_array(eigenvalues(found.matrix[0], tolerance=None)) if exists else none,
        eigenvalue=complex(found.eigenvalue[0]) if exists else complex(np.nan, np.nan),
        residual=float(found.residual[0]),
        path=found.paths[0] if exists else none,
        solved=bool(found.solved[0]),
        ended=str(found.ended[0]),
    )


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy())
