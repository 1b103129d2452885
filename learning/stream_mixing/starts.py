"""Where training starts: the first parameters of every method, from the experiment's seed."""

from __future__ import annotations

import torch
from torch import Tensor

from geometry.sampling.distributions import uniform
from learning.seeds import stream
from learning.stream_mixing.experiment import StreamMixing
from learning.vertex_starts import near_identity
from projectors import Projector, Rotational
from projectors.base import normal


def initial(experiment: StreamMixing) -> list[Tensor]:
    """Experiment -> first parameters (t, p) of every method; a method's do not depend on which others there are."""
    return [_initial(experiment, projector) for _, projector in experiment.methods]


def _initial(experiment: StreamMixing, projector: Projector) -> Tensor:
    generator, count = stream(experiment.seed, f"start of {projector!r}"), experiment.count
    if experiment.start_distance is not None:
        return near_identity(projector, experiment.start_distance, count, generator)
    if in_notebook(experiment, projector):
        first, second = uniform((2, count, projector.parameter_count), generator)
        return first - second
    return projector.initial(count, generator=generator)


def in_notebook(experiment: StreamMixing, projector: Projector) -> bool:
    """Whether a method's skew matrix A is Theta - Theta^T of a full matrix of uniform numbers.

    Each of the two numbers behind an entry of A moves by its own step in opposite directions, so that A moves as its
    entries would at twice the rate, and that is how it is trained here: exactly so by gradient descent, and by Adam up
    to its epsilon.
    """
    return experiment.rotations == "notebook" and isinstance(projector, Rotational)


def random_rows(experiment: StreamMixing, purpose: str) -> Tensor:
    """Experiment -> random rows (t, n) of length 1, every direction as likely."""
    rows = normal((experiment.count, experiment.n), stream(experiment.seed, purpose), torch.float64, None)
    return rows / rows.norm(dim=-1, keepdim=True)
