"""Certified coverage against s and against n, each point from a map with a witness a cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from figures.spectrum.curves import coverage_curves
from figures.style import Style
from geometry.regions import perfect_mirsky
from ui import frame
from ui.spectrum import comparison
from ui.spectrum.comparison import Place, certified
from ui.spectrum.maps import MISSING, RANKS, RESOLUTION, SEED, map_work
from ui.take import Taken, row
from ui.work import Work, carried_out, kept

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from geometry.reach import ReachMap

Shares = Mapping[str, Mapping[Place, tuple[float, float]]]
"""By method and (n, s), the share certified and the share touched."""


def work(n: int, s: int, family: str) -> dict[str, Work[ReachMap]]:
    """n, s, whose methods -> the map of every method at every size and rank that is drawn, by its label."""
    return {
        _label(name, place): map_work(projector)
        for name, entries in certified(n, s, family).items()
        for place, projector in entries.items()
    }


def _label(name: str, place: Place) -> str:
    return f"{name}, n = {place[0]}, s = {place[1]}"


def shares(n: int, s: int, family: str, found: Mapping[str, ReachMap]) -> Shares:
    """Maps by label -> the shares of their coverage."""
    table: dict[str, dict[Place, tuple[float, float]]] = {}
    for name, entries in certified(n, s, family).items():
        for place, projector in entries.items():
            if (reach := found.get(_label(name, place))) is not None:
                measured = partial(_share, reach, place[0])
                pair = kept(("certified share", projector), measured) if reach.finished else measured()
                table.setdefault(name, {})[place] = pair
    return table


def _share(reach: ReachMap, n: int) -> tuple[float, float]:
    found = reach.coverage(perfect_mirsky(n))
    return found.certified, found.touched


def figure(n: int, s: int, table: Shares, style: Style, *, title: str | None = None) -> go.Figure:
    """Shares -> against s at this n, and against n at this s; without what has no doubly stochastic matrix."""
    table = {name: {at: pair for at, pair in each.items() if not isnan(pair[0])} for name, each in table.items()}
    against_s = {name: {rank: pair for (size, rank), pair in each.items() if size == n} for name, each in table.items()}
    against_n = {name: {size: pair for (size, rank), pair in each.items() if rank == s} for name, each in table.items()}
    return coverage_curves(against_s, against_n, n=n, s=s, style=style, title=title)


def take(n: int, s: int, family: str, table: Shares, *, finished: bool) -> Taken:
    """The shares, and the picture."""
    rows = [(name, size, rank, *pair) for name, each in table.items() for (size, rank), pair in each.items()]
    columns = dict(zip(["method", "n", "s", "certified", "touched"], zip(*rows, strict=True), strict=True))
    return Taken(
        name="certified-coverage",
        title=(title := "Certified reach"),
        figure=partial(figure, n, s, table, title=title),
        arrays=columns,
        columns=lambda: columns,
        recipe={"n": n, "s": s, "methods": family, "resolution": RESOLUTION, "seed": SEED},
        code=f"""
places = sorted({{({n}, rank) for rank in {(*RANKS, s)}}} | {{(size, {s}) for size in {tuple(comparison.sizes(s))}}})
rows = {{}}
for n, s in places:
    table = {_entries_code(family)}
    for name, projector in table.items():
        # Some maps are shipped; any can be made anew by reach_map, equal but for rounding.
        reach = load(projector, {RESOLUTION}, {SEED}) or reach_map(projector, {RESOLUTION}, {SEED})
        share = reach.coverage(perfect_mirsky(n))
        rows.setdefault(name, []).append((name, n, s, share.certified, share.touched))
columns = zip(*[row for each in rows.values() for row in each])
arrays = dict(zip(["method", "n", "s", "certified", "touched"], columns))
""",
        partial=not finished,
    )


def _entries_code(family: str) -> str:
    """Whose methods -> Python that makes them, at an n and s of that name."""
    paper = '**methods(n, s), "averaged orthostochastic": Mixture(Orthostochastic(n, 1), s)'
    return {"paper": f"{{{paper}}}", "newer": "newer(n)"}.get(family, f"{{{paper}, **newer(n)}}")


def show(n: int, s: int, family: str = "paper") -> None:
    """Draw the section."""
    st.header("Certified coverage against s and n")
    if n == 2:
        st.markdown("At n = 2 every eigenvalue is real: the region is a segment and has no area to cover.")
        return
    outcome = carried_out("coverage", work(n, s, family), st.empty(), what="These maps take", missing=MISSING)
    if table := shares(n, s, family, outcome.results):
        alt = f"Certified coverage of the Perfect–Mirsky region against s at n = {n} and against n at s = {s}"
        frame.chart(figure(n, s, table, frame.style()), "certified", alt, partial=not outcome.finished)
        if none := [name for name, each in table.items() if all(isnan(share) for share, _ in each.values())]:
            st.caption(f"No doubly stochastic matrix, and so no curve, has {', '.join(none)}: its sums are not 1.")
        row(take(n, s, family, table, finished=outcome.finished))
