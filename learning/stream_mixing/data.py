"""The experiment's data sets, and the few averages of them that decide every squared loss.

A data set of one target T holds vectors x and y = T x + e. With D = B - T, the residual of a matrix B is D x - e, so a
mean squared residual depends on the data only through the averages of x x^T, e x^T and e e^T. Writing it in D rather
than in B keeps every digit of a loss near the noise floor, where terms of order one would cancel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from geometry.sampling.distributions import uniform
from learning.seeds import stream
from learning.stream_mixing.experiment import StreamMixing
from projectors.base import normal

CHUNK = 2**20
"""Feature values that are in memory at the same time."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Averages over a data set, or over all of them: E[x x^T], E[e x^T] and E[e e^T], each (t, n, n)."""

    xx: Tensor
    ex: Tensor
    ee: Tensor

    def to(self, device: str | torch.device) -> Moments:
        """Return the same averages on a device."""
        return Moments(self.xx.to(device), self.ex.to(device), self.ee.to(device))


def data(experiment: StreamMixing) -> Iterator[tuple[Tensor, Tensor]]:
    """Experiment -> its data sets in chunks of targets: vectors x and residuals e = y - T x, both (b, samples, n).

    Gaussian noise of deviation sigma on every entry of T, new for every sample, adds to e a Gaussian vector of
    deviation sigma |x|, which is what is drawn here.
    """
    n, samples = experiment.n, experiment.samples
    purposes = ("features", "active", "noise", "projector noise")
    of_x, of_active, of_noise, of_projector = (stream(experiment.seed, purpose) for purpose in purposes)
    size = max(1, CHUNK // (n * samples))
    for start in range(0, experiment.count, size):
        shape = (min(size, experiment.count - start), samples, n)
        x = uniform(shape, of_x)
        active = (uniform(shape, of_active) >= experiment.sparsity).double()
        x = x * (active if experiment.features == "text" else active.sum(-1, keepdim=True))
        e = uniform(shape, of_noise, 0, experiment.noise)
        if experiment.projector_noise:
            length = x.square().sum(-1, keepdim=True).sqrt()
            e += experiment.projector_noise * length * normal(shape, of_projector, torch.float64, None)
        yield x, e


def moments(experiment: StreamMixing) -> Moments:
    """Experiment -> the averages over each of its data sets, exact to rounding.

    The mean squared error of the entries of B is that of mixed features without noise whose E[x x^T] is I / n.
    """
    if experiment.objective in ("matrix", "eigenvalue"):
        identity = torch.eye(experiment.n, dtype=torch.float64).repeat(experiment.count, 1, 1)
        return Moments(identity / experiment.n, 0 * identity, 0 * identity)
    parts = [(x.mT @ x, e.mT @ x, e.mT @ e) for x, e in data(experiment)]
    xx, ex, ee = (torch.cat(averages) / experiment.samples for averages in zip(*parts, strict=True))
    return Moments(xx, ex, ee)


def expected_moments(experiment: StreamMixing) -> Moments:
    """Experiment -> what `moments` tends to with ever more samples, in closed form; (1, n, n), as targets are alike."""
    n, active, eta = experiment.n, 1 - experiment.sparsity, experiment.noise
    if experiment.features == "text":
        mean, square, product = active / 2, active / 3, active**2 / 4
    else:  # times the number of active features, which is binomial
        count, squared_count = n * active, n * active * (1 - active) + (n * active) ** 2
        mean, square, product = count / 2, squared_count / 3, squared_count / 4
    identity, ones = torch.eye(n, dtype=torch.float64)[None], torch.ones(1, n, n, dtype=torch.float64)
    variance = eta**2 / 12 + experiment.projector_noise**2 * n * square
    return Moments(
        xx=(square - product) * identity + product * ones,
        ex=(eta / 2 * mean) * ones,
        ee=variance * identity + eta**2 / 4 * ones,
    )
