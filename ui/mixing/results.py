"""What an experiment came to: final losses and convergence, and a learned matrix beside its target."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from figures.matrix import matrix_heatmap
from ui import frame
from ui.mixing.curves import from_target
from ui.mixing.training import convergence
from ui.tables import draw_table
from ui.words import brief

if TYPE_CHECKING:
    from learning.stream_mixing import Run

MOST_ROOTS = 12
"""Largest n at which a geodesic angle is a matter of milliseconds."""

FLOOR = "The floor is the least loss that is expected, over all data sets; on the one at hand a loss may come below it."


def table(runs: Mapping[str, Run]) -> None:
    """Draw final losses, floors and convergence, one row a method and run."""
    rows = [
        {
            **({"Run": label} if len(runs) > 1 else {}),
            "Method": name,
            "Final loss": f"{float(run.final_losses[place]):.3e}",
            "Times the floor": brief(float(run.final_losses[place]) / run.floor, ".2f") if run.floor else "–",
            "Converged at": convergence(run, place),
            "Parameters": f"{run.experiment.methods[place][1].parameter_count:,}",
        }
        for label, run in runs.items()
        for place, name in enumerate(run.names)
    ]
    draw_table(rows, column_config={"Times the floor": st.column_config.Column(help=FLOOR)})


def learned(runs: Mapping[str, Run]) -> None:
    """Draw a learned matrix beside its target, for a run, a target and a method of the reader's choice."""
    if next(iter(runs.values())).targets.is_complex():
        return
    from geometry.distances import divergence, exactness_residual, geodesic_angle

    st.header("What was learned")
    first, second, third = st.columns(3)
    label = first.selectbox("Run", list(runs), key="_learned_run", disabled=len(runs) == 1)
    run = runs[label]
    name = second.selectbox("Method", run.names, key="_learned_method", index=len(run.names) - 1)
    number = third.number_input("Target", 1, run.experiment.count, key="_learned_target") - 1
    matrix, wanted = run.matrices[run.names.index(name), number], run.targets[number]
    columns = st.columns([5, 5, 3], gap="medium")
    for column, (caption, entries) in zip(columns, {"The target": wanted, f"{name}": matrix}.items(), strict=False):
        with column:
            st.caption(caption)
            with st.container(key=f"square_{caption}"):
                frame.chart(
                    matrix_heatmap(entries.numpy(), style=frame.style(), sums=False),
                    f"learned_{caption}",
                    f"{caption}, target {number + 1} of {label}",
                    fills=True,
                    toolbar=False,
                )
    with columns[2]:
        st.metric("Frobenius distance", f"{float((matrix - wanted).norm()):.5f}")
        entropy = float(from_target(divergence, matrix, wanted))
        st.metric("KL divergence", "–" if isnan(entropy) else f"{entropy:.2e}", help="Mean over rows, in nats.")
        if run.experiment.n <= MOST_ROOTS:
            angle = float(from_target(geodesic_angle, matrix, wanted))
            st.metric("Geodesic angle", "–" if isnan(angle) else f"{angle:.4f}", help="In radians.")
        if isnan(entropy):
            st.caption(
                f"The sums of what {name} learned are off by {float(exactness_residual(matrix)):.1g}: between it and "
                "a doubly stochastic matrix there is no divergence, and no angle."
            )
