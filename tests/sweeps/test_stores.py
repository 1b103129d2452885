"""Stores: results as they were, whole or not at all, and one run for each task."""

from __future__ import annotations

import errno
import io
import json
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import numpy as np
import pyarrow.parquet
import pytest

from sweeps import Store, Task, columns
from sweeps import store as module
from sweeps.__main__ import main
from sweeps.tables import export

TASK = Task("survey", "go-mHC", 3, 1, 0, (("matrices", 10),))
OTHER = Task("map", "mHC", 4, None, 2)
ARRAYS = {"counts": np.arange(6).reshape(2, 3), "centres": np.array([0.1, 0.2])}


@pytest.fixture(params=["disk", "memory", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    where = request.getfixturevalue("bucket") if request.param == "objects" else str(tmp_path)
    made = Store(f"memory://{tmp_path.name}" if request.param == "memory" else f"{where}/store")
    made.create()
    return made


def test_what_is_written_is_read_back(store: Store) -> None:
    assert store.read(TASK.key) is None
    store.write(TASK, {"seen": 0.1, "exact": True, "area": "1/3"}, ARRAYS, 1.5)
    assert store.exists
    assert store.has(TASK.key)
    assert store.keys() == {TASK.key}
    found = store.read(TASK.key)
    assert found is not None
    assert (found.recipe, found.numbers, found.seconds) == (
        TASK.recipe,
        {"seen": 0.1, "exact": True, "area": "1/3"},
        1.5,
    )
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found.arrays[name], array)
    assert (store.read(TASK.key, arrays=False) or found).arrays == {}


def test_a_failure_is_kept_until_there_is_a_result(store: Store) -> None:
    store.fail(TASK, "MemoryError: too large")
    assert store.failures() == {TASK.key: "MemoryError: too large"}
    assert not store.has(TASK.key)
    store.write(TASK, {}, {}, 0.0)
    assert store.failures() == {}


def test_a_task_is_one_run_s(store: Store) -> None:
    with store.running() as one, store.running() as other:
        assert store.runs() == {one, other}
        assert store.claim(TASK.key, one)
        assert store.claim(TASK.key, one)
        assert not store.claim(TASK.key, other)
        store.release(TASK.key)
        assert store.claim(TASK.key, other)
    assert store.runs() == set()
    assert store.keys("claims") == set()


def test_claims_do_without_exclusive_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    right = store.files.system.open

    def opened(path: str, mode: str = "rb", **given: Any) -> Any:
        if "x" in mode:
            raise NotImplementedError("File mode not supported")
        return right(path, mode, **given)

    monkeypatch.setattr(store.files.system, "open", opened)
    with store.running() as one, store.running() as other:
        assert store.claim(TASK.key, one)
        assert not store.claim(TASK.key, other)
        assert store.claim(TASK.key, one)


def test_claims_of_the_dead_are_void(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store._beat("dead")
    assert store.claim(TASK.key, "dead")
    with store.running() as alive:
        assert not store.claim(TASK.key, alive)
        monkeypatch.setattr(module, "SILENCE", -1.0)
        assert store.claim(TASK.key, alive)


def test_a_full_disk_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(TASK, {"seen": 0.1}, ARRAYS, 1.5)
    right = store.files.system.pipe_file

    def full(path: str, value: bytes, **given: Any) -> None:
        right(path, value[: len(value) // 2], **given)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.files.system, "pipe_file", full)
    for task in (TASK, OTHER):
        with pytest.raises(OSError, match="No space"):
            store.write(task, {"seen": 0.2}, ARRAYS, 1.0)
    monkeypatch.undo()
    assert (found := store.read(TASK.key)) is not None
    assert found.numbers == {"seen": 0.1}
    assert not store.has(OTHER.key)
    assert store.tidy() == 0


def test_what_a_killed_writer_left_is_no_result(store: Store) -> None:
    store.files.system.pipe_file(f"{store.files.root}/results/{TASK.key}.npz.12345678.partial", b"PK")
    assert not store.has(TASK.key)
    assert store.keys() == set()
    with store.running():
        assert store.tidy() == 0  # it may be somebody's who still writes
        assert store.claim(OTHER.key, "dead")
    assert store.tidy() == 2
    assert store.keys("claims") == set()


def test_damaged_results_are_missing(store: Store) -> None:
    store.write(TASK, {"seen": 0.1}, {"noise": np.random.default_rng(0).random(1000)}, 1.5)
    path = f"{store.files.root}/results/{TASK.key}.npz"
    whole = store.files.system.cat_file(path)
    inner = [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(60, len(whole), 97)]
    for damage in (b"", b"PK\x03\x04", b"not a file of arrays", whole[: len(whole) // 2], *inner):
        store.files.system.pipe_file(path, damage)
        found = store.read(TASK.key)
        assert found is None or found.numbers == {"seen": 0.1}  # some bytes of an archive say nothing
    store.files.system.pipe_file(path, b"")
    assert store.read(TASK.key) is None
    assert columns(store)["quantity"] == []


def test_what_is_no_result_of_ours_cannot_be_read(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A foreign file, and a result under another's name."""
    store.write(TASK, {"seen": 0.1}, ARRAYS, 1.5)
    mine = store.files.read(f"results/{TASK.key}.npz")
    store.files.write(f"results/{OTHER.key}.npz", mine)
    buffer = io.BytesIO()
    told = json.dumps({"recipe": {"a": 1}, "numbers": {}, "seconds": 1}).encode()
    np.savez_compressed(buffer, told=np.frombuffer(told, np.uint8))
    store.files.write("results/foreign.npz", buffer.getvalue())
    assert store.read(OTHER.key) is None
    assert columns(store)["key"] == [TASK.key]
    assert main(["status", store.url]) == 0
    assert "2 cannot be read" in capsys.readouterr().out


def test_a_store_is_one_tidy_table(store: Store, tmp_path: Path) -> None:
    store.write(OTHER, {"certified": 0.5}, {}, 2.0)
    store.write(TASK, {"seen": 0.1}, ARRAYS, 1.5)
    table = columns(store)
    assert table["quantity"] == ["map", "survey"]
    assert table["s"] == [None, 1]
    assert table["certified"] == [0.5, None]
    assert table["seen"] == [None, 0.1]
    assert columns(store, ["map"])["method"] == ["mHC"]
    assert export(store, tmp_path / "table.csv") == export(store, tmp_path / "table.parquet") == 2
    assert pyarrow.parquet.read_table(tmp_path / "table.parquet").to_pydict() == table
    header, *lines = (tmp_path / "table.csv").read_text().splitlines()
    assert header.split(",") == list(table)
    assert len(lines) == 2
    with pytest.raises(ValueError, match=r"\.parquet or \.csv"):
        export(store, tmp_path / "table.xlsx")


def test_a_store_out_of_reach_is_said_and_not_taken_for_an_empty_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.write(TASK, {"seen": 0.1}, ARRAYS, 1.5)

    def away(*_: Any, **__: Any) -> None:
        raise RuntimeError("no route to host")

    for method in ("ls", "isdir", "exists", "open", "cat_file", "pipe_file"):
        monkeypatch.setattr(store.files.system, method, away)
    for ask in (store.keys, lambda: store.exists, lambda: store.has(TASK.key), lambda: store.read(TASK.key)):
        with pytest.raises(OSError, match=r"cannot be reached: no route to host"):
            ask()
    assert main(["status", store.url]) == 2
    assert f"error: the store {store.url} cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "sentence"), [("nosuch://atlas", "Protocol not known"), ("gs://atlas", r"cannot be opened: .*gcsfs")]
)
def test_what_nothing_opens_is_said(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Store(url)


def test_what_is_no_store_has_nothing(tmp_path: Path) -> None:
    nothing = Store(str(tmp_path / "nowhere"))
    assert not nothing.exists
    assert nothing.keys() == set()
    assert fsspec.filesystem("file").exists(str(tmp_path / "nowhere")) is False


def test_a_claim_that_is_being_written_is_nobody_elses(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is there before it says whose it is: whoever looks in that moment waits for it."""
    store.create()
    with store.running() as first, store.running() as second:
        path = f"{store.files.root}/claims/task.json"
        now = partial(store.files.system.pipe_file, path)
        now(b"")
        written = json.dumps({"run": first}).encode()
        monkeypatch.setattr(module, "time", SimpleNamespace(time=time.time, sleep=lambda _: now(written)))
        assert not store.claim("task", second)
        assert store.claim("task", first)
        now(b"")
        monkeypatch.setattr(module, "time", SimpleNamespace(time=time.time, sleep=lambda _: None))
        assert store.claim("task", second)  # it stays empty: whoever began it was killed
