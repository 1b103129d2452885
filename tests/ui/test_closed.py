"""A tab that is closed in the middle of its work: every kind of work ends, though it had minutes or hours to go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from geometry.slices import CyclicPlane, CyclicSpace
from learning.stream_mixing import StreamMixing
from projectors import Orthostochastic, Sinkhorn, Unistochastic
from ui.mixing import laws
from ui.mixing.training import training_work
from ui.polytope.works import closest_work, cloud_work, projection_work, slice_work, space_work
from ui.spectrum.maps import map_work
from ui.spectrum.surveys import survey_work
from ui.spectrum.witnesses import witness_work
from ui.work import Work
from ui.work.store import MISSING, Store

LARGE = Orthostochastic(64, 8)


WORKS: dict[str, Callable[[], Work[Any]]] = {
    "survey": lambda: survey_work(LARGE, 10**6, "initial", 0),
    "map": lambda: map_work(LARGE, 4242),
    "map of matrices without a formula": lambda: map_work(Sinkhorn(9, 1000), 4242),
    "witness": lambda: witness_work(LARGE, 0.99j, 0),
    "projection": lambda: projection_work(LARGE, CyclicPlane(64), 10**6, "initial", 0),
    "slice": lambda: slice_work(Orthostochastic(16, 8), CyclicPlane(16), 101, 0),
    "nearest": lambda: closest_work(Orthostochastic(64, 1), CyclicPlane(64), (0.4, 0.1), 0),
    "cloud": lambda: cloud_work(LARGE, CyclicSpace(64), 10**5, "initial", 0),
    "space": lambda: space_work(Unistochastic(8, 2), CyclicSpace(8), 0),
    "training": lambda: training_work(StreamMixing(n=8, iterations=200_000)),
    **{
        law.name: partial(laws.curve_work, law, Orthostochastic(45, 8), 0)
        for law in laws.LAWS.values()
        if law.name != "B.8, equal layers"  # one matrix a stack: over before anybody can leave
    },
}


@pytest.mark.parametrize("kind", WORKS)
def test_work_under_way_ends_when_its_last_watcher_leaves(kind: str) -> None:
    work, store = WORKS[kind](), Store()

    def make():
        worker.append(threading.current_thread())
        yield from work.make()

    worker: list[threading.Thread] = []
    watching = store.parts(work.key, make, work.finished)
    for _ in range(3):  # some pulses later, it is in the middle of it
        next(watching)
    watching.close()
    worker[0].join(60)
    assert not worker[0].is_alive()
    assert store.get(work.key) is MISSING
