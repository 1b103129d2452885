"""Does it matter to a language model which matrix mixes its streams?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.style import Style
from ui import frame
from ui.language import choice as choosing
from ui.language import curves, inside, judges, results
from ui.language.choice import Choice
from ui.language.told import MISSING, Told
from ui.link import links
from ui.take import Columns, Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go

SEEDED = 4
"""The number of streams whose finished networks were trained with several seeds."""

QUESTION = (
    "A small transformer learns Shakespeare's letters with every method, as in section 5.2 of the go-mHC paper. Which "
    "learns faster, what do its mixing matrices become, what does it write? Train one here, or bring a run of yours."
)


def choose(kind: str) -> Choice | None:
    """What is looked at; draw its widgets -> what they say, None where there is nothing to look at."""
    return {"finished": choosing.finished, "train": choosing.training, "run": choosing.brought}[kind]()


def work(choice: Choice) -> Mapping[str, Work[Told]]:
    """Choice -> its runs, by label."""
    return choice.works


def figure(choice: Choice, runs: Mapping[str, Told], style: Style, *, title: str | None = None) -> go.Figure:
    """The curves as they stand."""
    return curves.figure(runs, choice.shows, style, title=title)


def take(choice: Choice, runs: Mapping[str, Told], *, finished: bool) -> Taken:
    """Everything that the runs told but how long it took, which no recipe says."""
    title = f"{choosing.QUANTITIES[choice.shows]}. {choice.title}"
    arrays: dict[str, NDArray[np.generic]] = {}
    for number, run in enumerate(runs.values()):
        arrays |= {f"{name}_{number}": each for name, each in run.history.arrays().items() if name != "seconds"}
    return Taken(
        name="language-model",
        title=title,
        figure=partial(figure, choice, runs, title=title),
        arrays=arrays,
        columns=partial(columns, runs),
        recipe={**choice.recipe, "drawn": choice.shows},
        implied=("drawn",),
        code=f"""
{choice.code}
arrays = {{}}
for number, run in enumerate(runs):
    arrays |= {{f"{{name}}_{{number}}": each for name, each in run.arrays().items() if name != "seconds"}}
""",
        partial=not finished,
    )


def cannot() -> str:
    """What a small run can show, and what not: by what chance makes of the networks that come along."""
    from networks.language_model.shipped import shipped

    spreads = (f"{label} ends at {min(each):.3f} to {max(each):.3f}" for label, each in shipped(SEEDED).seeds.items())
    return (
        "**What a small run can show, and what not.** That a method trains, how smoothly, and what its matrices "
        f"become. Not which is better: of the finished ones with n = {SEEDED}, each trained with three seeds, "
        f"{' and '.join(spreads)}. The paper finds parity, too, with thirty million parameters. Depth and scale are "
        "where methods could part."
    )


def columns(runs: Mapping[str, Told]) -> Columns:
    """Losses and norms of gradients of every run and iteration."""
    told = {label: run.history for label, run in runs.items()}
    evaluated = {
        label: dict(zip(each.evaluated_at.tolist(), each.evaluated, strict=True)) for label, each in told.items()
    }
    return {
        "run": [label for label, each in told.items() for _ in each.iterations],
        "iteration": np.concatenate([each.iterations for each in told.values()]),
        "loss": np.concatenate([each.losses for each in told.values()]),
        "norm of the gradient": np.concatenate([each.gradients for each in told.values()]),
        "loss of held out text": [
            evaluated[label].get(at) for label, each in told.items() for at in each.iterations.tolist()
        ],
    }


def alt(choice: Choice, runs: Mapping[str, Told]) -> str:
    """What a reader who cannot see the curves should know."""
    ends = "; ".join(f"{label} {each.y[-1]:.4g}" for label, each in curves.curves(runs, choice.shows).items())
    return f"{choosing.QUANTITIES[choice.shows]} of {', '.join(runs)}. In the end: {ends}"


def main() -> None:
    """Draw the page."""
    frame.begin("pages/language_model.py", QUESTION)
    kind = choosing.kind_choice()
    places = {each: st.empty() for each in choosing.KINDS}  # what another kind showed does not linger
    with places[kind].container():
        if kind == "judges":
            judges.show()
        else:
            runs_of(kind)
    frame.reading("language_model")


def runs_of(kind: str) -> None:
    """Draw runs of one kind: widgets, curves while they grow, what they came to, what is inside."""
    left, right = st.columns([10, 27], gap="medium")
    with left:
        choice = choose(kind)
    links.write()
    if choice is None:
        return
    with right:
        progress, plot, said = st.empty(), st.empty(), st.empty()
    drawing = count()

    def draw(runs: Mapping[str, Told], finished: bool) -> None:
        picture, key = figure(choice, runs, frame.style()), f"told_{next(drawing)}"
        frame.chart(picture, key, alt(choice, runs), place=plot, partial=not finished)
        if not finished:
            with said.container():
                results.growing(runs)

    outcome = carried_out("language", work(choice), progress, draw, what="Training takes", missing=MISSING)
    if runs := outcome.results:
        said.empty()
        with right:
            if not curves.curves(runs, choice.shows):
                st.info(
                    "None of these runs has this quantity: the plain network mixes nothing, and jitter needs 100 "
                    "iterations."
                )
            frame.state(outcome.finished)
            results.table(runs)
        st.markdown(cannot())
        row(take(choice, runs, finished=outcome.finished))
        results.take_run(runs)
        results.writing(runs)
        inside.show(runs)


main()
