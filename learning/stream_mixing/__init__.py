"""The paper's synthetic stream-mixing experiment: how fast, and how well, does each method learn a target matrix?

>>> from learning.stream_mixing import StreamMixing, trained
>>> result = trained(StreamMixing(n=3, count=8, iterations=200, seed=1))
>>> result.names
('mHC-lite', 'go-mHC, s = 1', 'go-mHC, s = 2', 'go-mHC, s = 3')
>>> bool((result.final_losses < result.mean_losses[:, 0]).all())
True
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import torch
from torch import Tensor

from geometry.parts import last
from learning.stream_mixing.data import expected_moments, moments
from learning.stream_mixing.experiment import StreamMixing, standard_methods
from learning.stream_mixing.floors import least_losses
from learning.stream_mixing.history import Run
from learning.stream_mixing.objectives import objective
from learning.stream_mixing.recorder import Recorder
from learning.stream_mixing.starts import wanted_rows
from learning.stream_mixing.targets import goals
from learning.stream_mixing.training import Training
from projectors.checks import instance

__all__ = ["Run", "StreamMixing", "run", "standard_methods", "starting_losses", "trained"]

PACE = 0.2
"""Seconds of work between two snapshots."""


def run(experiment: StreamMixing, device: str | torch.device = "cpu") -> Iterator[Run]:
    """Experiment -> snapshots of its training, the first at the start, then about five a second, the last `finished`.

    To cancel, stop iterating. What is recorded is the same in every run; when snapshots are taken is not. Random
    numbers are drawn on the CPU, so that every device trains on the same data, and snapshots are brought back to it.
    """
    instance(experiment, StreamMixing, "the experiment")
    begun = perf_counter()
    targets, rows, averages = goals(experiment), wanted_rows(experiment), moments(experiment)
    expected = least_losses(experiment.objective, expected_moments(experiment), rows).expand(experiment.count)
    on_sample = least_losses(experiment.objective, averages, rows)
    training = Training(experiment, objective(experiment, targets, averages, rows, device), torch.device(device))
    recorder = Recorder(training, experiment, targets, (expected, on_sample))
    spent, due = perf_counter() - begun, 0.0
    for point in recorder.points.tolist():
        while training.step < point or recorder.recorded == 0:
            begun = perf_counter()
            training.advance(point, begun + due - spent)
            if training.step == point:
                recorder.record()
            spent += perf_counter() - begun
            if spent >= due or training.step == experiment.iterations:
                yield recorder.snapshot(spent)
                due = spent + PACE


def starting_losses(experiment: StreamMixing) -> Tensor:
    """Experiment -> mean losses (methods,) before the first step: how far each method starts from a random target.

    >>> starting_losses(StreamMixing(n=4, features="notebook", parameters="notebook")).argmin()  # go-mHC of rank 3
    tensor(4)
    """
    return next(run(replace(experiment, iterations=1))).mean_losses[:, 0]


def trained(experiment: StreamMixing, device: str | torch.device = "cpu") -> Run:
    """Experiment -> its finished run.

    >>> trained(StreamMixing(n=4, objective="matrix", count=4, iterations=100)).losses.shape[::2]
    torch.Size([5, 4])
    """
    return last(run(experiment, device))
