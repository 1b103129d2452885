"""What does my network mix?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from figures.spectrum.plane import spectral_plane
from figures.spectrum.sites import site_layers
from figures.style import Style
from ui import controls, frame, windows
from ui.link import links
from ui.outlines import outlines
from ui.own import panels, source
from ui.own.findings import findings, plain
from ui.own.visit import given
from ui.own.works import Measured, measuring
from ui.take import Columns, Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.delta_generator import DeltaGenerator

    from geometry.grid import Window
    from inspector import Site
    from ui.own.visit import Held
    from ui.pointer import Click

QUESTION = (
    "Bring your own: a trained checkpoint, captured mixing matrices, a table, a few rows of numbers. Which eigenvalues "
    "did training choose, where are they in the regions that bound them, what is wrong with the matrices, and which "
    "method could hold what was learned?"
)


@dataclass(frozen=True, eq=False)
class Choice:
    """What the reader brought, and what of it is looked at: sites of one n, and the number of one of them."""

    held: Held
    n: int
    number: int
    lines: tuple[str, ...]
    window: Window

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites with n streams, in order."""
        return self.held.collection.of_size(self.n)

    @property
    def title(self) -> str:
        """A line such as "trained mHC: 12 sites, n = 4"."""
        count = len(self.sites)
        return f"{self.held.word[:40]}: {count} {'sites' if count > 1 else 'matrix'}, n = {self.n}"


@dataclass(frozen=True, eq=False)
class Places:
    """Where it goes on the page."""

    progress: DeltaGenerator
    plot: DeltaGenerator
    beside: DeltaGenerator


def choose() -> tuple[Choice | None, Places]:
    """Draw the widgets -> what they say, None without matrices, and the places of the results."""
    left, centre, right = st.columns([12, 25, 10], gap="medium")
    with left:
        held = source.chosen()
        n = _size(held) if held is not None else 0
        lines = tuple(controls.lines_choice())
    with centre:
        progress = st.empty()
        with st.container(key="plane"):
            plot = st.empty()
        windows.SPECTRUM.watch(["plane"], pick)
    places = Places(progress, plot, right.empty())
    if held is None:
        return None, places
    count = len(held.collection.of_size(n))
    state = st.session_state
    state["site"] = min(int(state["site"]), count - 1)
    return Choice(held, n, int(state["site"]), lines, windows.SPECTRUM.chosen()), places


def _size(held: Held) -> int:
    """Draw the choice among the sizes that occur -> n; the widest choice of sites first."""
    sizes = held.collection.sizes
    if len(sizes) == 1:
        return sizes[0]
    if st.session_state["n"] not in sizes:
        st.session_state["n"] = max(sizes, key=lambda n: len(held.collection.of_size(n)))
    return int(st.selectbox("Streams n", sizes, key="n"))


def pick(click: Click) -> None:
    """Choose the site that has the eigenvalue nearest to the clicked point."""
    values = st.session_state.get("_site_eigenvalues")
    if values is not None and len(values):
        distance = np.abs(values - complex(click.x, click.y)).min(-1)
        st.session_state["site"] = int(np.nanargmin(distance))


def work(choice: Choice) -> Work[Measured]:
    """Choice -> the measures of its sites."""
    return measuring(choice.held, choice.n)


def figure(choice: Choice, found: Measured, style: Style, *, title: str | None = None) -> go.Figure:
    """The eigenvalues of all sites over the regions."""
    sites = choice.sites[: found.done]
    depth, parts = list(range(len(sites))), [site.part for site in sites]
    values = found.measures.eigenvalues.numpy()
    chosen = choice.number if choice.number < len(sites) else None
    layers = site_layers(values, [site.name for site in sites], depth, parts, chosen=chosen, style=style)
    lines = {role: line for role, line in outlines(choice.n, None).items() if role in choice.lines}
    return spectral_plane(layers, lines, style=style, title=title, window=choice.window.square)


def take(choice: Choice, found: Measured) -> Taken:
    """Matrices and measures of all sites."""
    sites, measured = choice.sites, found.measures
    matrices, values = choice.held.collection.matrices(choice.n).numpy(), measured.eigenvalues.numpy()
    numbers = ("from_identity", "from_permutation", "from_uniform", "entropy", "row_error", "column_error")

    def columns() -> Columns:
        told: dict[str, Any] = {
            "site": [site.name for site in sites],
            "layer": [site.layer for site in sites],
            "read as": [site.layout for site in sites],
            "settings": [site.settings for site in sites],
            "second": measured.second.numpy(),
            **{name: getattr(measured, name).numpy() for name in numbers},
            "warnings": [" ".join(site.warnings) for site in sites],
        }
        for k in range(choice.n - 1):
            told[f"re {k + 2}"], told[f"im {k + 2}"] = values[:, k].real, values[:, k].imag
        return told

    listed = ", ".join(f'"{name}": found.{name}' for name in numbers)
    return Taken(
        name="sites",
        title=choice.title,
        figure=partial(figure, choice, found, title=choice.title),
        arrays={
            "names": np.array([site.name for site in sites]),
            "matrices": matrices,
            "eigenvalues": values,
            **{name: getattr(measured, name).numpy() for name in numbers},
        },
        columns=columns,
        recipe={
            "of": choice.held.word,
            **_digest(choice.held),
            "n": choice.n,
            **given(choice.held.settings),
            **windows.noted(choice.window),
        },
        code=f"""
{choice.held.code}
found = inspector.measures(sites.matrices({choice.n}))
names = np.array([site.name for site in sites.of_size({choice.n})])
arrays = {{"names": names, "matrices": sites.matrices({choice.n}), "eigenvalues": found.eigenvalues, {listed}}}
""",
    )


def _digest(held: Held) -> dict[str, str]:
    return {"digest": held.digest} if held.digest else {}


def main() -> None:
    """Draw the page."""
    frame.begin("pages/your_matrices.py", QUESTION)
    choice, places = choose()
    links.write()
    if choice is None:
        st.session_state["_site_eigenvalues"] = None
        places.plot.info("Choose an example, upload a file or paste a matrix.")
        frame.reading("your_matrices")
        return

    def draw(found: Measured, key: str) -> None:
        picture = figure(choice, found, frame.style())
        frame.chart(picture, key, f"Eigenvalues of {choice.title}", place=places.plot, fills=True)

    outcome = carried_out(
        "sites",
        {"": work(choice)},
        places.progress,
        lambda found, done: draw(found[""], f"sites_{done}") if "" in found else None,
        missing="sites are missing",
    )
    found = outcome.results.get("")
    if found is not None and outcome.finished:
        st.session_state["_site_eigenvalues"] = found.measures.eigenvalues.numpy()
        with places.beside.container():
            for sentence in findings(choice.sites, found.measures, found.stacks):
                st.markdown(sentence)
            st.caption(
                f"Ring: {plain(choice.sites[choice.number].name)}. Click another eigenvalue, or a row of the table."
            )
        row(take(choice, found))
        if choice.held.key[0] != "example":
            st.caption("The link holds how this is read and looked at, not what you brought.")
        panels.table(choice.sites, found.measures)
        panels.over_layers(choice.sites, found)
        st.header(f"The site {plain(choice.sites[choice.number].name)}")
        panels.site(choice.held, choice.sites, choice.number, found.measures)
        st.header("What would it take?")
        panels.what_it_takes(choice.held, choice.sites, choice.number, int(st.session_state["s"]))
    frame.reading("your_matrices")


main()
