"""Maps of certified reach as long work: shipped with the project where they are, else searched."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ui import windows
from ui.work import Work, kept

if TYPE_CHECKING:
    from geometry.grid import Window
    from geometry.reach import ReachMap
    from projectors import Projector

RESOLUTION, SEED = 101, 0
"""Cells in each direction of a map, and the seed of those that are shipped."""

LARGEST, RANKS = 16, (1, 2, 3, 4)
"""The largest n of which maps are shipped, and the ranks s."""

TAKES, MISSING = "The map of certified reach takes", "cells may be missing"


def map_work(projector: Projector, seed: int = SEED, window: Window | None = None) -> Work[ReachMap]:
    """projector -> ever more complete maps, without the witnesses, which would fill the memory."""
    from geometry.devices import best_device
    from geometry.grid import WHOLE
    from geometry.reach import reach_maps, shipped
    from geometry.reach.maps import expected_seconds

    window = window or WHOLE
    shipped_map = partial(shipped.load, projector, RESOLUTION, seed)
    ready = kept(("shipped", projector, seed), shipped_map) if window == WHOLE else None

    def make() -> Iterator[ReachMap]:
        if ready is not None:
            yield ready
            return
        yield from reach_maps(projector, RESOLUTION, seed, window=window, witnesses=False, device=best_device())

    return Work(
        key=("map", projector, seed, window),
        make=make,
        finished=lambda part: part.finished,
        share=_share,
        told=lambda part: f"{int(part.reached.sum()):,} cells certified",
        seconds=0.0 if ready is not None else expected_seconds(projector),
    )


def _share(part: ReachMap) -> float:
    """Map -> the share of its cells that were tried."""
    tried, sought = np.isfinite(part.residual).sum(), (~np.isnan(part.residual)).sum()
    return float(tried / max(1, sought))


def map_code(projector: str, reach: ReachMap, seed: int, window: Window) -> str:
    """Python for a projector, its map -> Python for the map: shipped ones are read, for they were made elsewhere."""
    resolution = len(reach.centres)
    if reach.origin == "shipped":
        return f"load({projector}, {resolution}, {seed})"
    return f"reach_map({projector}, resolution={resolution}, seed={seed}{windows.keyword(window)})"
