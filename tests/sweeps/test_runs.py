"""Runs: the same numbers with and without a cluster, and nothing lost or done twice, whatever is killed."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from distributed import Client, LocalCluster
from distributed.system import MEMORY_LIMIT

from deploy.local import ROOT
from sweeps import Store, Task, plan, run
from sweeps import running as module
from sweeps import store as stores
from sweeps.__main__ import main
from sweeps.plan import Plan
from sweeps.quantities import QUANTITIES
from sweeps.running import Outcome, cluster, done, work

SMALL = {
    "sweep": [
        {
            "quantities": ["survey", "map", "slice", "stream_mixing"],
            "methods": ["go-mHC", "mHC"],
            "n": [3],
            "s": [1, 2],
        },
        {"quantities": ["proof"], "methods": ["go-mHC"], "n": [3], "s": [1]},
    ],
    "survey": {"matrices": 2000},
    "map": {"resolution": 21},
    "slice": {"resolution": 11},
    "proof": {"resolution": 21, "depth": 0},
    "stream_mixing": {"iterations": 20, "count": 2},
}
LONG = {
    "sweep": [{"quantities": ["survey"], "methods": ["go-mHC"], "n": [3, 4], "s": [1, 2], "seeds": [0, 1, 2]}],
    "survey": {"matrices": 50_000},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Threads of this process, so that faults can be planted in what they call."""
    with in_threads(2) as made:
        yield made


@contextmanager
def in_threads(count: int) -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=count, processes=False, dashboard_address=":0") as local,
        Client(local) as made,
    ):
        yield made


def assert_same(one: Store, other: Store, tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        first, second = one.read(task.key), other.read(task.key)
        assert first is not None
        assert second is not None
        assert first.numbers == pytest.approx(second.numbers)
        for name, array in first.arrays.items():
            np.testing.assert_array_equal(array, second.arrays[name])


def alone(tasks: tuple[Task, ...], at: Path) -> Store:
    """The same without a cluster."""
    store = Store(str(at))
    store.create()
    for task in tasks:
        work(task, store.url)
    return store


def test_a_cluster_of_processes_gives_the_same_numbers(tmp_path: Path) -> None:
    wanted, store, heard = plan(SMALL), Store(str(tmp_path / "store")), []
    with cluster(2) as made:
        outcome = run(wanted, store, made, told=lambda task, how: heard.append((task, how)))
    assert set(outcome.computed) == set(wanted.tasks)
    assert outcome.failed == outcome.found == ()
    assert {task for task, how in heard if how == "computed"} == set(wanted.tasks)
    assert_same(store, alone(wanted.tasks, tmp_path / "alone"), wanted.tasks)


def test_workers_are_as_many_as_memory_has_room_for() -> None:
    with cluster(3, memory=MEMORY_LIMIT / 1.5) as made:
        assert len(made.nthreads()) == 1


def test_large_rotations_need_more_memory() -> None:
    """Proofs start from thousands of them; nothing else grows that far."""
    needed = [
        plan({"sweep": [{"quantities": [name], "methods": ["go-mHC"], "n": [n], "s": [4]}]}).memory
        for name, n in (("map", 4), ("proof", 4), ("map", 16), ("proof", 16))
    ]
    assert needed[0] < needed[2] < needed[3] < 4e9
    assert needed[1] < needed[3]
    assert not Plan(()).memory


def test_what_is_there_is_not_computed_again(client: Client, tmp_path: Path) -> None:
    wanted, store = plan(LONG | {"survey": {"matrices": 1000}}), Store(str(tmp_path / "store"))
    store.create()
    work(wanted.tasks[0], store.url)
    (tmp_path / "store" / "results" / f"{wanted.tasks[1].key}.npz").write_bytes(b"damaged")
    outcome = run(wanted, store, client)
    assert outcome.found == wanted.tasks[:1]
    assert set(outcome.computed) == set(wanted.tasks[1:])
    assert run(wanted, store, client).computed == ()


def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    wanted, store = plan(LONG), Store(str(tmp_path / "store"))
    with cluster(2) as made:
        killed: list[int] = []

        def told(task: Task, how: str) -> None:
            if not killed:
                pids = list(made.run(os.getpid).values())
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])

        outcome = run(wanted, store, made, told=told)
    assert killed
    assert set(outcome.computed) == set(wanted.tasks)
    assert_same(store, alone(wanted.tasks[:3], tmp_path / "alone"), wanted.tasks[:3])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(port: int) -> None:
    """Until somebody listens there: a worker gives up on a scheduler that a busy machine takes long to start."""
    until = time.monotonic() + 300
    while True:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        assert time.monotonic() < until
        time.sleep(0.1)


def started(*arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-m", *arguments], env=environment, stderr=subprocess.DEVNULL)


def test_a_scheduler_that_starts_again_loses_nothing(tmp_path: Path) -> None:
    """On a cluster by address: the scheduler and its worker die in the middle, and others take their place."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"

    def begin() -> list[subprocess.Popen[bytes]]:
        scheduler = started(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        )
        answered(port)
        return [scheduler, started("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard")]

    wanted, store, servers = plan(LONG), Store(str(tmp_path / "store")), begin()
    again: list[str] = []
    try:

        def told(task: Task, how: str) -> None:
            if not again:
                again.append(how)
                for server in servers:
                    server.kill()
                    server.wait()
                servers[:] = begin()

        with cluster(scheduler=address) as made:
            outcome = run(wanted, store, made, told=told)
    finally:
        for server in servers:
            server.kill()
            server.wait()
    assert again
    assert outcome.failed == ()
    assert {*outcome.computed, *outcome.found} == set(wanted.tasks)
    assert store.keys() == {task.key for task in wanted.tasks}


def test_a_run_killed_at_any_moment_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    (at := tmp_path / "plan.toml").write_text(
        '[[sweep]]\nquantities = ["survey"]\nmethods = ["go-mHC"]\nn = [3, 4]\ns = [1, 2]\nseeds = [0, 1, 2]\n'
        "[survey]\nmatrices = 50000\n"
    )
    wanted, store = plan(at), Store(str(tmp_path / "store"))
    killed = started("sweeps", "run", str(at), "--store", store.url, "--workers", "1")
    while len(store.keys()) < 3:
        assert killed.poll() is None
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    done = store.keys()
    assert len(done) < len(wanted.tasks)
    monkeypatch.setattr(stores, "SILENCE", 0.5)  # its claims are void a minute later; here soon
    monkeypatch.setattr(stores, "BEAT", 0.1)
    time.sleep(0.6)
    outcome = run(wanted, store, client)
    assert {task.key for task in outcome.found} >= done
    assert {*outcome.computed, *outcome.found} == set(wanted.tasks)
    assert_same(store, alone(wanted.tasks[:4], tmp_path / "alone"), wanted.tasks[:4])
    assert store.keys("claims") == store.runs() == set()


def test_a_full_disk_is_said_and_resumed(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, store = plan(LONG | {"survey": {"matrices": 1000}}), Store(str(tmp_path / "store"))
    right = type(store.files.system).pipe_file

    def full(self: Any, path: str, value: bytes, **given: Any) -> None:
        if "/results/" in path and len(store.keys()) >= 4:
            right(self, path, value[:10], **given)
            raise OSError(errno.ENOSPC, "No space left on device")
        right(self, path, value, **given)

    monkeypatch.setattr(type(store.files.system), "pipe_file", full)
    outcome = run(wanted, store, client, retries=0)
    monkeypatch.undo()
    assert len(outcome.computed) >= 4
    assert outcome.failed
    assert all("No space left" in why for _, why in outcome.failed)
    again = run(wanted, store, client)
    assert {*again.found} == {*outcome.computed}
    assert {*again.computed} == {task for task, _ in outcome.failed}
    assert store.failures() == {}


def test_two_runs_on_one_store_share_its_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is computed before both have taken tasks: neither takes them all, and none is computed twice."""
    wanted, store = plan(LONG | {"survey": {"matrices": 1000}}), Store(str(tmp_path / "store"))
    monkeypatch.setattr(module, "LOOK", 0.1)
    quantity, patience = QUANTITIES["survey"], time.monotonic() + 60

    def waiting(task: Task, device: str) -> Any:
        while len({(store._json("claims", key) or {}).get("run") for key in store.keys("claims")} - {None}) < 2:
            assert time.monotonic() < patience
            time.sleep(0.02)
            if store.keys():  # the other has computed some, and may have none left
                break
        return quantity.compute(task, device)

    monkeypatch.setitem(QUANTITIES, "survey", type(quantity)(**(vars(quantity) | {"compute": waiting})))

    # Clusters one after another: Dask's imports are not made for two threads at once.
    with in_threads(1) as one, in_threads(1) as other, ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda made: run(wanted, Store(store.url), made), (one, other))
    assert {*first.computed} | {*second.computed} == set(wanted.tasks)
    assert not {*first.computed} & {*second.computed}
    assert first.computed
    assert second.computed
    assert first.failed == second.failed == ()


def test_what_another_run_finishes_just_before_it_is_claimed_is_found(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it said to be computed by both: whoever claims a task that another has let go of looks once more."""
    wanted, store = plan(SMALL), Store(str(tmp_path / "store"))
    store.create()
    claim = Store.claim

    def late(self: Store, key: str, name: str) -> bool:
        (task,) = (task for task in wanted.tasks if task.key == key)
        work(task, store.url)
        return claim(self, key, name)

    monkeypatch.setattr(Store, "claim", late)
    outcome = run(wanted, store, client)
    assert set(outcome.found) == set(wanted.tasks)
    assert not outcome.computed
    assert not store.keys("claims")


def test_what_another_run_finishes_after_the_look_is_kept(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster takes seconds to start: what is written meanwhile is whole, though the look did not see it."""
    wanted, store = plan(LONG | {"survey": {"matrices": 1000}}), Store(str(tmp_path / "store"))
    store.create()
    seen = done(wanted, store)
    for task in wanted.tasks:
        work(task, store.url)
    monkeypatch.setattr(Store, "remove", lambda self, key: pytest.fail(f"removed {key}"))
    assert run(wanted, store, client, there=seen).found == wanted.tasks


def test_a_result_is_done_if_all_of_it_can_be_read(client: Client, tmp_path: Path) -> None:
    """Also its arrays: only the archive's own sums tell that one of them is not what was written."""
    wanted, store = plan(SMALL | {"sweep": SMALL["sweep"][:1]}), Store(str(tmp_path / "store"))
    run(wanted, store, client)
    (damaged,) = (task for task in wanted.tasks if task.quantity == "map" and task.s == 2)
    path = tmp_path / "store" / "results" / f"{damaged.key}.npz"
    with ZipFile(path) as archive:
        at = archive.getinfo("residual.npy").header_offset + 80
    raw = bytearray(path.read_bytes())
    raw[at : at + 20] = b"\xff" * 20
    path.write_bytes(raw)
    assert run(wanted, store, client).computed == (damaged,)
    assert store.read(damaged.key) is not None


def test_what_fails_is_tried_again_and_then_said(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, store = plan(LONG | {"survey": {"matrices": 100}}), Store(str(tmp_path / "store"))
    tried: dict[str, int] = {}
    quantity = QUANTITIES["survey"]

    def faulty(task: Task, device: str) -> Any:
        tried[task.key] = tried.get(task.key, 0) + 1
        if task.n == 4 or tried[task.key] < 2:
            raise RuntimeError("out of luck")
        return quantity.compute(task, device)

    monkeypatch.setitem(QUANTITIES, "survey", type(quantity)(**(vars(quantity) | {"compute": faulty})))
    outcome = run(wanted, store, client, retries=1)
    assert {task.n for task in outcome.computed} == {3}
    assert {task.n for task, _ in outcome.failed} == {4}
    assert set(tried.values()) == {2}
    assert set(store.failures().values()) == {"RuntimeError: out of luck"}


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1.0)
    with (
        pytest.raises(ValueError, match="no scheduler answers at tcp"),
        cluster(scheduler=f"tcp://127.0.0.1:{free_port()}"),
    ):
        pass


def test_a_scheduler_without_workers_is_waited_for_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (at := tmp_path / "plan.toml").write_text('[[sweep]]\nquantities = ["cost"]\nmethods = ["mHC"]\nn = [3]\n')
    with LocalCluster(n_workers=0, processes=False, protocol="tcp://", dashboard_address=":0") as local:
        monkeypatch.setattr("sweeps.__main__.run", lambda *_, **__: Outcome((), (), ()))  # which would wait
        assert main(["run", str(at), "--store", str(tmp_path / "store"), "--scheduler", local.scheduler_address]) == 0
    said = capsys.readouterr()
    assert "no worker has come to the scheduler so far: waiting for one" in said.out + said.err


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["example"]) == 0
    assert "[[sweep]]" in capsys.readouterr().out
    at, store = tmp_path / "plan.toml", str(tmp_path / "store")
    at.write_text(
        '[[sweep]]\nquantities = ["cost", "survey"]\nmethods = ["go-mHC", "mHC"]\nn = [3]\n[survey]\nmatrices = 1000\n'
    )
    assert main(["estimate", str(at), "--store", store]) == 0
    assert "4 tasks, 0 of them done. Left: 2 × survey, 2 × cost" in capsys.readouterr().out
    assert not (tmp_path / "store").exists()
    assert main(["run", str(at), "--store", store, "--workers", "1"]) == 0
    assert "4 computed, 0 there before, 0 failed" in capsys.readouterr().out
    assert main(["run", str(at), "--store", store]) == 0
    assert "4 tasks, 4 of them done" in capsys.readouterr().out
    next((tmp_path / "store" / "results").iterdir()).write_bytes(b"damaged")
    assert main(["run", str(at), "--store", store, "--workers", "1"]) == 0
    assert "1 computed, 3 there before, 0 failed" in capsys.readouterr().out
    assert main(["status", store]) == 0
    assert "4 results: 2 × cost, 2 × survey" in capsys.readouterr().out
    assert main(["export", store, str(tmp_path / "table.csv")]) == 0
    assert "4 rows" in capsys.readouterr().out
    for wrong in (
        ["status", str(tmp_path / "none")],
        ["export", str(tmp_path / "none"), "table.csv"],
        ["run", "none.toml"],
    ):
        assert main(wrong) == 2
        assert capsys.readouterr().err.startswith("error: ")


def test_a_run_keeps_its_results_on_object_storage(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With workers in this process, whose memory that storage is."""
    wanted, store = plan(SMALL), Store(f"{bucket}/store")
    assert main(["status", store.url]) == 2
    assert "there is no store" in capsys.readouterr().err
    with in_threads(2) as made:
        assert len(run(wanted, store, made).computed) == len(wanted.tasks)
        assert run(wanted, store, made).computed == ()
    assert_same(store, alone(wanted.tasks, tmp_path / "alone"), wanted.tasks)
    assert {path.rsplit("/", 2)[-2] for path in store.files.system.find(store.files.root)} == {"results"}


def test_a_proof_in_a_store_is_a_certificate(tmp_path: Path) -> None:
    from geometry.proofs import check

    task = plan(SMALL | {"sweep": SMALL["sweep"][1:]}).tasks[0]  # type: ignore[index]
    store = alone((task,), tmp_path / "store")
    found = store.read(task.key)
    assert found is not None
    told = json.loads(found.arrays["certificate"].tobytes())
    area = check.checked(told | {"pieces": told["pieces"][:5]})
    assert area > 0
    numerator, denominator = map(int, found.numbers["area"].split("/"))
    assert len(told["pieces"]) == found.numbers["rectangles"]
    assert numerator / denominator > float(int(area.p) / int(area.q))
