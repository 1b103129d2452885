"""Training runs as long work, as curves, and as something to take home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures.training.losses import Curve
from ui.take import Columns
from ui.work import Work

if TYPE_CHECKING:
    from learning.stream_mixing import Run, StreamMixing

FELL = 0.9
"""A loss that ends at more than this share of its first value has not come anywhere, let alone converged."""

LEAST_FALL = 0.02
"""Share of its first value that a loss has to lose before it can be said to fall on."""

STEADY = 0.05
"""A loss that loses so much of its whole fall in the last tenth falls on as it did: its end is not its limit."""

FALLING = "still falling"

MISSING = "the curves end where training stopped"


def training_work(experiment: StreamMixing) -> Work[Run]:
    """Experiment -> snapshots of its training, without the parameters, which nobody shows."""
    from learning.stream_mixing import run

    return Work(
        key=("run", experiment),
        make=lambda: (replace(part, theta=()) for part in run(experiment)),
        finished=lambda part: part.finished,
        share=lambda part: part.progress,
        told=lambda part: f"{part.step:,} of {experiment.iterations:,} iterations",
        seconds=experiment.expected_seconds,
    )


def loss_curve(run: Run, method: int) -> Curve:
    """Run, place of a method -> its training curve with its spread over targets."""
    losses = run.losses[method].numpy()
    low, high = np.quantile(losses, [0.25, 0.75], axis=1)
    return Curve(run.recorded.numpy().astype(np.float64), losses.mean(1), low, high, _converged(run, method))


def convergence(run: Run, method: int) -> str:
    """Run, place of a method -> when it converged, in words."""
    if (why := _no_limit(run, method)) is not None:
        return why
    step = run.converged(method)
    return f"{step:,}" if step is not None else FALLING


def _converged(run: Run, method: int) -> int | None:
    return None if _no_limit(run, method) is not None else run.converged(method)


def _no_limit(run: Run, method: int) -> str | None:
    """Run, place of a method -> why the end of its loss, above its floor, is not where it converges to, or None.

    Within 5 % of the end, which is what convergence is told by, is also what has fallen by a few per cent in all.
    """
    from learning.stream_mixing.history import CONVERGED

    losses = run.mean_losses[method].numpy()
    first, last = float(losses[0]), float(losses[-1])
    if not run.finished or last <= (1 + CONVERGED) * run.floor:
        return None
    before = float(np.interp(0.9 * run.step, run.recorded.numpy(), losses))
    if first - last > LEAST_FALL * first and before - last > STEADY * (first - last):
        return FALLING
    return "has hardly fallen" if last > FELL * first else None


def columns(runs: Mapping[str, Run]) -> Columns:
    """Columns of the losses of every run, method and target at every recorded iteration."""
    parts: dict[str, list[NDArray[np.generic]]] = {}
    for label, run in runs.items():
        methods, recorded, targets = run.losses.shape
        parts.setdefault("run", []).append(np.full(run.losses.numel(), label))
        parts.setdefault("method", []).append(np.repeat(run.names, recorded * targets))
        parts.setdefault("iteration", []).append(np.tile(np.repeat(run.recorded.numpy(), targets), methods))
        parts.setdefault("target", []).append(np.tile(np.arange(targets), methods * recorded))
        parts.setdefault("loss", []).append(run.losses.numpy().ravel())
    return {name: np.concatenate(each) for name, each in parts.items()}


def arrays(runs: Mapping[str, Run]) -> dict[str, NDArray[np.generic]]:
    """Recorded iterations, losses, targets, floors and final matrices of every run, numbered."""
    found: dict[str, NDArray[np.generic]] = {}
    for number, run in enumerate(runs.values()):
        found |= {
            f"iterations_{number}": run.recorded.numpy(),
            f"losses_{number}": run.losses.numpy(),
            f"targets_{number}": run.targets.numpy(),
            f"matrices_{number}": run.matrices.numpy(),
            f"floors_{number}": run.floors.numpy(),
        }
    return found


def code(experiments: Mapping[str, StreamMixing]) -> str:
    """Experiments by label -> Python that trains them and gathers the same arrays."""
    entries = "".join(f"    {label!r}: {experiment!r},\n" for label, experiment in experiments.items())
    return f"""
experiments = {{
{entries}}}
arrays = {{}}
for number, experiment in enumerate(experiments.values()):
    result = trained(experiment)
    arrays |= {{
        f"iterations_{{number}}": result.recorded,
        f"losses_{{number}}": result.losses,  # (methods, iterations, targets)
        f"targets_{{number}}": result.targets,
        f"matrices_{{number}}": result.matrices,
        f"floors_{{number}}": result.floors,
    }}
"""
