"""What is minimised, as functions of all methods' matrices at once: the losses, and their gradients by formula.

Matrices are (t, M, n, n): M methods side by side for each of t targets. Every squared loss is a quadratic form in
D = B - T whose coefficients are averages over the data set (`learning.stream_mixing.data`): a step costs the same for
10 samples and for 10,000, and a loss is that of the whole data set to rounding.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from geometry.spectra import unordered_eigenvalues
from geometry.tangent import deflate, helmert
from learning.stream_mixing.data import Moments
from learning.stream_mixing.experiment import StreamMixing

BESIDE = 1e-6
"""How far from an eigenvalue its resolvent is taken: the error of the projector is this over the gap, squared."""


class Loss(Protocol):
    """What is minimised; read_outs (t, M, n) are used, and learned, by one kind only."""

    def losses(self, matrices: Tensor, read_outs: Tensor) -> Tensor:
        """Matrices (t, M, n, n) -> losses (t, M)."""

    def gradient(self, matrices: Tensor, read_outs: Tensor, to_matrices: Tensor, to_read_outs: Tensor) -> None:
        """Write the gradients of the losses into the last two arguments."""


def objective(
    experiment: StreamMixing, targets: Tensor, averages: Moments, rows: Tensor, device: str | torch.device
) -> Loss:
    """Experiment, its targets, the averages of its data and its read-outs -> what it minimises, on a device."""
    targets, averages, rows = targets.to(device), averages.to(device), rows.to(device)
    match experiment.objective:
        case "features" | "matrix":
            return FeaturesLoss(targets, averages, len(experiment.methods))
        case "eigenvalue":
            return EigenvalueLoss(targets)
        case _:
            return ReadOutLoss(targets, averages, rows, experiment.objective == "learned read-out")


class FeaturesLoss:
    """Mean squared error |B x - y|^2 / n over the data set (Eq. 14-15 of [goMHC2026])."""

    def __init__(self, T: Tensor, averages: Moments, methods: int) -> None:
        self.T, self.averages = T, averages
        n = T.shape[-1]
        self.slope = averages.xx * (2 / n)
        self.offset = ((T @ averages.xx + averages.ex) * (-2 / n)).repeat(1, methods, 1)

    def losses(self, matrices: Tensor, read_outs: Tensor) -> Tensor:
        """As the mean of |D x - e|^2 / n over x and e."""
        D = matrices - self.T[:, None]
        linear = D @ self.averages.xx[:, None] - 2 * self.averages.ex[:, None]
        noise = self.averages.ee.diagonal(dim1=-2, dim2=-1).sum(-1)
        return ((D * linear).sum((-2, -1)) + noise[:, None]) / D.shape[-1]

    def gradient(self, matrices: Tensor, read_outs: Tensor, to_matrices: Tensor, to_read_outs: Tensor) -> None:
        """2/n (D E[x x^T] - E[e x^T]), written in B."""
        torch.baddbmm(self.offset, matrices.flatten(1, 2), self.slope, out=to_matrices.flatten(1, 2))


class ReadOutLoss:
    """Squared error |h B x - p y|^2 of one stream, read out by a row h of the matrix B, over the data set (Eq. 37).

    p (t, n) are fixed rows. Fixed, h = p. Learned, every method has an h of its own for every target; then
    h = p T B^-1 is perfect for any invertible B, so that the methods differ in speed only.
    """

    def __init__(self, T: Tensor, averages: Moments, rows: Tensor, learned: bool) -> None:
        self.averages, self.rows, self.learned = averages, rows[:, None], learned
        self.wanted = self.rows @ T
        self.crossed = self.rows @ averages.ex
        self.noise = (self.rows @ averages.ee @ self.rows.mT).squeeze(-1)

    def losses(self, matrices: Tensor, read_outs: Tensor) -> Tensor:
        """As the mean of |h B x - p y|^2."""
        E = self._read(matrices, read_outs) - self.wanted
        return (E * (E @ self.averages.xx - 2 * self.crossed)).sum(-1) + self.noise

    def gradient(self, matrices: Tensor, read_outs: Tensor, to_matrices: Tensor, to_read_outs: Tensor) -> None:
        """With r = 2 E[(h B x - p y) x^T]: h^T r for B, and B r for h."""
        E = self._read(matrices, read_outs) - self.wanted
        residual = 2 * (E @ self.averages.xx - self.crossed)
        torch.mul(self._rows(read_outs)[..., :, None], residual[..., None, :], out=to_matrices)
        if self.learned:
            to_read_outs.copy_((matrices @ residual[..., None]).squeeze(-1))

    def _rows(self, read_outs: Tensor) -> Tensor:
        return read_outs if self.learned else self.rows

    def _read(self, matrices: Tensor, read_outs: Tensor) -> Tensor:
        return (self._rows(read_outs)[..., None, :] @ matrices).squeeze(-2)


class EigenvalueLoss:
    """Distance |lambda - target| of the nearest eigenvalue but the Perron root (A.5.1 of [goMHC2026])."""

    def __init__(self, targets: Tensor) -> None:
        self.targets = targets

    def losses(self, matrices: Tensor, read_outs: Tensor) -> Tensor:
        """Not a number where a matrix is not."""
        gaps = self._gaps(matrices)
        return gaps.abs().where(matrices.isfinite().all(-1).all(-1), torch.nan)

    def gradient(self, matrices: Tensor, read_outs: Tensor, to_matrices: Tensor, to_read_outs: Tensor) -> None:
        """d lambda = tr(P dB) with the eigenvalue's projector P, the limit of R^2 / tr R^2 for a resolvent R close by.

        Of eigenvalues that are very close to each other P is inaccurate, and of a double one there is none: no slope.
        """
        gaps, deflated = self._gaps(matrices), deflate(matrices)
        shift = gaps + self.targets[:, None] + BESIDE
        shifted = deflated - shift[..., None, None] * torch.eye(deflated.shape[-1], device=deflated.device)
        resolvent = torch.linalg.inv_ex(shifted)[0]
        squared = resolvent @ resolvent
        P = squared / squared.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None]
        slope = (gaps.sgn().conj()[..., None, None] * P).real.mT.nan_to_num(0.0, 0.0, 0.0)
        V = helmert(matrices.shape[-1], matrices.dtype, matrices.device)
        to_matrices.copy_(V @ slope @ V.T)

    def _gaps(self, matrices: Tensor) -> Tensor:
        """Matrices (t, M, n, n) -> lambda - target (t, M) of the eigenvalue that is nearest."""
        gaps = unordered_eigenvalues(matrices.nan_to_num(0.0, 0.0, 0.0)) - self.targets[:, None, None]
        return gaps.gather(-1, gaps.abs().argmin(-1, keepdim=True)).squeeze(-1)
