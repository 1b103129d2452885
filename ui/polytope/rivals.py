"""Other methods over the same plane: who takes part, and the line around what each fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import windows
from ui.link.settings import SAME_BUDGET
from ui.mirror import mirror
from ui.polytope.works import projection_work, resolution, slice_work
from ui.work import Work

if TYPE_CHECKING:
    from figures.polytope.slice import Lines
    from geometry.grid import Window
    from geometry.slices import View
    from projectors import Projector

MATRICES, BINS = 100_000, 101
"""How many matrices of each rival are projected, and the cells in each direction of their shadow."""

MOST = 4


def same_budget(projector: Projector) -> Projector:
    """projector -> the average of as many rank-1 orthostochastic matrices as fit into its number of parameters."""
    from projectors import Mixture, Orthostochastic

    term = Orthostochastic(projector.n, 1)
    return Mixture(term, max(1, min(64, projector.parameter_count // (term.parameter_count + 1))))


def choice(n: int, s: int, projector: Projector) -> dict[str, Projector]:
    """Draw the choice of methods to compare with -> up to four of them, by their names on the page."""
    from projectors import methods, ranked, variants
    from ui.link.settings import LARGEST_RANK

    average = same_budget(projector)
    table = {SAME_BUDGET: average, **methods(n, s), **variants(n, s)}
    table |= ranked(n, range(1, LARGEST_RANK + 1))
    state = st.session_state
    mirror("_rivals", [name for name in dict.fromkeys(state["versus"].split("~")) if name in table][:MOST])

    def keep() -> None:
        state["versus"] = "~".join(state["_rivals"])

    chosen = st.multiselect(
        "Compare with",
        table,
        key="_rivals",
        on_change=keep,
        max_selections=MOST,
        format_func=lambda name: f"average of {average.details['k']} (same budget)" if name == SAME_BUDGET else name,
        help="Drawn as outlines: of 100,000 projected matrices, or of the cells in which their slice was seen. *Same "
        "budget*: the average of as many rank-1 orthostochastic matrices as the method's parameters pay for "
        "(appendix H).",
    )
    return {_title(name, table[name]): table[name] for name in chosen}


def _title(name: str, projector: Projector) -> str:
    return name if name != SAME_BUDGET else f"average, {projector.parameter_count} parameters"


def works(rivals: Mapping[str, Projector], view: View, layer: str, seed: int, window: Window) -> dict[str, Work[Any]]:
    """Rivals by name -> the search for what each fills: its certified slice, or its projected sample."""
    table: dict[str, Work[Any]] = {}
    for name, projector in rivals.items():
        cells = resolution(projector)
        table[name] = (
            slice_work(projector, view, cells, seed, patience=0.5, window=window)
            if layer != "projection" and cells is not None
            else projection_work(projector, view, MATRICES, "edges", seed, BINS, window)
        )
    return table


def lines(found: Mapping[str, Any]) -> Lines:
    """What was found of rivals by name -> the line around each."""
    from geometry.slices import SliceMap, outline

    drawn: Lines = {}
    for place, (name, part) in enumerate(found.items()):
        if isinstance(part, SliceMap):
            title = name if part.finished else f"{name} (partial)"
            drawn[str(place)] = (title, outline(part.touched, part.centres, part.centre))
        else:
            grid = part.density
            drawn[str(place)] = (name, outline(grid.counts > 0, grid.centres, grid.centre))
    return drawn


def code(found: Mapping[str, Any], rivals: Mapping[str, Projector], seed: int, window: Window) -> list[str]:
    """What was found of rivals -> lines of Python that add the line around each to `arrays`."""
    from geometry.slices import SliceMap

    lines, within = [], windows.keyword(window)
    for name, part in found.items():
        projector, key = repr(rivals[name]), name.replace(" ", "_")
        if isinstance(part, SliceMap):
            cells = f"slice_map({projector}, view, resolution={len(part.centres)}, seed={seed}{within})"
            lines += [f"rival = {cells}", f"arrays[{key!r}] = outline(rival.touched, rival.centres, rival.centre)"]
        else:
            stream = f"list(projection({projector}, view, {MATRICES}, 'edges', seed={seed}, bins={BINS}{within}))[-1]"
            filled = "outline(rival.counts > 0, rival.centres, rival.centre)"
            lines += [f"rival = {stream}.density", f"arrays[{key!r}] = {filled}"]
    return lines
