"""What a stream-mixing experiment shows: curves, sweeps, tables, learned matrices, and runs kept for comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from figures.losses import Curve, loss_curves, loss_panels
from figures.matrix import matrix_heatmap
from figures.style import Style
from figures.sweeps import sweep_curves
from ui import frame, training
from ui.store import kept

if TYPE_CHECKING:
    from learning.stream_mixing import Run

QUANTITIES = {
    "losses": "mean squared error",
    "divergence": "KL divergence of rows, nats",
    "angle": "geodesic angle, radians",
}
MOST_ANGLES = 16
"""Targets of a run whose geodesic angles are computed."""

MOST_ROOTS = 12
"""Largest n at which a geodesic angle is a matter of milliseconds."""

MOST_KEPT = 6


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
    return {name: training.loss_curve(run, place) for place, name in enumerate(run.names)}


def _along(run: Run, shows: str) -> np.ndarray:
    """Run, quantity -> the distance (methods, path, targets) from every matrix on the way to its target."""
    from geometry.distances import divergence, geodesic_angle

    targets = run.targets[:MOST_ANGLES] if shows == "angle" else run.targets
    path = run.path[:, :, : len(targets)]
    distance = geodesic_angle(path, targets) if shows == "angle" else divergence(path, targets)
    return np.asarray(distance.numpy())


def picture(runs: Mapping[str, Run], shows: str, style: Style, *, title: str | None = None) -> go.Figure:
    """Runs by label, what to show -> one figure with a panel for each run, or one of the sweep."""
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
    return loss_panels(panels, floors, quantity=quantity, style=style, title=title)


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


def table(runs: Mapping[str, Run]) -> None:
    """Draw final losses, floors and convergence, one row a method and run."""
    rows = [
        {
            **({"Run": label} if len(runs) > 1 else {}),
            "Method": name,
            "Final loss": f"{float(run.final_losses[place]):.3e}",
            "Times the floor": f"{float(run.final_losses[place]) / run.floor:.2f}" if run.floor else "–",
            "Converged at": training.convergence(run, place),
            "Parameters": f"{run.experiment.methods[place][1].parameter_count:,}",
        }
        for label, run in runs.items()
        for place, name in enumerate(run.names)
    ]
    st.dataframe(rows, hide_index=True)


def learned(runs: Mapping[str, Run]) -> None:
    """Draw a learned matrix beside its target, for a run, a target and a method of the reader's choice."""
    if next(iter(runs.values())).targets.is_complex():
        return
    from geometry.distances import divergence, geodesic_angle

    st.subheader("What was learned")
    first, second, third = st.columns(3)
    label = first.selectbox("Run", list(runs), key="learned_run", disabled=len(runs) == 1)
    run = runs[label]
    name = second.selectbox("Method", run.names, key="learned_method", index=len(run.names) - 1)
    number = third.number_input("Target", 1, run.experiment.count, key="learned_target") - 1
    matrix, wanted = run.matrices[run.names.index(name), number], run.targets[number]
    columns = st.columns([5, 5, 3], gap="medium")
    for column, (caption, entries) in zip(columns, {"The target": wanted, f"{name}": matrix}.items(), strict=False):
        with column:
            st.caption(caption)
            with st.container(key=f"square_{caption}"):
                st.plotly_chart(
                    matrix_heatmap(entries.numpy(), style=frame.style(), sums=False),
                    theme=None,
                    height="stretch",
                    key=f"learned_{caption}",
                    config={"displayModeBar": False},
                    alt=f"{caption}, target {number + 1} of {label}",
                )
    with columns[2]:
        st.metric("Frobenius distance", f"{float((matrix - wanted).norm()):.5f}")
        st.metric("KL divergence", f"{float(divergence(matrix, wanted)):.2e}", help="Mean over rows, in nats.")
        if run.experiment.n <= MOST_ROOTS:
            st.metric("Geodesic angle", f"{float(geodesic_angle(matrix, wanted)):.4f}", help="In radians.")


def _slim(run: Run) -> Run:
    """Run -> the same without its matrices on the way: the shelf shows losses only, and stays as long as the visit."""
    return replace(run, path_iterations=run.path_iterations[:0], path=run.path[:, :0].clone())


def comparison(title: str, runs: Mapping[str, Run]) -> None:
    """Draw the shelf of runs that the reader keeps for comparison within the visit."""
    shelf: dict[str, Run] = st.session_state.setdefault("shelf", {})
    on_it = {(run.experiment, run.step) for run in shelf.values()}
    fresh = {f"{title}, {label}": run for label, run in runs.items() if (run.experiment, run.step) not in on_it}

    def keep() -> None:
        for label, run in fresh.items():
            if len(shelf) < MOST_KEPT:
                taken = sum(name.partition(" #")[0] == label for name in shelf)
                shelf[label + (f" #{taken + 1}" if taken else "")] = _slim(run)

    with st.container(horizontal=True):
        full = len(shelf) >= MOST_KEPT
        st.button("Keep for comparison", on_click=keep, key="keep", disabled=not fresh or full)
        if shelf:
            st.button("Forget all", on_click=shelf.clear, key="forget")
    if not shelf:
        return
    st.subheader("Kept in this visit")
    options = [f"{label}: {name}" for label, run in shelf.items() for name in run.names]
    usual = [f"{label}: {run.names[-1]}" for label, run in shelf.items()]
    chosen = st.multiselect("Curves", options, default=usual[:8], key=f"shelf_{len(shelf)}", max_selections=8)
    drawn = {}
    for label, run in shelf.items():
        for place, name in enumerate(run.names):
            if f"{label}: {name}" in chosen:
                drawn[f"{label}: {name}"] = training.loss_curve(run, place)
    if drawn:
        figure = loss_curves(drawn, spread=False, style=frame.style())
        st.plotly_chart(figure, theme=None, key="shelf_plot", alt="Kept runs: " + "; ".join(drawn))
    table(shelf)
