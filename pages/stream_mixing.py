"""Which method learns a target matrix fastest?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from figures.style import Style
from ui import frame
from ui.link import links
from ui.mixing import choice as choosing
from ui.mixing import curves, laws, results, shelf, training
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from learning.stream_mixing import Run, StreamMixing

QUESTION = (
    "Every method learns the same random doubly stochastic matrices from noisy data, as in section 5.1 of the go-mHC "
    "paper: which comes down to the theoretical minimum, and how soon?"
)


@dataclass(frozen=True, eq=False)
class Choice:
    """What the reader asked for: experiments by label, how they are called together, and what of them is shown."""

    title: str
    shows: str
    experiments: Mapping[str, StreamMixing]


def choose(name: str) -> Choice | None:
    """Name of a preset, or of one's own experiment; draw its widgets -> what they say, None if it cannot be run."""
    if name == choosing.OWN:
        experiments = choosing.own()
        return Choice("own experiment", "losses", experiments) if experiments is not None else None
    preset = choosing.presets()[name]
    return Choice(name, preset.shows, choosing.shortened(preset))


def work(choice: Choice) -> dict[str, Work[Run]]:
    """Choice -> the training of every experiment."""
    return {label: training.training_work(experiment) for label, experiment in choice.experiments.items()}


def figure(choice: Choice, runs: Mapping[str, Run], style: Style, *, title: str | None = None) -> go.Figure:
    """The curves as they stand."""
    return curves.figure(runs, choice.shows, style, title=title)


def take(choice: Choice, runs: Mapping[str, Run], *, finished: bool) -> Taken:
    """Losses, targets and learned matrices of every run."""
    first = next(iter(choice.experiments.values()))
    title = f"{choice.title}: " + ", ".join(runs)
    return Taken(
        name="stream-mixing",
        title=title,
        figure=partial(figure, choice, runs, title=title),
        narrow=partial(curves.figure, runs, choice.shows, title=title, columns=1),
        arrays=training.arrays(runs),
        columns=partial(training.columns, runs),
        recipe={
            "experiment": choice.title,
            "n": first.n,
            "iterations": first.iterations,
            "seed": first.seed,
            "experiments": dict(choice.experiments),
        },
        code=training.code(choice.experiments),
        partial=not finished,
    )


def told(choice: Choice, runs: Mapping[str, Run]) -> str:
    """What a reader who cannot see the curves should know."""
    parts = (
        f"{label}, {run.step:,} of {run.experiment.iterations:,} iterations of {', '.join(run.names)}"
        for label, run in runs.items()
    )
    return f"{choice.title}: " + "; ".join(parts)


def main() -> None:
    """Draw the page."""
    frame.begin("pages/stream_mixing.py", QUESTION)
    name = choosing.preset_choice()
    of_law, of_own, of_preset = st.empty(), st.empty(), st.empty()  # what another kind showed does not linger
    if name in laws.LAWS:
        with of_law.container():
            laws.show(laws.LAWS[name])
    else:
        with (of_own if name == choosing.OWN else of_preset).container():
            experiment(name)
    frame.reading("stream_mixing")


def experiment(name: str) -> None:
    """Draw an experiment: widgets, curves while they grow, results, runs kept for comparison."""
    left, right = st.columns([10, 27], gap="medium")
    with left:
        choice = choose(name)
    links.write()
    if choice is None:
        return
    with right:
        progress, plot = st.empty(), st.empty()
    drawing = count()

    def draw(runs: Mapping[str, Run], finished: bool) -> None:
        picture, key = figure(choice, runs, frame.style()), f"curves_{next(drawing)}"
        frame.chart(picture, key, told(choice, runs), place=plot, partial=not finished)

    outcome = carried_out("training", work(choice), progress, draw, missing=training.MISSING)
    if runs := outcome.results:
        with right:
            frame.state(outcome.finished)
            results.table(runs)
        results.learned(runs)
        shelf.show(choice.title, runs)
        row(take(choice, runs, finished=outcome.finished))


main()
