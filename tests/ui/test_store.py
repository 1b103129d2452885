"""The store of finished results: how heavy they are, and that the oldest go first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from ui import store


@dataclass(frozen=True, eq=False)
class Result:
    arrays: tuple[object, ...]
    names: dict[str, str]


def test_a_result_weighs_what_its_arrays_and_texts_do() -> None:
    parts = (np.zeros((10, 10)), torch.zeros(5, dtype=torch.float64), None, 3.0)
    assert store.weight(Result(parts, {"a": "four"})) == 800 + 40 + 4


def test_the_oldest_results_go_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_BYTES", 2500)
    shelf = store._Store()
    for key in "abc":
        shelf.put(key, np.zeros(125))
    assert [shelf.get(key) is not None for key in "abc"] == [False, True, True]
    assert shelf.get("b") is not None  # used last
    shelf.put("d", np.zeros(125))
    assert [shelf.get(key) is not None for key in "bcd"] == [True, False, True]
    shelf.put("large", np.zeros(10_000))  # still kept: it is being looked at
    assert [shelf.get(key) is not None for key in ("b", "d", "large")] == [False, False, True]
