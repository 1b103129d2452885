"""How long the methods take on this server, drawn while they are measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from figures.cost import Costs, growth
from figures.style import Style
from ui import frame
from ui.cost.families import families, families_code
from ui.take import Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from learning.cost import Timing

Times = Mapping[tuple[str, int], "Timing"]
"""Measured times by method and n."""

SIZES = (2, 4, 8, 16, 32)
"""Numbers of streams that are timed: none of these takes more than a fraction of a second."""

SECONDS = 2.0
"""What all of them take, about."""


def work(s: int, family: str = "paper") -> Work[Times]:
    """s, whose methods -> ever more measured times."""
    from learning.cost import measured

    todo = [(name, n, projector) for name, row in families(s, SIZES, family).items() for n, projector in row.items()]

    def make() -> Iterator[Times]:
        known: dict[tuple[str, int], Timing] = {}
        for name, n, projector in sorted(todo, key=lambda entry: entry[1]):
            known[name, n] = measured(projector, repeats=5)
            yield dict(known)

    return Work(
        key=("timings", *todo),
        make=make,
        finished=lambda part: len(part) == len(todo),
        share=lambda part: len(part) / len(todo),
        told=lambda part: f"{len(part)} of {len(todo)} measured",
        seconds=SECONDS,
        unasked=False,  # it slows others down, and they it
    )


def panels(s: int, family: str, found: Times) -> dict[str, dict[str, Costs]]:
    """Times -> curves in microseconds, by the axis they belong to."""
    names = [name for name in families(s, SIZES, family) if any(name == owner for owner, _ in found)]
    rows = {name: {n: each for (owner, n), each in found.items() if owner == name} for name in names}
    return {
        "µs for a matrix, forward": {
            name: (list(row), [1e6 * each.forward for each in row.values()]) for name, row in rows.items()
        },
        "µs for a matrix, with gradient": {
            name: (list(row), [1e6 * each.training for each in row.values()]) for name, row in rows.items()
        },
    }


def figure(s: int, family: str, found: Times, style: Style, *, title: str | None = None, columns: int = 2) -> go.Figure:
    """Both panels in one figure."""
    return growth(panels(s, family, found), columns=columns, style=style, title=title)


def take(s: int, family: str, found: Times, *, finished: bool) -> Taken:
    """The times; nobody else will measure the same."""
    device = next(iter(found.values())).device
    rows = [(name, size, each.forward, each.training, each.batch) for (name, size), each in found.items()]
    columns = dict(zip(["method", "n", "forward_s", "training_s", "batch"], zip(*rows, strict=True), strict=True))
    title = f"Measured on {device}, one thread"
    return Taken(
        name="timing",
        title=title,
        figure=partial(figure, s, family, found, title=title),
        narrow=partial(figure, s, family, found, title=title, columns=1),
        arrays=columns,
        columns=lambda: columns,
        recipe={"s": s, "methods": family, "device": device},
        code=families_code(s, SIZES, family)
        + """
rows = []
for name, n, projector in sorted(every, key=lambda entry: entry[1]):
    timing = measured(projector, repeats=5)  # on your machine: other times than here
    rows.append((name, n, timing.forward, timing.training, timing.batch))
arrays = dict(zip(["method", "n", "forward_s", "training_s", "batch"], zip(*rows)))
""",
        partial=not finished,
    )


def show(works: Mapping[str, Work[Times]], n: int, s: int, family: str) -> None:
    """Measure every method, draw the times against the number of streams as they come in, and offer them."""
    progress = st.empty()
    places, drawing, told = [column.empty() for column in st.columns(2)], count(), st.empty()

    def draw(parts: Mapping[str, Times], finished: bool) -> None:
        found = parts[""]
        for place, (label, curves) in zip(places, panels(s, family, found).items(), strict=True):
            picture = growth({label: curves}, marked=n if n <= SIZES[-1] else None, style=frame.style())
            alt = f"{label} against n, for {', '.join(curves)}"
            key = f"timing_{next(drawing)}"
            frame.chart(picture, key, alt, place=place, toolbar=False, partial=not finished)
        device = next(iter(found.values())).device
        told.caption(
            f"{device}, one thread, float32, up to 4,096 matrices at once, up to n = {SIZES[-1]}; medians of up to 5 "
            "runs. Other visitors and programs slow this down."
        )

    outcome = carried_out("timing", works, progress, draw, missing="methods are missing")
    if (found := outcome.results.get("")) is not None:
        row(take(s, family, found, finished=outcome.finished))
