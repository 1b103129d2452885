"""Runs that a reader keeps side by side within a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from figures.training.losses import loss_curves
from ui import frame
from ui.mixing.results import table
from ui.mixing.training import loss_curve

if TYPE_CHECKING:
    from learning.stream_mixing import Run

MOST_KEPT = 6


def _slim(run: Run) -> Run:
    """Run -> the same without its matrices on the way: the shelf shows losses only, and stays as long as the visit."""
    return replace(run, path_iterations=run.path_iterations[:0], path=run.path[:, :0].clone())


def show(title: str, runs: Mapping[str, Run]) -> None:
    """Draw the shelf of runs that the reader keeps for comparison within the visit."""
    shelf: dict[str, Run] = st.session_state.setdefault("_shelf", {})
    on_it = {(run.experiment, run.step) for run in shelf.values()}
    fresh = {f"{title}, {label}": run for label, run in runs.items() if (run.experiment, run.step) not in on_it}

    def keep() -> None:
        for label, run in fresh.items():
            if len(shelf) < MOST_KEPT:
                taken = sum(name.partition(" #")[0] == label for name in shelf)
                shelf[label + (f" #{taken + 1}" if taken else "")] = _slim(run)

    with st.container(horizontal=True):
        full = len(shelf) >= MOST_KEPT
        st.button("Keep for comparison", on_click=keep, key="_keep", disabled=not fresh or full)
        if shelf:
            st.button("Forget all", on_click=shelf.clear, key="_forget")
    if not shelf:
        return
    st.header("Kept in this visit")
    options = [f"{label}: {name}" for label, run in shelf.items() for name in run.names]
    usual = [f"{label}: {run.names[-1]}" for label, run in shelf.items()]
    chosen = st.multiselect("Curves", options, default=usual[:8], key=f"_shelf_{len(shelf)}", max_selections=8)
    drawn = {}
    for label, run in shelf.items():
        for place, name in enumerate(run.names):
            if f"{label}: {name}" in chosen:
                drawn[f"{label}: {name}"] = loss_curve(run, place)
    if drawn:
        figure = loss_curves(drawn, spread=False, style=frame.style())
        frame.chart(figure, "shelf_plot", "Kept runs: " + "; ".join(drawn))
    table(shelf)
