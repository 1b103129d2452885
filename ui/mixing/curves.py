"""The picture of an experiment: training curves, distances on the way, or a sweep over its runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from figures.style import Style
from figures.training.losses import Curve, loss_curves, loss_panels
from figures.training.sweeps import sweep_curves
from ui.mixing.training import loss_curve
from ui.work import kept

if TYPE_CHECKING:
    from torch import Tensor

    from learning.stream_mixing import Run

QUANTITIES = {
    "losses": "mean squared error",
    "divergence": "KL divergence of rows, nats",
    "angle": "geodesic angle, radians",
}
MOST_ANGLES = 16
"""Targets of a run whose geodesic angles are computed."""


def curves(run: Run, shows: str) -> dict[str, Curve]:
    """Run, quantity -> its curve by method."""
    if shows in ("divergence", "angle"):
        key = ("path", shows, run.experiment)
        values = kept(key, lambda: _along(run, shows)) if run.finished else _along(run, shows)
        steps = run.path_iterations.numpy().astype(np.float64)
        low, high = np.nanquantile(values, [0.25, 0.75], axis=-1)
        return {
            name: Curve(steps, values[place].mean(-1), low[place], high[place]) for place, name in enumerate(run.names)
        }
    return {name: loss_curve(run, place) for place, name in enumerate(run.names)}


def _along(run: Run, shows: str) -> np.ndarray:
    """Run, quantity -> the distance (methods, path, targets) from every matrix on the way to its target."""
    from geometry.distances import divergence, geodesic_angle

    targets = run.targets[:MOST_ANGLES] if shows == "angle" else run.targets
    distance = geodesic_angle if shows == "angle" else divergence
    return np.asarray(from_target(distance, run.path[:, :, : len(targets)], targets).numpy())


def from_target(distance: Callable[[Tensor, Tensor], Tensor], matrices: Tensor, targets: Tensor) -> Tensor:
    """A distance, matrices (..., n, n), targets that broadcast -> the distances (...,), nan of matrices whose sums err.

    Between a matrix that is not doubly stochastic and one that is, neither an angle nor a divergence means anything.
    """
    from geometry.distances import exactness_residual
    from geometry.polytope import TOLERANCE

    held = exactness_residual(matrices) <= TOLERANCE
    return distance(matrices.where(held[..., None, None], targets), targets).where(held, nan)


def figure(
    runs: Mapping[str, Run], shows: str, style: Style, *, title: str | None = None, columns: int = 2
) -> go.Figure:
    """Runs by label, what to show -> one figure with a panel for each run in so many columns, or one of the sweep."""
    if shows in ("epochs", "final"):
        return sweep(runs, shows, style, title=title)
    quantity = QUANTITIES[shows]
    panels = {label: curves(run, shows) for label, run in runs.items()}
    floors = {label: run.floor if shows == "losses" else None for label, run in runs.items()}
    if len(runs) == 1:
        (label,) = runs
        last = runs[label].experiment.iterations
        return loss_curves(
            panels[label], quantity=quantity, floor=floors[label], iterations=last, style=style, title=title
        )
    return loss_panels(panels, floors, quantity=quantity, columns=columns, style=style, title=title)


def sweep(runs: Mapping[str, Run], shows: str, style: Style, *, title: str | None = None) -> go.Figure:
    """Runs by label -> epochs to convergence or final loss of every method over the runs."""
    values: dict[str, dict[str, float]] = {}
    for label, run in runs.items():
        numbers = run.epochs_to_convergence if shows == "epochs" else run.final_losses
        for name, number in zip(run.names, numbers.tolist(), strict=True):
            values.setdefault(name, {})[label] = float(number)
    floor = next(iter(runs.values())).floor if shows == "final" else None
    return sweep_curves(
        values,
        list(runs),
        quantity="epochs to convergence" if shows == "epochs" else "final mean squared error",
        floor=floor,
        style=style,
        title=title,
    )
