"""What a run has recorded so far, and what follows from it: convergence, floors, final losses."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from learning.stream_mixing.experiment import StreamMixing

CONVERGED = 0.05
"""A loss has converged when it is within this share of its final value (F.3 of [goMHC2026])."""

STILL_FALLING = 0.9
"""A loss that comes so close only after this share of the iterations has not converged: its end is not its limit."""

ROUNDING = 1e-3
"""Iterations by which rounding may put a crossing too late; it must not count as one more whole iteration."""


def epochs_to_convergence(iterations: Tensor, losses: Tensor, tolerance: float = CONVERGED) -> Tensor:
    """Iterations (k,), losses (..., k) -> the first iteration (...,) whose loss is within `tolerance` of the last one.

    Between recorded iterations losses are taken to be straight lines.

    >>> import torch
    >>> epochs_to_convergence(torch.tensor([0, 1, 11, 100]), torch.tensor([4.0, 1.15, 0.95, 1.0]))
    tensor(6)
    """
    limit = (1 + tolerance) * losses[..., -1:]
    near = losses <= limit
    near[..., -1] = True  # also where the last loss is not a number
    place = near.int().argmax(-1, keepdim=True)
    before = (place - 1).clamp_min(0)
    above, below = losses.gather(-1, before), losses.gather(-1, place)
    share = ((above - limit) / (above - below)).nan_to_num(1.0).clamp(0, 1)
    start, end = iterations[before], iterations[place]
    return (start + share * (end - start) - ROUNDING).ceil().long().squeeze(-1)


@dataclass(frozen=True, eq=False)
class Run:
    """A stream-mixing experiment after `step` of its iterations; all tensors are float64 on the CPU.

    Everything below is ordered like `experiment.methods` (M) and by target (t).
    recorded (k,): the iterations at which losses were recorded, log-spaced, the first is 0.
    losses (M, k, t): losses on the whole dataset at those iterations.
    path_iterations (p,), path (M, p, t, n, n): the matrices at fewer of them.
    matrices (M, t, n, n), theta M times (t, parameters), read_outs (M, t, n) or None: where the training stands.
    targets: (t, n, n), or for the objective "eigenvalue" complex (t,).
    floors (t,): the expected loss of the best matrix, over all datasets (Eq. 21-24).
    sample_floors (t,): a lower bound of the loss on this very dataset for any matrix whose rows and columns sum to 1;
    with few samples it is below `floors`, because noise can be fitted.
    """

    experiment: StreamMixing
    step: int
    recorded: Tensor
    losses: Tensor
    path_iterations: Tensor
    path: Tensor
    matrices: Tensor
    theta: tuple[Tensor, ...]
    read_outs: Tensor | None
    targets: Tensor
    floors: Tensor
    sample_floors: Tensor
    seconds: float
    finished: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The methods' names."""
        return tuple(name for name, _ in self.experiment.methods)

    @property
    def progress(self) -> float:
        """The share of iterations done, 0 to 1."""
        return self.step / self.experiment.iterations

    @property
    def mean_losses(self) -> Tensor:
        """Losses (M, k) averaged over targets."""
        return self.losses.mean(-1)

    @property
    def final_losses(self) -> Tensor:
        """The last recorded mean losses (M,)."""
        return self.mean_losses[:, -1]

    @property
    def floor(self) -> float:
        """The mean of `floors`: the paper's theoretical minimum."""
        return float(self.floors.mean())

    @property
    def epochs_to_convergence(self) -> Tensor:
        """First iteration (M,) whose mean loss is within 5 % of the last one (F.3): late, if it still falls."""
        return epochs_to_convergence(self.recorded, self.mean_losses)

    def converged(self, method: int) -> int | None:
        """Place of a method -> the iteration at which it had converged; None if it was still falling at the end.

        That is `epochs_to_convergence` where it lies within the first nine tenths of a finished run.
        """
        step = int(self.epochs_to_convergence[method])
        return step if self.finished and step <= STILL_FALLING * self.experiment.iterations else None
