"""The picture of language models while they train."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.style import Style
from figures.training.language import Along, training_curves
from ui.language.choice import QUANTITIES
from ui.language.told import Told

if TYPE_CHECKING:
    from networks.language_model.history import History

MEAN_OVER = 25
"""Iterations over which what jumps from batch to batch is averaged."""

FEW = 3
"""So many runs have their losses of single batches behind those of held out text."""

LOGARITHMIC = ("gradient", "error of sums", "gradient of mixing")
LEAST = 1e-12
"""Smallest number that a logarithmic axis shows; what is 0 has no place on it."""

MOST_WORK = 3e7
"""Numbers of all matrices times n, up to which the eigenvalues of all are a matter of a second."""

NOTHING = np.zeros(0)


def figure(runs: Mapping[str, Told], shows: str, style: Style, *, title: str | None = None) -> go.Figure:
    """Runs by label, which quantity -> its curves; those that have none are left out."""
    return training_curves(
        curves(runs, shows),
        quantity=_axis(runs, shows),
        logarithmic=shows in LOGARITHMIC,
        level=(0.0, "") if shows == "difference" else None,
        behind=f"training loss, mean of {MEAN_OVER}",
        style=style,
        title=title,
    )


def _axis(runs: Mapping[str, Told], shows: str) -> str:
    if shows == "difference":
        return f"loss of held out text less that of {next(iter(runs), 'none')}, nats"
    unit = {"loss": ", nats a token", "training loss": ", nats a token"}.get(shows, "")
    return QUANTITIES[shows] + unit


def curves(runs: Mapping[str, Told], shows: str) -> dict[str, Along]:
    """Runs by label, which quantity -> its curve of each run that has it."""
    first = next(iter(runs.values()), None)
    found = {
        label: difference(run.history, first.history)
        if shows == "difference" and first is not None
        else along(run.history, shows, behind=len(runs) <= FEW)
        for label, run in runs.items()
    }
    return {label: curve for label, curve in found.items() if len(curve.x)}


def difference(told: History, first: History) -> Along:
    """What two runs told -> the loss of held out text of the one less that of the other, where both took it."""
    shared, mine, others = np.intersect1d(told.evaluated_at, first.evaluated_at, return_indices=True)
    return Along(shared.astype(np.float64), told.evaluated[mine] - first.evaluated[others], NOTHING, NOTHING)


def along(told: History, shows: str, *, behind: bool = False) -> Along:
    """What a run told, a quantity -> its curve; `behind`: with the losses of single batches behind it."""
    iterations = told.iterations.astype(np.float64)
    if shows == "loss":
        x, y = smooth(iterations, told.losses) if behind else (NOTHING, NOTHING)
        return Along(told.evaluated_at.astype(np.float64), told.evaluated, x, y)
    if shows in ("training loss", "gradient"):
        x, y = smooth(iterations, told.losses if shows == "training loss" else told.gradients)
        return Along(x, y, NOTHING, NOTHING)
    if shows == "jitter":
        rough = told.jitter()
        return Along(iterations[len(iterations) - len(rough) :], rough, NOTHING, NOTHING)
    if not len(told.sites):
        return Along(NOTHING, NOTHING, NOTHING, NOTHING)
    if shows == "rotation":
        return Along(*rotations(told), NOTHING, NOTHING)
    return Along(told.looked_at.astype(np.float64), of_sites(told, shows), NOTHING, NOTHING)


def of_sites(told: History, shows: str) -> NDArray[np.float64]:
    """What a run told, a quantity of its sites -> the mean (r,) over sites, or the largest of errors."""
    if shows == "distance from I":
        return np.asarray(told.from_identity.mean(-1))
    values = np.asarray(told.errors.max(-1) if shows == "error of sums" else told.site_gradients.mean(-1))
    return np.where(values == 0, 0.0, values.clip(LEAST))


def rotations(told: History) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a run told -> iterations, and the largest imaginary part of an eigenvalue of any site; the last always."""
    import torch

    from geometry.spectra.closed_forms import by_lapack

    n = told.matrices.shape[-1]
    step = max(1, int(np.ceil(told.matrices.size * n / MOST_WORK)))
    rows = np.arange(len(told.looked_at))[::-1][::step][::-1]
    finite = np.isfinite(told.matrices[rows])
    matrices = torch.from_numpy(np.where(finite.all((-1, -2), keepdims=True), told.matrices[rows], 0.0))
    values = by_lapack(matrices.flatten(0, 1)).reshape(len(rows), -1)
    return told.looked_at[rows].astype(np.float64), values.imag.abs().amax(-1).numpy()


def smooth(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Iterations, numbers -> means over the last 25 of them, or what there is of so many at the beginning."""
    if not len(y):
        return x, y
    sums = np.concatenate([[0.0], np.cumsum(y)])
    begins = np.maximum(np.arange(1, len(y) + 1) - MEAN_OVER, 0)
    ends = np.arange(1, len(y) + 1)
    return x, (sums[ends] - sums[begins]) / (ends - begins)
