"""How long the methods take on this server, drawn while they are measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from figures import files as render
from figures.cost import Curve, growth
from figures.style import PAPER
from ui import cost_snippets, costs, exports, frame
from ui.store import streamed

if TYPE_CHECKING:
    from learning.cost import Timing

SIZES = (2, 4, 8, 16, 32)
"""Numbers of streams that are timed: none of these takes more than a fraction of a second."""


def timings(s: int) -> Iterator[dict[tuple[str, int], Timing]]:
    """s -> ever more measured times by method and n; kept for all visitors once all are there."""
    from learning.cost import measured

    todo = [(name, n, projector) for name, row in costs.families(s, SIZES).items() for n, projector in row.items()]

    def make() -> Iterator[dict[tuple[str, int], Timing]]:
        known: dict[tuple[str, int], Timing] = {}
        for name, n, projector in sorted(todo, key=lambda entry: entry[1]):
            known[name, n] = measured(projector, repeats=5)
            yield dict(known)

    return streamed(("timings", s), make, lambda part: len(part) == len(todo))


def _panels(found: Mapping[tuple[str, int], Timing], order: list[str]) -> dict[str, dict[str, Curve]]:
    """Times by method and n, methods in order -> curves in microseconds, by the axis they belong to."""
    names = sorted({name for name, _ in found}, key=order.index)
    rows = {name: {n: each for (owner, n), each in found.items() if owner == name} for name in names}
    return {
        "µs for a matrix, forward": {
            name: (list(row), [1e6 * each.forward for each in row.values()]) for name, row in rows.items()
        },
        "µs for a matrix, with gradient": {
            name: (list(row), [1e6 * each.training for each in row.values()]) for name, row in rows.items()
        },
    }


def show(n: int, s: int) -> None:
    """Measure every method, draw the times against the number of streams as they come in, and offer them."""
    places, told = [column.empty() for column in st.columns(2)], st.empty()
    for step, found in enumerate(timings(s)):
        panels = _panels(found, list(costs.families(s, ())))
        for place, (label, curves) in zip(places, panels.items(), strict=True):
            place.plotly_chart(
                growth({label: curves}, marked=n, style=frame.style()),
                theme=None,
                key=f"timing_{step}_{label}",
                alt=f"{label} against n, for {', '.join(curves)}",
                config={"displayModeBar": False},
            )
        device = next(iter(found.values())).device
        told.caption(
            f"{device}, one thread, float32, up to 4,096 matrices at once; medians of up to 5 runs. Other visitors and "
            "programs slow this down."
        )
    rows = [(name, size, each.forward, each.training, each.batch) for (name, size), each in found.items()]
    columns = dict(zip(["method", "n", "forward_s", "training_s", "batch"], zip(*rows, strict=True), strict=True))
    exports.row(
        partial(growth, panels, style=PAPER, title=f"Measured on {device}, one thread"),
        partial(render.table, list(columns), rows),
        partial(render.archive, columns, {"s": s, "device": device}),
        cost_snippets.timing_snippet(s),
        f"timing_s{s}",
    )
