"""Other methods over the same plane: who takes part, and the line around what each fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui import patience, slices

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from figures.slice import Lines
    from geometry.slices import View
    from projectors import Projector

MATRICES = 100_000
"""How many matrices of each rival are projected."""

MOST = 4

BUDGET = "same budget"
"""The averaged orthostochastic variant with as many terms as the chosen method's parameters pay for."""


def same_budget(projector: Projector) -> Projector:
    """projector -> the average of as many rank-1 orthostochastic matrices as fit into its number of parameters."""
    from projectors import Mixture, Orthostochastic

    term = Orthostochastic(projector.n, 1)
    return Mixture(term, max(1, min(64, projector.parameter_count // (term.parameter_count + 1))))


def choice(n: int, s: int, projector: Projector) -> dict[str, Projector]:
    """Draw the choice of methods to compare with -> up to four of them by name."""
    from projectors import methods, variants

    average = same_budget(projector)
    table: dict[str, Projector] = {BUDGET: average, **methods(n, s), **variants(n, s)}
    state = st.session_state
    state["rivals"] = [name for name in dict.fromkeys(state["versus"].split("~")) if name in table][:MOST]

    def keep() -> None:
        state["versus"] = "~".join(state["rivals"])

    chosen = st.multiselect(
        "Compare with",
        table,
        key="rivals",
        on_change=keep,
        max_selections=MOST,
        format_func=lambda name: f"average of {average.k} (same budget)" if name == BUDGET else name,  # type: ignore[attr-defined]
        help="Drawn as outlines: of 100,000 projected matrices, or of the certified slice. *Same budget*: the average "
        "of as many rank-1 orthostochastic matrices as the method's parameters pay for (appendix H).",
    )
    return {name: table[name] for name in chosen}


def lines(rivals: Mapping[str, Projector], view: View, layer: str, seed: int, bar: DeltaGenerator) -> Lines:
    """Rivals by name -> the line around what each fills: of its certified slice, or of its projected sample."""
    from geometry.slices import outline

    drawn: Lines = {}
    for place, (name, projector) in enumerate(rivals.items()):
        title = name if name != BUDGET else f"average, {projector.parameter_count} parameters"
        cells = slices.resolution(projector)
        if layer != "projection" and cells is not None:
            for cut in slices.slices(projector, view, cells, seed, patience.SHORT / 2):
                bar.progress(float(np.isfinite(cut.distance[cut.inside]).mean()), f"{title}: certified slice")
            drawn[str(place)] = (title + ("" if cut.finished else " (cut off)"), outline(cut.touched, cut.centres))
        else:
            for part in slices.projections(projector, view, MATRICES, "edges", seed, bins=101):
                bar.progress(part.matrices / MATRICES, f"{title}: {part.matrices:,} matrices")
            drawn[str(place)] = (title, outline(part.density.counts > 0, part.density.centres))
    bar.empty()
    return drawn
