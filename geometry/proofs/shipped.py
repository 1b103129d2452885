"""Proofs that come with the library, each as the certificate that anybody can check. `make proofs` makes them anew."""

from __future__ import annotations

import logging
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from math import nan
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from geometry.proofs.proof import Proof, read
from geometry.proofs.proving import Depth, prove
from geometry.reach import reach_map, shipped
from geometry.reach.mapped import unknown_map
from geometry.reach.shipped import RESOLUTION, SEED
from geometry.regions import orthostochastic_order3, perfect_mirsky, perfect_mirsky_exception
from projectors import Mixture, Orthostochastic, PermutationMixture, Projector, Unistochastic
from projectors.rotations.rotational import Rotational

FOLDER = Path(__file__).parent / "certificates"
SIZES = (3, 4, 5)

COLUMNS = ("method", "proved", "not excluded", "exact", "certified", "rectangles")
"""Of `proved_area`."""

EXCESS_DEPTH = 7

LOG = logging.getLogger(__name__)

DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error)
"""What `read` raises for a file that is missing or not what it should be."""


def named(n: int) -> dict[str, Projector]:
    """n -> the projectors of this size whose proof is shipped, by a name: go-mHC, averages, unitary ones, mHC-lite."""
    found: dict[str, Projector] = {}
    if n in (3, 4):
        found |= {f"go-mHC, s = {s}": Orthostochastic(n, s) for s in range(1, 5)}
        found |= {f"average of {k}, learned weights": Mixture(Orthostochastic(n, 1), k) for k in range(2, 5)}
        found["unitary"] = Unistochastic(n, 1)
    if n in (4, 5):
        found["mHC-lite"] = PermutationMixture(n)
    return found


def promised() -> Iterator[Projector]:
    """Yield every projector whose proof is shipped."""
    for n in SIZES:
        yield from named(n).values()


def depth(projector: Projector) -> int | Depth:
    """projector -> how often cells are split: certificates of many parameters would be large.

    At n = 5 more often where eigenvalues leave the Perfect-Mirsky region, by little.
    """
    if projector == PermutationMixture(5):
        curve = perfect_mirsky_exception().curve
        return lambda middle, side: EXCESS_DEPTH if np.abs(curve - middle).min() < 1.5 * side else 2
    count = projector.parameter_count
    return 4 if count <= 3 else 3 if count <= 28 else 2


def inside(projector: Projector) -> Projector:
    """projector -> the one whose proof is shipped for it: go-mHC of rank s > 2 holds the means of s of rank 1.

    The rotations side by side are one of order ns, with blocks that are diagonal [Nechita2023]. They have so many fewer
    parameters that more is proved in a certificate of the same size.
    """
    if isinstance(projector, Orthostochastic) and projector.s > 2:
        return Mixture(Orthostochastic(projector.n, 1), projector.s, (1 / projector.s,) * projector.s)
    return projector


@lru_cache(maxsize=1)
def _promised() -> frozenset[Projector]:
    return frozenset(promised())


def path_of(projector: Projector) -> Path:
    """Projector -> the file that its certificate is, or would be, shipped in."""
    return FOLDER / (re.sub(r"[^A-Za-z0-9]+", "-", repr(projector)).strip("-") + ".json.gz")


def shipped_proof(projector: Projector) -> Proof | None:
    """projector -> the shipped proof of its map of 101 x 101 cells, or None if none is shipped.

    It is not checked again: `python geometry/proofs/check.py FILE` does. What it says of cells not proved is of the
    shipped map, if there is one. A file that is promised and missing, or is not what it should be, counts as not
    shipped, and a warning that names it is logged.
    """
    if projector not in _promised():
        return None
    path, reach = path_of(inside(projector)), shipped.load(projector, RESOLUTION, SEED)
    reached = unknown_map(projector, RESOLUTION).reached if reach is None else reach.reached
    try:
        proof = read(path, inside(projector), reached)
        return proof if inside(projector) == projector else replace(proof, projector=projector, within=proof.projector)
    except DAMAGED as error:
        missing = "missing" if not path.exists() else "damaged"
        LOG.warning("the shipped proof %s is %s and is done without: %s", path, missing, error)
        return None


def proved_area(n: int) -> dict[str, list[Any]]:
    """n -> columns: the methods whose proofs are shipped, and shares of the Perfect-Mirsky region, from 0 to 1.

    Of what is proved to be reached, of what no theorem excludes, of what lies within the boundary where it is known
    (n = 3; nan elsewhere), and of what the shipped map, if any, certifies; at last the number of rectangles.
    """
    region = perfect_mirsky(n)
    columns: dict[str, list[Any]] = {key: [] for key in COLUMNS}
    for name, projector in named(n).items():
        proof, reach = shipped_proof(projector), shipped.load(projector, RESOLUTION, SEED)
        if proof is None:
            continue
        known = n == 3 and isinstance(projector, Rotational)
        exact = orthostochastic_order3(projector.s).area / region.area if known else nan  # type: ignore[attr-defined]
        certified = reach.coverage(region).certified if reach is not None else nan
        row = (name, *proof.bracket(region), exact, certified, len(proof.pieces))
        for key, value in zip(COLUMNS, row, strict=True):
            columns[key].append(value)
    return columns


def main() -> None:
    """Prove every map anew and report each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for projector in dict.fromkeys(inside(each) for each in promised()):
        begun = perf_counter()
        proof = prove(reach_map(projector, RESOLUTION, SEED), depth(projector), workers=os.cpu_count() or 1)
        proof.save(path_of(projector))
        below, above = proof.bracket(perfect_mirsky(projector.n))
        size = path_of(projector).stat().st_size
        taken = perf_counter() - begun
        print(
            f"{taken:6.1f} s  {size:9,} bytes  {len(proof.pieces):6,} pieces  {below:.4f} to {above:.4f}  {projector}",
            flush=True,
        )


if __name__ == "__main__":
    main()
