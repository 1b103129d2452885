"""The stream-mixing experiment against the plain loop: same data, same first parameters, same losses at the end.

The plain loop is what one writes first: a module and an Adam for each method, batched over targets, and a pass over the
whole data set in every iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.harness import pair, report, seconds
from benchmarks.methods import plain_kronecker, plain_orthostochastic, plain_permutations, plain_sinkhorn
from learning.stream_mixing import trained
from learning.stream_mixing.data import data, moments
from learning.stream_mixing.experiment import StreamMixing, standard_methods
from learning.stream_mixing.objectives import objective
from learning.stream_mixing.optimizers import EPSILON
from learning.stream_mixing.presets import PRESETS
from learning.stream_mixing.starts import initial, wanted_rows
from learning.stream_mixing.targets import goals
from learning.stream_mixing.training import Training
from projectors import Kronecker, Orthostochastic, PermutationMixture, Projector, Sinkhorn

BASELINES = {
    "iterations": "an nn.Module and a torch.optim.Adam per method, batched over targets, the plain formulations of "
    "benchmarks/methods.py under autograd, a pass over all samples in every iteration",
    "whole run": "none: seconds of learning.stream_mixing.trained",
}
STEPS = 200
"""Iterations of one timed piece."""


def plain_linear_sinkhorn(theta: Tensor, n: int) -> Tensor:
    matrices = theta.unflatten(-1, (n, n)).abs()
    for _ in range(20):
        matrices = matrices / matrices.sum(-1, keepdim=True)
        matrices = matrices / matrices.sum(-2, keepdim=True)
    return matrices


def plain_map(projector: Projector) -> Callable[[Tensor], Tensor]:
    match projector:
        case Sinkhorn(n=n, positive="abs"):
            return partial(plain_linear_sinkhorn, n=n)
        case Sinkhorn(n=n):
            return partial(plain_sinkhorn, n=n)
        case PermutationMixture(n=n):
            return partial(plain_permutations, n=n)
        case Kronecker():
            return plain_kronecker
        case Orthostochastic(n=n, s=s):
            return partial(plain_orthostochastic, n=n, s=s)
    raise TypeError(f"no plain formulation of {projector}")


class Model(nn.Module):
    """One method's matrices (t, n, n), applied to features (t, n, samples)."""

    def __init__(self, projector: Projector, theta: Tensor) -> None:
        super().__init__()
        self.map, self.theta = plain_map(projector), nn.Parameter(theta)

    def forward(self, x: Tensor) -> Tensor:
        """Mixed features."""
        return self.map(self.theta) @ x


class PlainLoop:
    """The experiment as one writes it first."""

    def __init__(self, experiment: StreamMixing) -> None:
        T = goals(experiment)
        x, e = (torch.cat(parts).mT.contiguous() for parts in zip(*data(experiment), strict=True))
        self.x, self.y = x, T @ x + e
        starts = initial(experiment)
        self.models = [
            Model(projector, theta) for (_, projector), theta in zip(experiment.methods, starts, strict=True)
        ]
        self.optimizers = [
            torch.optim.Adam(model.parameters(), lr=experiment.rate, eps=EPSILON) for model in self.models
        ]

    def advance(self) -> None:
        """Train all methods for STEPS iterations."""
        for _ in range(STEPS):
            for model, optimizer in zip(self.models, self.optimizers, strict=True):
                optimizer.zero_grad()
                loss = (model(self.x) - self.y).square().mean((-1, -2)).sum()  # each target's own mean
                loss.backward()
                optimizer.step()

    def losses(self) -> Tensor:
        """Losses (t, M) of the present parameters."""
        with torch.no_grad():
            return torch.stack([(model(self.x) - self.y).square().mean((-1, -2)) for model in self.models], 1)


def ours(experiment: StreamMixing) -> Training:
    minimised = objective(experiment, goals(experiment), moments(experiment), wanted_rows(experiment), "cpu")
    return Training(experiment, minimised, torch.device("cpu"))


def compared(what: str, experiment: StreamMixing) -> dict[str, Any]:
    """Experiment -> times of both loops in turn, after checking that both trained to the same losses."""
    training, plain = ours(experiment), PlainLoop(experiment)
    times = pair(lambda: training.advance(training.step + STEPS, float("inf")), plain.advance, repeats=9, patience=20)
    torch.testing.assert_close(training.losses(), plain.losses(), rtol=1e-6, atol=1e-12)
    size = {"what": what, "n": experiment.n, "methods": len(experiment.methods), "samples": experiment.samples}
    per_second = {name: 1e3 * STEPS / times[f"{name}_ms"] for name in ("ours", "plain")}
    return {**size, **{f"{name}_per_second": rate for name, rate in per_second.items()}, **times}


def whole(what: str, experiment: StreamMixing) -> dict[str, Any]:
    size = {"what": what, "n": experiment.n, "methods": len(experiment.methods), "samples": experiment.samples}
    return {**size, "iterations": experiment.iterations, "seconds": seconds(lambda: trained(experiment))}


if __name__ == "__main__":
    torch.set_num_threads(1)  # the tensors are small: a second thread only gets in the way
    fig_6, fig_a10 = (dict(PRESETS[name].experiments)["n = 4"] for name in ("Fig. 6", "Fig. A10"))
    eight = StreamMixing(n=8, methods=standard_methods(8)[1:], features="notebook")
    table = [
        compared("iterations, Fig. 6", StreamMixing(features="notebook")),
        compared("iterations, Fig. 6, more samples", StreamMixing(features="notebook", samples=1000)),
        compared("iterations, Fig. 6, fewer targets", StreamMixing(features="notebook", count=8)),
        compared("iterations, without mHC-lite", eight),
        compared("iterations, Fig. A10", StreamMixing(methods=fig_a10.methods, features="notebook", noise=1e-3)),
        whole("whole run, Fig. 6", fig_6),
    ]
    report("stream_mixing", BASELINES, table)
