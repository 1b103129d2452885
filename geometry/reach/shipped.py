"""Maps of the reach that come with the project, so that the first picture need not wait. `make maps` makes them anew.

A shipped map says which cells are certified and touched, and how near the search came; its witnesses, which would fill
megabytes, are left out: the same recipe finds them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from geometry.reach.maps import ReachMap, reach_map, unknown_map
from projectors import Mixture, Orthostochastic, Projector, methods

FOLDER = Path(__file__).parents[2] / "assets" / "maps"
RESOLUTION, SEED = 101, 0


def shipped() -> Iterator[Projector]:
    """Yield every projector whose map is shipped: the paper's methods and averages for n = 2 to 8 and s = 1 to 4."""
    seen: set[Projector] = set()
    for n in range(2, 9):
        for s in range(1, 5):
            table = [*methods(n, s).values(), Mixture(Orthostochastic(n, 1), s)]
            fresh = [entry for entry in table if entry not in seen and entry.parameter_count <= 720]
            seen.update(fresh)
            yield from fresh


def path_of(projector: Projector) -> Path:
    """Projector -> the file that its map is, or would be, shipped in."""
    return FOLDER / (re.sub(r"[^A-Za-z0-9]+", "-", repr(projector)).strip("-") + ".npz")


def save(found: ReachMap) -> None:
    """Write a finished map of the shipped resolution and seed into the folder of shipped maps."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path_of(found.projector),
        projector=repr(found.projector),
        reached=np.packbits(found.reached),
        touched=np.packbits(found.touched),
        residual=found.residual.astype(np.float16),
        seconds=found.seconds,
    )


def load(projector: Projector) -> ReachMap | None:
    """projector -> its shipped map, without witnesses, or None if there is none.

    Residuals are rounded to half precision.
    """
    path = path_of(projector)
    if not path.is_file():
        return None
    with np.load(path) as stored:
        if str(stored["projector"]) != repr(projector):
            return None
        shape, count = (RESOLUTION, RESOLUTION), RESOLUTION**2
        return replace(
            unknown_map(projector, RESOLUTION),
            reached=np.unpackbits(stored["reached"], count=count).astype(bool).reshape(shape),
            touched=np.unpackbits(stored["touched"], count=count).astype(bool).reshape(shape),
            residual=stored["residual"].astype(np.float64),
            seconds=float(stored["seconds"]),
            finished=True,
        )


def main() -> None:
    """Make every shipped map anew and report each."""
    begun = perf_counter()
    for projector in shipped():
        found = reach_map(projector, RESOLUTION, SEED)
        save(found)
        print(f"{found.seconds:6.2f} s  {int(found.reached.sum()):5} cells  {projector}", flush=True)
    print(f"{perf_counter() - begun:.0f} s in all")


if __name__ == "__main__":
    main()
