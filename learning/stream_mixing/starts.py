"""Where training starts: the first parameters of every method, from the experiment's seed."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import uniform
from learning.seeds import stream
from learning.stream_mixing.experiment import StreamMixing
from learning.vertex_starts import near_identity
from projectors import Projector, Rotational, Sinkhorn
from projectors.base import normal

AROUND = 0.1
"""Standard deviation of a learned row's first entries around those it learns, in the notebook."""


def initial(experiment: StreamMixing) -> list[Tensor]:
    """Experiment -> first parameters (t, p) of every method; a method's do not depend on which others there are."""
    return [_initial(experiment, projector) for _, projector in experiment.methods]


def _initial(experiment: StreamMixing, projector: Projector) -> Tensor:
    generator, count = stream(experiment.seed, f"start of {projector!r}"), experiment.count
    if experiment.start_distance is not None:
        return near_identity(projector, experiment.start_distance, count, generator)
    if experiment.parameters == "notebook":
        if isinstance(projector, Rotational):
            return _of_uniform_matrices(projector, count, generator)
        if isinstance(projector, Sinkhorn) and projector.positive == "abs":
            return uniform((count, projector.parameter_count), generator)
    return projector.initial(count, generator=generator)


def _of_uniform_matrices(projector: Rotational, count: int, generator: Generator) -> Tensor:
    """Parameters (count, p) of A = Theta - Theta^H for N x N matrices Theta of entries U(0, 1), or U + iU.

    Real parts of A are differences of two such numbers, imaginary parts sums: of mean 1 like those on its diagonal,
    which are twice a single number.
    """
    k = projector.order * (projector.order - 1) // 2  # entries above the diagonal
    first, second = uniform((2, count, projector.parameter_count), generator)
    real, imaginary, diagonal = first[:, :k], first[:, k : 2 * k], first[:, 2 * k :]
    return torch.cat([real - second[:, :k], imaginary + second[:, k : 2 * k], 2 * diagonal], -1)


def moves_twice(experiment: StreamMixing, projector: Projector) -> bool:
    """Whether a method's skew matrix is A = Theta - Theta^H, trained through the entries of Theta.

    Each of the two numbers behind an entry of A moves by its own step in opposite directions, so that A moves as its
    entries would at twice the rate, and that is how it is trained here. It is the same but on the diagonal of a unitary
    method's A, where a number of A is twice one of Theta: by Adam it is so there up to epsilon, while gradient descent
    would move these few numbers four times as far.
    """
    return experiment.parameters == "notebook" and isinstance(projector, Rotational)


def wanted_rows(experiment: StreamMixing) -> Tensor:
    """Experiment -> the rows (t, n) that read a stream out of the target: U(0, 1) entries in the notebook, else unit.

    Rows of length 1 have every direction as likely.
    """
    if experiment.parameters == "notebook":
        return uniform((experiment.count, experiment.n), stream(experiment.seed, "read-out"))
    return _unit_rows(experiment, "read-out")


def first_rows(experiment: StreamMixing) -> Tensor:
    """Experiment -> where rows (t, n) that are learned start: near those they learn in the notebook, else anywhere."""
    if experiment.parameters == "notebook":
        generator = stream(experiment.seed, "first read-out")
        shift = normal((experiment.count, experiment.n), generator, torch.float64, None)
        return wanted_rows(experiment) + AROUND * shift
    return _unit_rows(experiment, "first read-out")


def _unit_rows(experiment: StreamMixing, purpose: str) -> Tensor:
    rows = normal((experiment.count, experiment.n), stream(experiment.seed, purpose), torch.float64, None)
    return rows / rows.norm(dim=-1, keepdim=True)
