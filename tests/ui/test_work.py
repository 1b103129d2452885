"""Long work: made once for all who ask, kept when it is finished, given up when nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from math import inf

import numpy as np
import pytest
import torch

from geometry.effort import Ended
from ui.work import complete, in_time, limits
from ui.work.carry_out import time_told
from ui.work.flight import Waiting
from ui.work.store import MISSING, Store
from ui.work.weight import weight


@dataclass(frozen=True, eq=False)
class Result:
    arrays: tuple[object, ...]
    names: dict[str, str]


def results(store: Store, key, make, finished=lambda part: True) -> list:
    with closing(store.parts(key, make, finished)) as parts:
        return [part for part in parts if part is not Waiting.STILL]


# --- weight ---------------------------------------------------------------------------------------------------------


def test_a_result_weighs_at_least_what_its_arrays_and_texts_do() -> None:
    parts = (np.zeros((100, 100)), torch.zeros(5000, dtype=torch.float64), None, 3.0)
    assert 120_000 <= weight(Result(parts, {"a": "four"})) < 122_000


def test_a_view_weighs_all_that_it_keeps_alive_and_shared_memory_counts_once() -> None:
    table, tensor = np.zeros((1000, 100)), torch.zeros(1000, 100)
    assert weight(table[0]) >= table.nbytes
    assert weight(tensor[0]) >= tensor.untyped_storage().nbytes()
    assert weight(tensor[0].numpy()) >= tensor.untyped_storage().nbytes()
    assert weight((table[0], table[1], tensor[:1], tensor[1:])) < 1.01 * (table.nbytes + 400_000)


# --- the store ------------------------------------------------------------------------------------------------------


def test_the_least_recently_used_go_by_bytes_and_not_by_their_number() -> None:
    store = Store(most_bytes=90_000)
    for key in range(200):
        results(store, ("small", key), lambda: iter([np.zeros(10)]))
    assert store.get(("small", 1)) is not MISSING  # and now used last
    results(store, "large", lambda: iter([np.zeros(10_000)]))
    assert store.get("large") is not MISSING
    assert store.get(("small", 0)) is MISSING
    assert store.get(("small", 1)) is not MISSING


def test_what_is_larger_than_the_store_is_delivered_and_not_kept() -> None:
    store = Store(most_bytes=1000)
    (result,) = results(store, "large", lambda: iter([np.zeros(1000)]))
    assert len(result) == 1000
    assert store.get("large") is MISSING


def test_none_is_a_result_and_is_made_once() -> None:
    store, made = Store(), []
    for _ in range(3):
        assert results(store, "nothing", lambda: iter([made.append(1)])) == [None]
    assert len(made) == 1


def test_only_finished_results_are_kept() -> None:
    store, go = Store(), threading.Event()

    def make() -> Iterator[int]:
        yield 0
        go.wait(30)
        yield from range(1, 5)

    with closing(store.parts("count", make, lambda part: part == 4)) as parts:
        next(part for part in parts if part is not Waiting.STILL)
    go.set()
    assert store.get("count") is MISSING
    assert results(store, "count", make, lambda part: part == 4)[-1] == 4
    assert store.get("count") == 4


def test_two_who_ask_for_the_same_share_one_computation() -> None:
    store, begun, go = Store(), [], threading.Event()

    def make() -> Iterator[int]:
        begun.append(threading.current_thread().name)
        go.wait(30)
        yield 1

    seen: list[list] = []
    askers = [threading.Thread(target=lambda: seen.append(results(store, "same", make))) for _ in range(3)]
    for asker in askers:
        asker.start()
    while not begun:
        pass
    go.set()
    for asker in askers:
        asker.join(30)
    assert seen == [[1]] * 3
    assert len(begun) == 1


def test_work_goes_on_for_those_who_stay_and_is_given_up_when_the_last_one_leaves() -> None:
    store, steps, ended = Store(), threading.Semaphore(0), threading.Event()

    def make() -> Iterator[int]:
        try:
            for number in range(1000):
                steps.acquire(timeout=30)
                yield number
        finally:
            ended.set()

    first, second = (store.parts("long", make, lambda part: part == 999) for _ in range(2))
    assert next(first) is Waiting.STILL
    assert next(second) is Waiting.STILL
    first.close()
    steps.release()
    assert next(part for part in second if part is not Waiting.STILL) == 0
    second.close()
    steps.release(5)
    assert ended.wait(30)
    assert store.get("long") is MISSING


def test_what_ends_on_the_thread_that_is_busy_with_the_store_waits_for_nobody() -> None:
    """Garbage is collected in the middle of anything: of weighing a result under the store's lock, here."""
    store, ended = Store(), threading.Event()

    def make() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            ended.set()

    class Ending(dict):
        def keys(self):
            store.forget(lambda key: key == "visit")
            watching.close()
            return super().keys()

    results(store, "visit", lambda: iter([1]))
    watching = store.parts("long", make, lambda part: False)
    next(watching)
    asker = threading.Thread(target=results, args=(store, "last", lambda: iter([Ending()])), daemon=True)
    asker.start()
    asker.join(30)
    assert not asker.is_alive()
    assert store.get("visit") is MISSING
    assert store.get("last") == {}
    assert ended.wait(30)


def test_an_error_reaches_everybody_who_asked_and_the_next_one_tries_again() -> None:
    store, tries = Store(), []

    def fail() -> Iterator[int]:
        tries.append(1)
        raise ValueError("no such matrix")
        yield

    for _ in range(2):
        with pytest.raises(ValueError, match="no such matrix"):
            results(store, "bad", fail)
    assert len(tries) == 2


# --- what is told of the time ---------------------------------------------------------------------------------------


def test_time_to_go_is_told_where_it_can_be_and_counts_what_others_did_before() -> None:
    assert time_told(10, 0.5) == "10 s to go"
    assert time_told(10, 0.5, found=0.4) == "50 s to go"
    assert time_told(10, 0.01) == time_told(10, 0.5, found=0.5) == "10 s so far"
    assert time_told(30, 0.999) == "30 s so far"  # the last cells of a search may take longest


# --- searches with a deadline ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    seconds: float
    ended: str


def test_a_search_answers_in_time_and_goes_on_only_where_that_was_not_all() -> None:
    asked: list[float] = []

    def search(why: str, seconds: float) -> Found:
        asked.append(seconds)
        return Found(seconds, why if seconds < inf else "stalled")

    assert [part.seconds for part in in_time(partial(search, "converged"))] == [0.9 * limits.SHORT]
    assert [part.seconds for part in in_time(partial(search, str(Ended.OUT_OF_TIME)))] == [0.9 * limits.SHORT, inf]
    assert asked == [0.9 * limits.SHORT] * 2 + [inf]


def test_only_a_search_that_ran_out_of_time_is_not_complete() -> None:
    assert [why for why in Ended if not complete(Found(1.0, str(why)))] == [Ended.OUT_OF_TIME]
    assert complete(None)
