"""Surveys and maps of reach as pages need them: streamed while they run, kept when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from geometry.regions import perfect_mirsky
from ui import cancelling
from ui.store import Paced, streamed

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.reach import ReachMap
    from geometry.survey import Survey
    from projectors import Projector

RESOLUTION = 101
"""Cells in each direction of a map."""


def surveys(projector: Projector, count: int, measure: str, seed: int, bins: int = 201) -> Iterator[Survey]:
    """projector, count -> surveys of ever more matrices, the last of all `count`."""
    from geometry.survey import survey

    return streamed(
        ("survey", projector, count, measure, seed, bins),
        lambda: survey(projector, count, measure, seed, bins=bins),  # type: ignore[arg-type]
        lambda part: part.matrices == count,
    )


def maps(projector: Projector, seed: int) -> Iterator[ReachMap]:
    """projector -> ever more complete maps of its certified reach, without the witnesses, which would fill memory."""
    from geometry.devices import best_device
    from geometry.reach import reach_maps, shipped

    def make() -> Iterator[ReachMap]:
        ready = shipped.load(projector) if seed == shipped.SEED else None
        if ready is not None:
            yield ready
            return
        for part in reach_maps(projector, RESOLUTION, seed, device=best_device()):
            yield replace(part, theta=part.theta[:0], witness=np.full_like(part.witness, -1))

    return streamed(("map", projector, seed), make, lambda part: part.finished)


def quick_map(projector: Projector) -> ReachMap:
    """projector -> its map if that is shipped or done in a few seconds, else one of which nothing is known."""
    from geometry.reach.maps import unknown_map

    if projector.flops <= 100_000 and projector.parameter_count <= 1000 and projector.n <= 16:
        *_, last = maps(projector, 0)
        return last
    return unknown_map(projector, RESOLUTION)


def mapped(projector: Projector, seed: int, place: DeltaGenerator, draw: Callable[[ReachMap], None]) -> ReachMap:
    """projector -> its map, drawn while it grows, with progress and a Cancel button that keeps what there is."""
    key = ("map", projector, seed)
    known: ReachMap | None = cancelling.left_over(key)
    if known is not None:
        draw(known)
        cancelling.offer_again(place, "Cancelled: cells may be missing.")
        return known
    pace, bar = Paced(), None
    for part in maps(projector, seed):
        cancelling.note(key, part)
        if bar is None and not part.finished:
            with place.container():
                bar = st.empty()
                cancelling.button()
        if bar is not None:
            tried, sought = np.isfinite(part.residual).sum(), (~np.isnan(part.residual)).sum()
            bar.progress(float(tried / max(1, sought)), f"{int(part.reached.sum()):,} cells certified")
        if part.finished or pace.due():
            draw(part)
    place.empty()
    cancelling.done()
    return part


def bracket(projector: Projector, bar: DeltaGenerator, name: str) -> tuple[float, float]:
    """projector -> the certified and the touched share of the Perfect-Mirsky region, with progress in `bar`."""
    for part in maps(projector, 0):
        if not part.finished:
            bar.progress(0.0, f"{name}, n = {projector.n}: {int(part.reached.sum()):,} cells certified")
    bar.empty()
    found = part.coverage(perfect_mirsky(projector.n))
    return found.certified, found.touched


def finished(
    projector: Projector, count: int, measure: str, seed: int, bins: int, bar: DeltaGenerator, name: str
) -> Survey:
    """projector, count -> its finished survey; `bar` shows the progress of `name` meanwhile."""
    for survey in surveys(projector, count, measure, seed, bins):
        bar.progress(survey.matrices / count, f"{name}: {survey.matrices:,} of {count:,} matrices")
    bar.empty()
    return survey


def expected_seconds(projectors: Iterable[Projector], count: int) -> float:
    """Projectors, count -> about how long their surveys take on two cores: good to a factor of three."""
    return sum((projector.flops + 25 * projector.n**3) * count / 6e9 for projector in projectors)
