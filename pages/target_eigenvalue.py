"""Which matrix has this eigenvalue?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from figures.matrix import matrix_heatmap
from figures.spectrum.plane import spectral_plane
from figures.spectrum.reach import reach_cells
from figures.spectrum.target import target_layers
from figures.style import Style
from ui import controls, frame, windows
from ui.link import links
from ui.methods import family_choice, small_contenders
from ui.mirror import mirror
from ui.outlines import outlines
from ui.own import overlay
from ui.pointer import Click
from ui.recipes import describe
from ui.spectrum import exchange
from ui.spectrum.maps import MISSING, TAKES, map_work
from ui.spectrum.witness_panel import copies, sought, verdict
from ui.spectrum.witnesses import Witness, witness_work
from ui.tables import draw_spectrum
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from plotly.basedatatypes import BaseTraceType
    from streamlit.delta_generator import DeltaGenerator

    from geometry.grid import Window
    from geometry.reach import ReachMap
    from projectors import Projector
    from ui.own.overlay import Overlay

MOST_BESIDE = 6
"""Matrices beside each other."""

QUESTION = (
    "Click the plane, drag the cross, or type a point: which doubly stochastic matrix of this kind has that "
    "eigenvalue? If none was found, how near can it come?"
)


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    method: str
    s: int
    projector: Projector
    target: complex
    seed: int
    window: Window
    own: Overlay | None

    @property
    def title(self) -> str:
        """Return a line such as "go-mHC, n = 4, s = 2"."""
        return describe(self.method, self.projector)


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page."""

    progress: DeltaGenerator
    more_progress: DeltaGenerator
    plot: DeltaGenerator
    beside: DeltaGenerator


def choose() -> tuple[Choice, Places]:
    """Draw the widgets -> what they say, and the places of the results."""
    left, centre, right = st.columns([11, 21, 13], gap="medium")
    with left:
        n, s = controls.size_and_rank(rank_used=controls.rank_matters())
        method, projector = controls.method_choice(n, s)
        target = controls.target_choice()
        seed = controls.seed_choice()
        own = overlay.choice(n)
    with centre:
        progress = (st.empty(), st.empty())
        with st.container(key="square"):
            plot = st.empty()
        windows.SPECTRUM.watch(["square"], aim, target)
    choice = Choice(method, s, projector, target, seed, windows.SPECTRUM.chosen(), own)
    return choice, Places(*progress, plot, right.empty())


def work(choice: Choice) -> tuple[Work[Witness], Work[ReachMap], dict[str, Work[Witness]]]:
    """Choice -> the search for the witness, the map behind it, and the same search with other methods."""
    others = small_contenders(choice.projector.n, choice.s, st.session_state["family"])
    return (
        witness_work(choice.projector, choice.target, choice.seed),
        map_work(choice.projector, window=choice.window),
        {name: witness_work(entry, choice.target, choice.seed) for name, entry in others.items()},
    )


def figure(
    choice: Choice,
    found: Witness,
    reach: ReachMap | None,
    style: Style,
    *,
    title: str | None = None,
) -> go.Figure:
    """The certified reach with the target, the way to it, and the witness's spectrum."""
    layers: list[BaseTraceType] = []
    if reach is not None:
        cells = reach.reached, reach.touched, reach.residual
        layers += reach_cells(*cells, reach.centres, style, centre=reach.centre)
    layers += overlay.spectrum(choice.own, style)
    layers += target_layers(choice.target, found.eigenvalue, found.spectrum, found.path, style, reached=found.solved)
    lines = outlines(choice.projector.n, choice.projector)
    return spectral_plane(layers, lines, style=style, title=title, window=choice.window.square)


def take(choice: Choice, found: Witness, reach: ReachMap | None) -> Taken:
    """The witness: matrix, parameters, spectrum, and the way of its eigenvalue."""
    return Taken(
        name="target",
        title=(title := f"{choice.title}: target {choice.target:.4f}"),
        figure=partial(figure, choice, found, reach, title=title),
        arrays={"matrix": found.matrix, "theta": found.theta, "spectrum": found.spectrum, "path": found.path}
        | overlay.arrays(choice.own),
        columns=lambda: {f"column {k}": column for k, column in enumerate(found.matrix.T)},
        recipe={
            "target": f"{choice.target.real:g}{choice.target.imag:+g}i",
            "method": choice.title,
            "projector": choice.projector,
            "seed": choice.seed,
            **overlay.noted(choice.own),
        },
        code=f"""
found = solve({choice.projector!r}, [{choice.target!r}], seed={choice.seed}, paths=True)
matrix = found.matrix[0]
arrays = {{"matrix": matrix, "theta": found.theta[0], "spectrum": eigenvalues(matrix), "path": found.paths[0]}}
"""
        + "\n".join(overlay.code(choice.own)),
        implied=("projector",),
    )


def aim(click: Click) -> None:
    """Take the clicked point as the target."""
    st.session_state["re"], st.session_state["im"] = (min(1.0, max(-1.0, value)) for value in (click.x, click.y))


def panel(choice: Choice, found: Witness) -> None:
    """Draw the verdict, the witness, and its spectrum."""
    st.markdown(verdict(choice.method, choice.projector, choice.target, found))
    if not found.exists:
        return
    with st.container(key="panel_matrix"):
        heatmap = matrix_heatmap(found.matrix, style=frame.style())
        frame.chart(heatmap, "matrix", f"Witness matrix of {choice.title}", fills=True)
    draw_spectrum(found.spectrum)


def taken_home(choice: Choice, found: Witness, reach: ReachMap | None) -> None:
    """Draw the ways to take the witness along, and to change it."""
    row(take(choice, found, reach))
    if st.toggle("Move entries of this matrix", key="_exchange"):
        exchange.show(found.matrix)
    with st.expander("The matrix as text"):
        copies(found.matrix)
    with st.expander(f"Its {len(found.theta):,} free parameters θ"):
        st.code(np.array2string(found.theta, floatmode="unique", separator=", ", threshold=4000, max_line_width=110))


def compared(works: dict[str, Work[Witness]]) -> None:
    """Draw what other methods find for the same target, one beside the other."""
    if not _wanted():
        return
    family_choice()
    outcome = carried_out("other methods", works, st.empty(), missing="methods are missing")
    shown = list(outcome.results.items())
    for row_of in (shown[begin : begin + MOST_BESIDE] for begin in range(0, len(shown), MOST_BESIDE)):
        _beside(row_of, min(len(works), MOST_BESIDE))


def _beside(answers: list[tuple[str, Witness]], places: int) -> None:
    for column, (name, answer) in zip(st.columns(places), answers, strict=False):
        with column:
            if not answer.exists:
                st.markdown(f"**{name}**  \nno doubly stochastic matrix found")
                continue
            st.markdown(f"**{name}**  \n" + ("reaches it" if answer.solved else f"{answer.residual:.4f} away"))
            with st.container(key=f"panel_{name}"):
                frame.chart(
                    matrix_heatmap(answer.matrix, style=frame.style(), sums=False),
                    f"matrix_{name}",
                    f"Matrix of {name} with the eigenvalue nearest to the target",
                    fills=True,
                    toolbar=False,
                )


def _wanted() -> bool:
    """Draw the switch of the other methods -> whether it is on: each is a search of its own."""
    state = st.session_state
    mirror("_others", state["others"] == "yes")

    def switch() -> None:
        state["others"] = "yes" if state["_others"] else "no"

    return st.toggle("The same target, other methods", key="_others", on_change=switch)


def main() -> None:
    """Draw the page."""
    frame.begin("pages/target_eigenvalue.py", QUESTION)
    choice, places = choose()
    links.write()
    search, mapping, others = work(choice)
    found = sought(search, places.progress)
    if found is not None:
        with places.beside.container():
            panel(choice, found)
        told = f"Target eigenvalue {choice.target:.6f} for {choice.title}"
        if mapping.seconds > 0:
            growing = figure(choice, found, None, frame.style())
            frame.chart(growing, "target_plane_growing", told, place=places.plot, fills=True)
        mapped = carried_out("map", {"": mapping}, places.more_progress, what=TAKES, missing=MISSING)
        reach = mapped.results.get("")
        picture = figure(choice, found, reach, frame.style())
        frame.chart(picture, "target_plane", told, place=places.plot, fills=True)
        if found.exists:
            taken_home(choice, found, reach)
    compared(others)
    frame.reading("target_eigenvalue")


main()
