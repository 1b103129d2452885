"""Real or complex: orthostochastic and unistochastic matrices learn the same targets (appendix E)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures.losses import loss_curves
from figures.style import PAPER, Style
from ui import controls, exports, frame, links, settings, training

if TYPE_CHECKING:
    from learning.stream_mixing import Run, StreamMixing

TARGETS = {"edge": "on the boundary: (I + P)/2", "sinkhorn": "random, inside"}
LARGEST_N, COUNT = 8, 32
TOWARDS_HELP = """
- **on the boundary**: the mean of the identity and the n-cycle P, in the middle of an edge of the polytope. At n ≥ 3 it
  belongs to both sets only where s is even.
- **random, inside**: uniform entries balanced by Sinkhorn, 32 of them.
"""


def experiment(n: int, ranks: list[int], towards: str, iterations: int, seed: int) -> StreamMixing:
    """n, ranks -> the run in which both kinds learn the same targets entry by entry."""
    from learning.stream_mixing import StreamMixing
    from projectors import Orthostochastic, Projector, Unistochastic

    methods: list[tuple[str, Projector]] = []
    for s in ranks:
        methods += [(f"real, s = {s}", Orthostochastic(n, s)), (f"complex, s = {s}", Unistochastic(n, s))]
    return StreamMixing(
        n=n,
        methods=tuple(methods),
        targets=towards,  # type: ignore[arg-type]
        count=COUNT,
        objective="matrix",
        noise=0.0,
        rate=1e-2,
        iterations=iterations,
        seed=seed,
    )


def picture(run: Run, style: Style, *, title: str | None = None) -> go.Figure:
    """Return the curves of a run."""
    curves = {name: training.loss_curve(run, place) for place, name in enumerate(run.names)}
    return loss_curves(
        curves,
        quantity="mean squared error of the entries",
        iterations=run.experiment.iterations,
        style=style,
        title=title,
    )


def show() -> None:
    """Draw the widgets, the curves while they grow, the final gaps, and the exports."""
    left, centre, right = st.columns([11, 22, 13], gap="medium")
    state = st.session_state
    with left:
        n, s = controls.size_and_rank()
        towards = str(
            st.selectbox("Target", TARGETS, format_func=TARGETS.__getitem__, key="towards", help=TOWARDS_HELP)
        )
        iterations = int(
            st.select_slider(
                "Iterations", settings.GAP_ITERATIONS, key="gap_iterations", format_func=lambda count: f"{count:,}"
            )
        )
        seed = controls.seed_choice()
    links.write()
    if n > LARGEST_N:
        with centre:
            st.info(f"Learning is shown for n ≤ {LARGEST_N} here; the page Stream mixing goes further.")
        return
    wanted = experiment(n, list(range(1, min(s, 3) + 1)) if s <= 3 else [1, 2, s], towards, iterations, seed)
    with centre:
        plot, bar = st.empty(), st.empty()
    told = f"Real and complex matrices of order {n} learn targets {TARGETS[towards]}"
    state.setdefault("gap_draws", 0)

    def draw(found: dict[str, Run]) -> None:
        state["gap_draws"] += 1
        plot.plotly_chart(picture(found["run"], frame.style()), theme=None, key=f"gap_{state['gap_draws']}", alt=told)

    run = training.trained({"run": wanted}, bar, draw)["run"]
    with right:
        st.markdown("**Final gap**, root mean square distance from the target over all entries")
        st.dataframe(
            {
                "Method": list(run.names),
                "Gap": [f"{float(loss) ** 0.5:.2e}" for loss in run.final_losses],
                "Converged at": [training.convergence(run, place) for place in range(len(run.names))],
            },
            hide_index=True,
        )
    exports.row(
        partial(picture, run, PAPER, title=f"{told}, {COUNT} targets, seed {seed}"),
        partial(training.tables, {"run": run}),
        partial(training.archives, {"run": run}),
        training.snippets({"run": run.experiment}),
        f"real-or-complex_n{n}_s{s}_{towards}_{iterations}_seed{seed}",
    )
