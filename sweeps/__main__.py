"""`python -m sweeps`: estimate and run plans, and say what a store has."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from sweeps.plan import EXAMPLE, Plan, plan
from sweeps.quantities import QUANTITIES
from sweeps.running import cluster, done, run
from sweeps.store import Store
from sweeps.tables import export
from sweeps.tasks import Task


def main(arguments: list[str] | None = None) -> int:
    """Command line -> exit status: 0 where all went well, 1 where tasks failed, 2 for what cannot be understood."""
    parser = argparse.ArgumentParser(prog="python -m sweeps", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("run", "compute what is missing"),
        ("estimate", "say what a plan would take, and start nothing"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("plan", help="a TOML file; `python -m sweeps example` prints one")
        command.add_argument("--store", default="sweep", help="folder, or fsspec URL, of the results (default: sweep)")
        command.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of this machine")
        if name == "run":
            command.add_argument("--scheduler", help="address of a Dask scheduler, tcp://..., instead of this machine")
            command.add_argument("--device", default="cpu", help="torch device of the workers (default: cpu)")
            command.add_argument("--retries", type=int, default=2, help="how often what fails is tried again")
    status = commands.add_parser("status", help="say what a store has")
    status.add_argument("store")
    table = commands.add_parser("export", help="write a store as one table")
    table.add_argument("store")
    table.add_argument("file", type=Path, help="ends in .parquet or .csv")
    commands.add_parser("example", help="print a plan")
    given = parser.parse_args(arguments)
    try:
        return int(COMMANDS[given.command](given))
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _estimate(given: argparse.Namespace) -> int:
    wanted = plan(given.plan)
    print(_expected(wanted, done(wanted, Store(given.store)), max(1, given.workers)))
    return 0


def _expected(wanted: Plan, there: set[str], workers: int) -> str:
    left = wanted.without(there)
    kinds = ", ".join(f"{count} × {name}" for name, count in Counter(task.quantity for task in left.tasks).items())
    longest = max((QUANTITIES[task.quantity].seconds(task) for task in left.tasks), default=0)
    seconds = max(left.seconds / workers, longest)
    return (
        f"{len(wanted.tasks):,} tasks, {len(wanted.tasks) - len(left.tasks):,} of them done. Left: {kinds or 'none'}; "
        f"about {_time(seconds)} with {workers} at work, within a factor of three; a worker needs "
        f"{left.memory / 1e9:.1f} GB."
    )


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _run(given: argparse.Namespace) -> int:
    wanted, store = plan(given.plan), Store(given.store)
    there = done(wanted, store)
    print(_expected(wanted, there, max(1, given.workers)), flush=True)
    if len(there) == len(wanted.tasks):
        return 0
    needed = wanted.without(there).memory
    with cluster(given.workers, given.scheduler, memory=needed) as client, _bar(len(wanted.tasks)) as bar:

        def told(task: Task, how: str) -> None:
            if how not in ("computed", "found"):
                bar.write(f"failed: {task}: {how}")
            bar.update()

        if not client.nthreads():
            bar.write("no worker has come to the scheduler so far: waiting for one")
        outcome = run(wanted, store, client, retries=given.retries, device=given.device, told=told, there=there)
    print(f"{len(outcome.computed):,} computed, {len(outcome.found):,} there before, {len(outcome.failed):,} failed")
    return 1 if outcome.failed else 0


class _bar:  # noqa: N801 - a function that returns tqdm where there is one
    """A bar of progress, plain lines where tqdm is missing."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        try:
            from tqdm import tqdm
        except ImportError:
            self.shown = None
        else:
            self.shown = tqdm(total=total, unit="task")

    def __enter__(self) -> _bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown is not None:
            self.shown.close()

    def update(self) -> None:
        """One more."""
        self.done += 1
        if self.shown is not None:
            self.shown.update()
        elif self.done % max(1, self.total // 20) == 0:
            print(f"{self.done} of {self.total}", flush=True)

    def write(self, text: str) -> None:
        """A line above the bar."""
        if self.shown is not None:
            self.shown.write(text)
        else:
            print(text, flush=True)


def _status(given: argparse.Namespace) -> int:
    store = Store(given.store)
    if not store.exists:
        raise ValueError(f"there is no store at {given.store}")
    kinds: Counter[str] = Counter()
    damaged = 0
    for key in sorted(store.keys()):
        result = store.read(key, arrays=False)
        if result is None:
            damaged += 1
        else:
            kinds[result.recipe["quantity"]] += 1
    print(
        f"{sum(kinds.values()):,} results: " + ", ".join(f"{count} × {name}" for name, count in sorted(kinds.items()))
    )
    if damaged:
        print(f"{damaged} cannot be read")
    for key, sentence in store.failures().items():
        print(f"failed: {key}: {sentence}")
    if runs := store.runs():
        print(f"{len(runs)} at work")
    return 0


def _export(given: argparse.Namespace) -> int:
    store = Store(given.store)
    if not store.exists:
        raise ValueError(f"there is no store at {given.store}")
    print(f"{export(store, given.file):,} rows")
    return 0


def _example(_: argparse.Namespace) -> int:
    print(EXAMPLE.strip())
    return 0


COMMANDS = {"run": _run, "estimate": _estimate, "status": _status, "export": _export, "example": _example}


if __name__ == "__main__":
    sys.exit(main())
