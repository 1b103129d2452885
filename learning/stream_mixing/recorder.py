"""What is kept of a run while it goes on: losses at log-spaced iterations, matrices at fewer, in bounded memory."""

from __future__ import annotations

import torch
from torch import Tensor

from learning.stream_mixing.experiment import StreamMixing
from learning.stream_mixing.history import Run
from learning.stream_mixing.training import Training

MOST_RECORDED, MOST_KEPT = 240, 60
"""Most iterations of which losses are recorded, and matrices kept."""

MOST_NUMBERS = 4_000_000
"""Most recorded losses, and most entries of kept matrices."""


def log_spaced(iterations: int, most: int) -> Tensor:
    """Iterations -> at most `most` (and at least 3) of them (k,) in about equal ratios; 0, 1 and the last are included.

    >>> log_spaced(1000, 6)
    tensor([   0,    1,    6,   32,  178, 1000])
    """
    exponents = torch.linspace(0, 1, max(most, 3) - 1, dtype=torch.float64)
    return torch.cat([torch.zeros(1, dtype=torch.long), (iterations**exponents).round().long()]).unique()


class Recorder:
    """Records a training; a snapshot is a view of the beginning of memory that is written once."""

    def __init__(
        self, training: Training, experiment: StreamMixing, targets: Tensor, floors: tuple[Tensor, Tensor]
    ) -> None:
        self.training, self.experiment, self.targets, self.floors = training, experiment, targets, floors
        count, methods, n = experiment.count, len(experiment.methods), experiment.n
        self.points = log_spaced(experiment.iterations, min(MOST_RECORDED, MOST_NUMBERS // (count * methods)))
        wanted = log_spaced(experiment.iterations, min(MOST_KEPT, MOST_NUMBERS // (count * methods * n * n)))
        self.kept = self.points[(self.points[:, None] - wanted).abs().argmin(0).unique()]
        self.losses = torch.empty(methods, len(self.points), count, dtype=torch.float64)
        self.path = torch.empty(methods, len(self.kept), count, n, n, dtype=torch.float64)
        self.recorded = self.stored = 0

    def record(self) -> None:
        """Note the losses of this moment, and its matrices if it is one of those whose matrices are kept."""
        self.losses[:, self.recorded] = self.training.losses().T.cpu()
        self.recorded += 1
        if self.training.step == self.kept[self.stored]:
            self.path[:, self.stored] = self.training.matrices.transpose(0, 1).cpu()
            self.stored += 1

    def snapshot(self, seconds: float) -> Run:
        """Seconds spent -> the run so far."""
        theta = tuple(part.cpu().clone() for part in self.training.theta)
        pairs = zip(self.experiment.methods, theta, strict=True)
        with torch.no_grad():
            matrices = torch.stack([projector.matrices(part) for (_, projector), part in pairs])
        read_outs = self.training.read_outs.transpose(0, 1).cpu().clone() if self.training.learned else None
        return Run(
            experiment=self.experiment,
            step=self.training.step,
            recorded=self.points[: self.recorded],
            losses=self.losses[:, : self.recorded],
            path_iterations=self.kept[: self.stored],
            path=self.path[:, : self.stored],
            matrices=matrices,
            theta=theta,
            read_outs=read_outs,
            targets=self.targets,
            floors=self.floors[0],
            sample_floors=self.floors[1],
            seconds=seconds,
            finished=self.training.step == self.experiment.iterations,
        )
