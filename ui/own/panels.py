"""The page of own matrices below its picture: the table, the depth, the chosen site, and what it would take."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from figures.matrix import matrix_heatmap
from figures.sites.by_layer import composite, strips
from ui import frame
from ui.methods import family_choice, small_contenders
from ui.own.findings import plain
from ui.own.works import converting
from ui.spectrum.witness_panel import copies
from ui.tables import draw_spectrum, draw_table
from ui.work import carried_out
from ui.work.store import kept

if TYPE_CHECKING:
    from torch import Tensor

    from inspector import Measures, Site
    from ui.own.visit import Held
    from ui.own.works import Measured

ROUNDING = 1e-9
"""Entries below which count as zero in a decomposition."""

MOST_TERMS = 8
"""Permutations of a decomposition that are shown."""

MOST_CELLS = 2**14
"""Cells of a strip, one for each part of each layer: names from a file can make a square of all sites."""

SLOW_SIZE = 16
"""From this n on, nearest members are sought for the chosen site only, and on a click."""


def table(sites: tuple[Site, ...], found: Measures) -> None:
    """Draw all sites with their numbers and what is wrong with them; a click on a row chooses its site."""
    short = st.column_config.NumberColumn(format="%.4f")
    tiny = st.column_config.NumberColumn(format="%.1e")
    columns: dict[str, object] = {
        "site": [site.name for site in sites],
        "|λ₂|": found.second.numpy(),
        "rotates": found.rotates.numpy(),
        "row error": found.row_error.numpy(),
        "column error": found.column_error.numpy(),
        "entropy": found.entropy.numpy(),
        "from I": found.from_identity.numpy(),
        "from a permutation": found.from_permutation.numpy(),
        "from J/n": found.from_uniform.numpy(),
        "what to know": [" ".join(site.warnings) for site in sites],
        "read as": [", ".join(part for part in (site.layout, site.settings) if part) for site in sites],
    }
    shapes = dict.fromkeys(("|λ₂|", "entropy", "from I", "from a permutation", "from J/n"), short)
    shapes |= dict.fromkeys(("row error", "column error"), tiny)
    shapes |= {"what to know": st.column_config.TextColumn(width="large")}

    def choose() -> None:
        if rows := st.session_state["_sites"].selection.rows:
            st.session_state["site"] = int(rows[0])

    draw_table(
        columns,
        column_config=shapes,
        key="_sites",
        on_select=choose,
        selection_mode="single-row",
        height=min(38 + 35 * len(sites), 460),
    )


def over_layers(sites: tuple[Site, ...], found: Measured) -> None:
    """Draw strips of numbers over the layers, and what all of them do together."""
    for name in dict.fromkeys(site.stack for site in sites):
        rows = [row for row, site in enumerate(sites) if site.stack == name]
        if name and len(rows) > 1:
            _strips(name, [sites[row] for row in rows], rows, found.measures)
    for name, stack in found.stacks.items():
        picture = composite(stack.names, stack.left.numpy(), stack.gains.numpy(), style=frame.style())
        alt = f"What is left of the differences of streams after each site, and the composite's gains; {name or 'all'}"
        frame.chart(picture, f"composite_{name}", alt, toolbar=False)


def _strips(name: str, sites: list[Site], rows: list[int], found: Measures) -> None:
    import torch

    parts, layers = list(dict.fromkeys(site.site for site in sites)), sorted({site.layer for site in sites})
    if len(parts) * len(layers) > MOST_CELLS:
        st.caption(f"The {len(sites):,} sites of {plain(name)} have too many parts and layers to be drawn as strips.")
        return
    place, column = ({each: number for number, each in enumerate(all_)} for all_ in (parts, layers))
    error = torch.maximum(found.row_error, found.column_error)
    panels = {}
    for label, values, high in (
        ("error of sums", error, None),
        ("|λ₂|", found.second, 1.0),
        ("distance from the identity", found.from_identity, None),
    ):
        grid = np.full((len(parts), len(layers)), np.nan)
        for row, site in zip(rows, sites, strict=True):
            grid[place[site.site], column[site.layer]] = float(values[row])
        top = high or max(float(np.nanmax(grid, initial=0.0)), 1e-12)
        panels[label] = (grid, 0.0, top)
    alt = f"Error of sums, second modulus and distance from the identity by layer; {name or 'all sites'}"
    frame.chart(strips(panels, parts, layers, style=frame.style()), f"strips_{name}", alt, toolbar=False)


def site(held: Held, sites: tuple[Site, ...], number: int, found: Measures) -> None:
    """Draw the chosen site: its matrix with sums, its numbers, its decomposition, and its text."""
    chosen = sites[number]
    matrix = chosen.matrix.reshape(-1, chosen.n, chosen.n).mean(0)
    left, right = st.columns([5, 7], gap="medium")
    with left, st.container(key="square_site"):
        picture = matrix_heatmap(matrix.numpy(), style=frame.style())
        frame.chart(picture, "matrix_site", f"H_res of {chosen.name} with its sums", fills=True)
    with right:
        st.caption(
            f"{chosen.applies[:1].upper()}{chosen.applies[1:]}. Read as {chosen.layout}, stored in {chosen.dtype}."
            + (f" Mean over {chosen.matrix[..., 0, 0].numel():,} tokens." if chosen.dynamic else "")
        )
        for warning in chosen.warnings:
            st.markdown(f":orange-badge[note] {warning}")
        draw_spectrum(found.eigenvalues[number].numpy())
        if bool(matrix.isfinite().all()):
            key = (*held.key, "decomposition", chosen.n, number)
            _decomposition(kept(key, partial(decomposed, matrix)))
    with st.expander("The matrix as text"):
        copies(matrix.numpy())


def decomposed(matrix: Tensor) -> list[tuple[float, tuple[int, ...]]]:
    """Matrix (n, n) -> weights and permutations of the nearest doubly stochastic one, the largest first."""
    from geometry.distances.birkhoff import birkhoff_projection
    from geometry.distances.preimages import birkhoff_decomposition

    nearest = birkhoff_projection(matrix).numpy()
    return sorted(birkhoff_decomposition(nearest, ROUNDING), reverse=True)


def _decomposition(terms: list[tuple[float, tuple[int, ...]]]) -> None:
    shown = terms[:MOST_TERMS]
    st.caption(
        f"As a mean of {len(terms)} permutations (Birkhoff): the first {len(shown)} weigh "
        f"{100 * sum(weight for weight, _ in shown):.1f} %. Row i comes from the column written i-th."
    )
    words = [" ".join(str(place + 1) for place in order) for _, order in shown]
    weight = st.column_config.NumberColumn(format="%.4f")
    draw_table(
        {"weight": [weight for weight, _ in shown], "permutation": words},
        column_config={"weight": weight},
        height="content",
    )


def what_it_takes(held: Held, sites: tuple[Site, ...], number: int, s: int) -> None:
    """Draw, method by method, how near it comes to the chosen site, and how many of all sites it holds."""
    from inspector.conversion import HOLDS

    n = sites[0].n
    finite = tuple(row for row, site in enumerate(sites) if bool(site.matrix.isfinite().all()))
    if number not in finite:
        st.caption("Nothing is near a matrix that holds nan or inf.")
        return
    asked = finite if n < SLOW_SIZE and len(finite) <= 400 else (number,)
    methods = small_contenders(n, s, family_choice())
    works = {name: converting(held, projector, asked) for name, projector in methods.items()}
    outcome = carried_out("conversions", works, st.empty(), what="The searches take", missing="methods are missing")
    if not outcome.results:
        return
    place = asked.index(number)
    rows = outcome.results
    number_of = st.column_config.NumberColumn
    draw_table(
        {
            "method": list(rows),
            "numbers a matrix": [methods[name].parameter_count for name in rows],
            "distance of the chosen": [float(found.distance[place]) for found in rows.values()],
            "holds it": [bool(found.held[place]) for found in rows.values()],
            "holds of all sites": [f"{int(found.held.sum())} of {len(asked)}" for found in rows.values()],
            "mean distance": [float(found.distance.mean()) for found in rows.values()],
            "largest |θ| of the chosen": [
                float(found.theta[place].abs().max()) if found.theta.shape[-1] else None for found in rows.values()
            ],
        },
        column_config={
            "distance of the chosen": number_of(format="%.6f"),
            "mean distance": number_of(format="%.6f"),
            "largest |θ| of the chosen": number_of(format="%.2f"),
        },
        height="content",
    )
    st.caption(
        f"Frobenius distances from the doubly stochastic matrix nearest to H_res; within {HOLDS:g} a method holds it. "
        "They are upper bounds: a search that fails proves nothing. mHC, mHC-lite and TBP-mHC reach zeros only in the "
        "limit, where θ is large and gradients vanish. Parameters to start another layer from: "
        "`inspector.convert(sites, projector).theta`."
    )
