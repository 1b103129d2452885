"""Maps of the reach that come with the library, so that the first picture need not wait. `make maps` makes them anew.

A shipped map says which cells are certified and touched, and how near the search came. It is united with the shipped
maps of all sets that are proven to lie in its own (`geometry.reach.inclusions`), so that no larger set ever seems to
reach less. Witnesses, which would fill megabytes, are left out: the same recipe, for the set or for one inside, finds
them again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import numpy as np

from geometry.effort import Ended
from geometry.reach.atlas_files import DAMAGED, Cells, read, write
from geometry.reach.inclusions import contained
from geometry.reach.known import has_formula, worth_seeking
from geometry.reach.mapped import MOST_DENSE, ReachMap, unknown_map
from geometry.reach.maps import reach_map
from projectors import Mixture, Orthostochastic, Projector, methods, newer

FOLDER = Path(__file__).parent / "atlas"
RESOLUTION, SEED = 101, 0
"""What every shipped map was made with."""

LOG = logging.getLogger(__name__)


def shipped() -> Iterator[Projector]:
    """Yield every projector whose map is shipped: n = 2 to 8, s = 1 to 4, the paper's methods, averages, newer ones."""
    seen: set[Projector] = set()
    for n in range(2, 9):
        for s in range(1, 5):
            table = [*methods(n, s).values(), Mixture(Orthostochastic(n, 1), s), *newer(n).values()]
            fresh = [
                entry
                for entry in table
                if entry not in seen and (entry.parameter_count <= MOST_DENSE or has_formula(entry))
            ]
            seen.update(fresh)
            yield from fresh


@lru_cache(maxsize=1)
def _promised() -> frozenset[Projector]:
    return frozenset(shipped())


def path_of(projector: Projector) -> Path:
    """Projector -> the file that its map is, or would be, shipped in."""
    return FOLDER / (re.sub(r"[^A-Za-z0-9]+", "-", repr(projector)).strip("-") + ".npz")


def save(found: ReachMap, seed: int) -> None:
    """Write a finished map, made with this seed, into the folder of shipped maps."""
    if not found.finished:
        raise ValueError(f"only finished maps are shipped; this one of {found.projector} ended: {found.ended}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    write(path_of(found.projector), repr(found.projector), seed, Cells(found.reached, found.touched, found.residual))


def load(projector: Projector, resolution: int, seed: int) -> ReachMap | None:
    """projector, and what a map is wanted for -> the shipped map without witnesses, or None if no such map is shipped.

    Residuals are good to 2 per cent, certified ones at most 1e-8; seconds are nan. A file that is promised and missing,
    or is not what it should be, counts as not shipped, and a warning that names it is logged.
    """
    if (resolution, seed) != (RESOLUTION, SEED) or projector not in _promised():
        return None
    path, unknown = path_of(projector), unknown_map(projector, resolution)
    z = unknown.plane
    try:
        cells = read(path, repr(projector), seed, sought=worth_seeking(projector, z, unknown.cell))
    except DAMAGED as error:
        missing = "missing" if not path.exists() else "damaged"
        LOG.warning("the shipped map %s is %s and is done without: %s", path, missing, error)
        return None
    return replace(
        unknown,
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


def main() -> None:
    """Make every shipped map anew and report each."""
    begun = perf_counter()
    maps = {}
    for projector in shipped():
        maps[projector] = reach_map(projector, RESOLUTION, SEED).without_witnesses()
        print(
            f"{maps[projector].seconds:6.2f} s  {int(maps[projector].reached.sum()):5} cells  {projector}", flush=True
        )
    for projector, whole in united(maps).items():
        save(whole, SEED)
        more = int(whole.reached.sum() - maps[projector].reached.sum())
        if more:
            print(f"{more:5} cells more from sets inside  {projector}", flush=True)
    print(f"{perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
