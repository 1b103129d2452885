"""Training runs as pages need them: drawn while they run, cancelled on request, kept when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures import files as render
from figures.losses import Curve
from ui import cancelling, exports, frame
from ui.store import Paced, is_kept, streamed

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from learning.stream_mixing import Run, StreamMixing


STILL_FALLING = 0.9
"""A loss that comes within 5 % of its end only in the last tenth of the iterations has not converged."""


def runs(experiment: StreamMixing) -> Iterator[Run]:
    """Experiment -> snapshots of its training, or at once the finished run if it is known."""
    from learning.stream_mixing import run

    slim = (replace(part, theta=()) for part in run(experiment))  # what nobody shows would only fill the store
    return streamed(("run", experiment), lambda: slim, lambda part: part.finished)


def trained(
    experiments: Mapping[str, StreamMixing], place: DeltaGenerator, draw: Callable[[dict[str, Run]], None]
) -> dict[str, Run]:
    """Experiments by label -> their runs, drawn while they train, with progress and a Cancel that keeps what there is.

    One after the other; a run that was cancelled is as far as it came, later ones are missing.
    """
    key = ("runs", tuple(experiments.items()))
    known: dict[str, Run] | None = cancelling.left_over(key)
    if known is not None:
        draw(known)
        cancelling.offer_again(place, "Cancelled: the curves end where training stopped.")
        return known
    pace, bar = Paced(0.4, 2.0), None
    done: dict[str, Run] = {}
    for number, (label, experiment) in enumerate(experiments.items()):
        for part in runs(experiment):
            done = {**done, label: part}
            cancelling.note(key, done)
            if bar is None and not part.finished:
                with place.container():
                    bar = st.empty()
                    cancelling.button()
            if bar is not None:
                share = (number + part.progress) / len(experiments)
                rest = part.seconds * (1 / max(part.progress, 1e-9) - 1)
                told = f"{label}: {part.step:,} of {experiment.iterations:,} iterations"
                bar.progress(min(share, 1.0), told + (f"; {frame.duration(rest)} to go" if part.step else ""))
            if not part.finished and pace.due():
                draw(done)
    place.empty()
    cancelling.done()
    draw(done)
    return done


def loss_curve(run: Run, method: int) -> Curve:
    """Run, place of a method -> its training curve with its spread over targets."""
    losses = run.losses[method].numpy()
    low, high = np.quantile(losses, [0.25, 0.75], axis=1)
    return Curve(
        run.recorded.numpy().astype(np.float64),
        losses.mean(1),
        low,
        high,
        converged(run, method),
    )


def converged(run: Run, method: int) -> int | None:
    """Run, place of a method -> the iteration at which it was within 5 % of its end, None if it was still falling."""
    step = int(run.epochs_to_convergence[method])
    return step if run.finished and step <= STILL_FALLING * run.experiment.iterations else None


def convergence(run: Run, method: int) -> str:
    """Run, place of a method -> when it converged, in words."""
    step = converged(run, method)
    return f"{step:,}" if step is not None else "still falling"


def known(experiments: Mapping[str, StreamMixing]) -> bool:
    """Return whether all of these runs are finished already."""
    return all(is_kept(("run", experiment)) for experiment in experiments.values())


def tables(runs: Mapping[str, Run]) -> bytes:
    """CSV of the losses of every run, method and target at every recorded iteration."""
    rows = (
        (label, name, int(step), target, repr(float(run.losses[method, place, target])))
        for label, run in runs.items()
        for method, name in enumerate(run.names)
        for place, step in enumerate(run.recorded)
        for target in range(run.losses.shape[2])
    )
    return render.table(["run", "method", "iteration", "target", "loss"], rows)


def archives(runs: Mapping[str, Run]) -> bytes:
    """NPZ of recorded iterations, losses, targets, floors and final matrices of every run, numbered."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for number, run in enumerate(runs.values()):
        arrays |= {
            f"iterations_{number}": run.recorded.numpy(),
            f"losses_{number}": run.losses.numpy(),
            f"targets_{number}": run.targets.numpy(),
            f"matrices_{number}": run.matrices.numpy(),
            f"floors_{number}": run.floors.numpy(),
        }
    return render.archive(arrays, {label: repr(run.experiment) for label, run in runs.items()})


def snippets(experiments: Mapping[str, StreamMixing]) -> str:
    """Experiments by label -> lines of Python that train them with the library alone."""
    entries = "".join(f"    {label!r}: {experiment!r},\n" for label, experiment in experiments.items())
    classes = exports.classes(repr([experiment.methods for experiment in experiments.values()]))
    return f"""from learning.stream_mixing import StreamMixing, trained
from projectors import {classes}

experiments = {{
{entries}}}
for label, experiment in experiments.items():
    result = trained(experiment)
    print(label, dict(zip(result.names, result.final_losses.tolist())))
    print(label, dict(zip(result.names, result.epochs_to_convergence.tolist())))
"""
