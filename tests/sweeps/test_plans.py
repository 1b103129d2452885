"""Plans: every task once, those that are short first, and a sentence for what cannot be understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from projectors import Orthostochastic, Sinkhorn
from projectors.table import METHODS
from sweeps import Task, plan
from sweeps.plan import EXAMPLE
from sweeps.quantities import QUANTITIES

SWEEP = {"quantities": ["survey"], "methods": ["go-mHC"], "n": [3], "s": [1]}


def tasks(**changed: Any) -> tuple[Task, ...]:
    return plan({"sweep": [SWEEP | changed]}).tasks


def test_a_plan_is_a_product() -> None:
    found = tasks(n=[3, 4, 5], s=[1, 2], seeds=[0, 1], quantities=["survey", "map"])
    assert len(found) == len(set(found)) == 24
    assert {task.projector for task in found} == {Orthostochastic(n, s) for n in (3, 4, 5) for s in (1, 2)}


def test_methods_without_a_rank_are_asked_once() -> None:
    (task,) = tasks(methods=["mHC"], s=[1, 2, 3])
    assert task.s is None
    assert task.projector == Sinkhorn(3)


def test_what_does_not_depend_on_a_seed_is_asked_once() -> None:
    assert len(tasks(quantities=["cost", "proof"], seeds=[0, 1, 2])) == 2


def test_what_does_not_exist_is_left_out() -> None:
    assert tasks(methods=["KromHC"], n=[2, 3, 4, 5]) == tasks(methods=["KromHC"], n=[4])
    assert tasks(methods=["mHC-lite"], n=[9]) == ()
    assert tasks(quantities=["proof"], methods=["mHC"]) == ()
    assert tasks(quantities=["proof", "slice"], n=[2]) == ()
    assert tasks(n=[4096], s=[2]) == ()
    every = [name for name in QUANTITIES if name != "cost"]
    assert tasks(quantities=every, methods=["C-mHC", "identity"], n=[65]) == ()
    assert len(tasks(quantities=["cost"], methods=["C-mHC", "identity"], n=[65])) == 2


def test_the_same_task_twice_is_one() -> None:
    assert plan({"sweep": [SWEEP, SWEEP]}).tasks == tasks()


def test_short_tasks_come_first() -> None:
    found = tasks(quantities=["map", "survey", "slice", "stream_mixing", "proof"], n=[3, 8, 16], s=[1, 4])
    seconds = [QUANTITIES[task.quantity].seconds(task) for task in found]
    assert seconds == sorted(seconds)
    assert all(each > 0 for each in seconds)


def test_keys_are_the_same_everywhere() -> None:
    """Pinned: were it to change, no store would know its results any more. Raise `FORMAT` if numbers change."""
    (task,) = tasks()
    assert task.key == "d4c5c2fb56f21a1d0ee2e59c"
    assert task.key != tasks(seeds=[1])[0].key
    assert plan({"sweep": [SWEEP], "survey": {"matrices": 7}}).tasks[0].key != task.key
    assert plan({"sweep": [SWEEP], "survey": {"matrices": 100_000}}).tasks[0].key == task.key


def test_equal_options_are_one_task_however_they_are_written() -> None:
    mixing = SWEEP | {"quantities": ["stream_mixing"]}
    keys = {plan({"sweep": [mixing], "stream_mixing": {"noise": noise}}).tasks[0].key for noise in (1, 1.0)}
    assert len(keys) == 1
    maps = SWEEP | {"quantities": ["map"]}
    keys = {plan({"sweep": [maps], "map": {"resolution": of}}).tasks[0].key for of in (51, np.int64(51))}
    assert len(keys) == 1


@pytest.mark.parametrize("name", [row.name for row in METHODS])
def test_every_method_of_the_table_can_be_swept(name: str) -> None:
    assert tasks(methods=[name], n=[4])[0].projector.n == 4


def test_the_example_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EXAMPLE)
    assert len(plan(path).tasks) > 30


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "at least one"),
        ({"sweep": []}, "at least one"),
        ({"sweep": {"n": 3}}, "at least one"),
        ({"sweep": [SWEEP], "maps": {}}, "not \\['maps'\\]"),
        ({"sweep": [SWEEP | {"m": 1}]}, "not \\['m'\\]"),
        ({"sweep": [SWEEP | {"methods": ["sinkhorn"]}]}, "methods must be some of mHC"),
        ({"sweep": [SWEEP | {"methods": "go-mHC"}]}, "methods must be"),
        ({"sweep": [SWEEP | {"quantities": ["area"]}]}, "quantities must be some of survey"),
        ({"sweep": [SWEEP | {"n": [1]}]}, "each of n"),
        ({"sweep": [SWEEP | {"n": ["3"]}]}, "each of n"),
        ({"sweep": [SWEEP | {"n": 3}]}, "n must be a list"),
        ({"sweep": [SWEEP | {"s": [0]}]}, "each of s"),
        ({"sweep": [SWEEP | {"seeds": [-1]}]}, "each of seeds"),
        ({"sweep": [SWEEP], "survey": {"count": 3}}, "the options are matrices, measure"),
        ({"sweep": [SWEEP], "survey": {"matrices": 10**12}}, "number of matrices"),
        ({"sweep": [SWEEP], "survey": {"measure": "haar"}}, "the measure must be"),
        ({"sweep": [SWEEP | {"quantities": ["map"]}], "map": {"resolution": 100}}, "must be odd"),
        ({"sweep": [SWEEP | {"quantities": ["proof"]}], "proof": {"depth": 9}}, "depth"),
        ({"sweep": [SWEEP | {"quantities": ["slice"]}], "slice": {"resolution": 4001}}, "resolution"),
        ({"sweep": [SWEEP | {"quantities": ["cost"]}], "cost": {"batch": 0}}, "batch"),
        ({"sweep": [SWEEP | {"quantities": ["stream_mixing"]}], "stream_mixing": {"count": 0}}, "count"),
        (
            {"sweep": [SWEEP | {"quantities": ["stream_mixing"], "n": [64], "s": [16]}]},
            "n = 64, s = 16: the experiment would have",
        ),
        (
            {
                "sweep": [SWEEP | {"quantities": ["stream_mixing"], "n": [9]}],
                "stream_mixing": {"targets": "permutations"},
            },
            "up to n = 8, not 9",
        ),
        ({"sweep": [SWEEP | {"seeds": list(range(100_001))}]}, "at most 100,000"),
    ],
)
def test_what_cannot_be_understood_is_said(told: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        plan(told)


def test_files_that_are_no_plan_are_named(tmp_path: Path) -> None:
    (wrong := tmp_path / "wrong.toml").write_text("[[sweep")
    (binary := tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for path, sentence in (
        (tmp_path / "none.toml", "no plan can be read"),
        (tmp_path, "no plan can be read"),
        (wrong, "is no TOML"),
        (binary, "is no TOML"),
    ):
        with pytest.raises(ValueError, match=sentence):
            plan(path)
