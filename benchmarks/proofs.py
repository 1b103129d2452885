"""How large an area is proved, of sets whose reach is known exactly and of others, and how long that takes.

Not a ratio of times: nobody else has such proofs to compare with. `share` is the proved area over that of the Perfect-
Mirsky region, `exact` the same of what is reached where theory knows it (n = 3), `certified` the share of cells that
the map certifies at their centres. Seconds are of one run in two processes, the map's left out, `checked` those of
the independent checker on the certificate, in one process.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import torch

from benchmarks.harness import THREADS, report
from geometry.proofs import check, prove
from geometry.reach import reach_map
from geometry.regions import orthostochastic_order3, perfect_mirsky
from projectors import Orthostochastic, Projector

BASELINES = {"exact": "the exact share of the Perfect-Mirsky region at n = 3"}
CASES: list[tuple[Projector, int, int]] = [
    (Orthostochastic(3, 1), 101, 3),
    (Orthostochastic(3, 2), 101, 3),
    (Orthostochastic(3, 3), 101, 3),
    (Orthostochastic(3, 1), 401, 3),
    (Orthostochastic(4, 2), 101, 2),
    (Orthostochastic(8, 2), 101, 2),
]


def measured(projector: Projector, cells: int, depth: int) -> dict[str, Any]:
    """Projector, cells, depth -> what is proved, and how long it takes."""
    region = perfect_mirsky(projector.n)
    reach = reach_map(projector, cells)
    began = perf_counter()
    proof = prove(reach, depth, workers=THREADS)
    proving = perf_counter() - began
    told = proof.certificate()
    began = perf_counter()
    area = check.checked(told)
    checking = perf_counter() - began
    assert (int(area.p), int(area.q)) == (proof.area.numerator, proof.area.denominator)
    known = isinstance(projector, Orthostochastic) and projector.n == 3
    return {
        "projector": repr(projector),
        "cells": cells,
        "depth": depth,
        "pieces": len(proof.pieces),
        "whole": int(proof.proved.sum()),
        "area": float(proof.area),
        "share": float(proof.area) / region.area,
        "exact": orthostochastic_order3(projector.s).area / region.area if known else None,  # type: ignore[attr-defined]
        "certified": reach.coverage(region).certified,
        "seconds": proving,
        "checked": checking,
    }


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    report("proofs", BASELINES, [measured(*case) for case in CASES])
