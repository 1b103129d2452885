"""Maps of the reach that come with the library, so that the first picture need not wait. `make maps` makes them anew.

A shipped map says which cells are certified and touched, and how near the search came. It is united with the shipped
maps of all sets that are proven to lie in its own (`geometry.reach.inclusions`), so that no larger set ever seems to
reach less. Witnesses, which would fill megabytes, are left out: the same recipe, for the set or for one inside, finds
them again. All are in one file, which is read when the first is asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import numpy as np

from geometry.devices import one_thread
from geometry.effort import Ended
from geometry.reach.atlas_files import DAMAGED, Atlas, Cells, read, write
from geometry.reach.inclusions import contained
from geometry.reach.known import has_formula
from geometry.reach.mapped import ReachMap, unknown_map
from geometry.reach.maps import expected_seconds, reach_map
from projectors import Mixture, Orthostochastic, Projector, methods, newer

FILE = Path(__file__).parent / "atlas.npz"
RESOLUTION, SEED = 101, 0
"""What every shipped map was made with."""

LARGEST, RANKS = 16, (1, 2, 3, 4)
"""The largest n of which maps are shipped, and the ranks s."""

MOST_PARAMETERS = 2**13
"""Of a method that no formula gives: a map of larger ones takes minutes."""

LOG = logging.getLogger(__name__)


def shipped() -> Iterator[Projector]:
    """Yield every projector with a shipped map: n = 2 to 16, s = 1 to 4, the paper's methods, averages, newer ones."""
    seen: set[Projector] = set()
    for n in range(2, LARGEST + 1):
        for s in RANKS:
            table = [*methods(n, s).values(), Mixture(Orthostochastic(n, 1), s), *newer(n).values()]
            fresh = [
                entry
                for entry in table
                if entry not in seen and (entry.parameter_count <= MOST_PARAMETERS or has_formula(entry))
            ]
            seen.update(fresh)
            yield from fresh


@lru_cache(maxsize=1)
def _atlas(path: Path) -> Atlas | None:
    """File -> what it holds, read once in the life of a process; None, and a warning, if it is no sound atlas."""
    try:
        return read(path, SEED, RESOLUTION)
    except DAMAGED as error:
        missing = "missing" if not path.exists() else "damaged"
        LOG.warning("the file of shipped maps %s is %s and is done without: %s", path, missing, error)
        return None


def save(maps: Iterable[ReachMap], seed: int) -> None:
    """Write finished maps, made with this seed, into the file of shipped maps, in place of those that are there."""
    cells = {}
    for found in maps:
        if not found.finished:
            raise ValueError(f"only finished maps are shipped; this one of {found.projector} ended: {found.ended}")
        cells[repr(found.projector)] = Cells(found.reached, found.touched, found.residual)
    write(FILE, seed, cells)


def load(projector: Projector, resolution: int, seed: int) -> ReachMap | None:
    """projector, and what a map is wanted for -> the shipped map without witnesses, or None if no such map is shipped.

    Residuals are good to 2 per cent, and 1e-8, the most that it can be, for every certified cell; seconds are nan. If
    the file is missing or not what it should be, no map is shipped, and a warning that names it is logged once.
    """
    if (resolution, seed) != (RESOLUTION, SEED) or (atlas := _atlas(FILE)) is None:
        return None
    cells = atlas.cells(repr(projector))
    if cells is None:
        return None
    return replace(
        unknown_map(projector, resolution),
        reached=cells.reached,
        touched=cells.touched,
        residual=cells.residual,
        seconds=float("nan"),
        ended=Ended.CONVERGED,
        origin="shipped",
    )


def united(maps: Mapping[Projector, ReachMap]) -> dict[Projector, ReachMap]:
    """Maps of one grid -> the same, each with what the maps of sets that lie in it have certified and seen.

    A search may miss in a large set what another has found in a small one. Those cells have their witness there.
    """
    whole = {}
    for projector, found in maps.items():
        reached, touched, residual = found.reached.copy(), found.touched.copy(), found.residual.copy()
        for smaller in contained(projector, maps):
            other = maps[smaller]
            residual = np.where(other.reached & ~reached, other.residual, residual)
            reached |= other.reached
            touched |= other.touched
        whole[projector] = replace(found, reached=reached, touched=touched, residual=residual)
    return whole


def _made(projector: Projector) -> ReachMap:
    with one_thread():
        return reach_map(projector, RESOLUTION, SEED).without_witnesses()


def main() -> None:
    """Make every shipped map anew, on every core, and report each."""
    begun = perf_counter()
    wanted = sorted(shipped(), key=expected_seconds, reverse=True)
    maps = {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for found in pool.map(_made, wanted):
            maps[found.projector] = found
            print(f"{found.seconds:6.2f} s  {int(found.reached.sum()):5} cells  {found.projector}", flush=True)
    whole = united({projector: maps[projector] for projector in shipped()})
    save(whole.values(), SEED)
    for projector, each in whole.items():
        more = int(each.reached.sum() - maps[projector].reached.sum())
        if more:
            print(f"{more:5} cells more from sets inside  {projector}", flush=True)
    print(f"{len(whole)} maps, {FILE.stat().st_size:,} bytes, {perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
