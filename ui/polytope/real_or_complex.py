"""The aspect real or complex: orthostochastic and unistochastic matrices learn the same targets (appendix E)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures.style import Style
from figures.training.losses import loss_curves
from ui import controls, frame
from ui.link import links, settings
from ui.mixing import training
from ui.tables import draw_table
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from learning.stream_mixing import Run, StreamMixing

TARGETS = {"edge": "on the boundary: (I + P)/2", "sinkhorn": "random, inside"}
LARGEST_N, COUNT = 8, 32
TOWARDS_HELP = """
- **on the boundary**: the mean of the identity and the n-cycle P, in the middle of an edge of the polytope. At n ≥ 3 it
  belongs to both sets only where s is even.
- **random, inside**: uniform entries balanced by Sinkhorn, 32 of them.
"""


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    n: int
    s: int
    towards: str
    iterations: int
    seed: int

    @property
    def ranks(self) -> list[int]:
        """Return the ranks that learn: up to three."""
        return [*range(1, min(self.s, 3) + 1)] if self.s <= 3 else [1, 2, self.s]

    @property
    def title(self) -> str:
        """Return a line for a figure."""
        return f"Real and complex matrices of order {self.n} learn targets {TARGETS[self.towards]}"


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page."""

    progress: DeltaGenerator
    plot: DeltaGenerator
    beside: DeltaGenerator


def choose() -> tuple[Choice, Places]:
    """Draw the widgets -> what they say, and the places of the results."""
    left, centre, right = st.columns([12, 22, 13], gap="medium")
    with left:
        n, s = controls.size_and_rank()
        towards = st.selectbox("Target", TARGETS, format_func=TARGETS.__getitem__, key="towards", help=TOWARDS_HELP)
        iterations = st.select_slider(
            "Iterations", settings.GAP_ITERATIONS, key="gap_iterations", format_func=lambda count: f"{count:,}"
        )
        seed = controls.seed_choice()
    with centre:
        places = Places(st.empty(), st.empty(), right.empty())
    return Choice(n, s, str(towards), int(iterations), seed), places


def experiment(choice: Choice) -> StreamMixing:
    """Choice -> the run in which both kinds learn the same targets entry by entry."""
    from learning.stream_mixing import StreamMixing
    from projectors import Orthostochastic, Projector, Unistochastic

    methods: list[tuple[str, Projector]] = []
    for s in choice.ranks:
        methods += [(f"real, s = {s}", Orthostochastic(choice.n, s))]
        methods += [(f"complex, s = {s}", Unistochastic(choice.n, s))]
    return StreamMixing(
        n=choice.n,
        methods=tuple(methods),
        targets=choice.towards,  # type: ignore[arg-type]
        count=COUNT,
        objective="matrix",
        noise=0.0,
        rate=1e-2,
        iterations=choice.iterations,
        seed=choice.seed,
    )


def work(choice: Choice) -> dict[str, Work[Run]]:
    """Choice -> the training."""
    return {"": training.training_work(experiment(choice))}


def figure(run: Run, style: Style, *, title: str | None = None) -> go.Figure:
    """The curves of a run."""
    return loss_curves(
        {name: training.loss_curve(run, place) for place, name in enumerate(run.names)},
        quantity="mean squared error of the entries",
        iterations=run.experiment.iterations,
        style=style,
        title=title,
    )


def take(choice: Choice, run: Run, finished: bool) -> Taken:
    """Losses, targets and learned matrices."""
    title = f"{choice.title}, {COUNT} targets, seed {choice.seed}"
    return Taken(
        name="real-or-complex",
        title=title,
        figure=partial(figure, run, title=title),
        arrays=training.arrays({"run": run}),
        columns=partial(training.columns, {"run": run}),
        recipe={
            "n": choice.n,
            "s": choice.s,
            "towards": choice.towards,
            "iterations": choice.iterations,
            "seed": choice.seed,
            "experiment": run.experiment,
        },
        code=training.code({"run": run.experiment}),
        implied=("experiment",),
        partial=not finished,
    )


def show() -> None:
    """Draw the widgets, the curves while they grow, the final gaps, and what there is to take home."""
    choice, places = choose()
    links.write()
    if choice.n > LARGEST_N:
        places.plot.info(f"Learning is shown for n ≤ {LARGEST_N} here; the page Stream mixing goes further.")
        return
    drawing = count()

    def draw(runs: Mapping[str, Run], finished: bool) -> None:
        picture, key = figure(runs[""], frame.style()), f"gap_{next(drawing)}"
        frame.chart(picture, key, choice.title, place=places.plot, partial=not finished)

    outcome = carried_out("real or complex", work(choice), places.progress, draw, missing=training.MISSING)
    if (run := outcome.results.get("")) is None:
        return
    with places.beside.container():
        frame.state(outcome.finished)
        st.markdown("**Final gap**, root mean square distance from the target over all entries")
        gaps = {
            "Method": list(run.names),
            "Gap": [f"{float(loss) ** 0.5:.2e}" for loss in run.final_losses],
            "Converged at": [training.convergence(run, place) for place in range(len(run.names))],
        }
        draw_table(gaps)
    row(take(choice, run, outcome.finished))
