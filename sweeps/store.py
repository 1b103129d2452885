"""Where results are kept: a file each, under its recipe's digest.

Claims say which run computes what; one whose run has not been heard of for a minute is void.
"""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.files import Files
from sweeps.tasks import Task, digest

SILENCE, BEAT = 60.0, 5.0
"""Seconds without a sign after which a run counts as dead, and between two signs."""

LOOKS, MOMENT = 60, 0.05
"""How often a claim that does not say whose it is is looked at, and seconds between two looks."""

FOLDERS = ("results", "claims", "failed", "runs")
DAMAGED = (FileNotFoundError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a file raises that is not there, or not whole: one that cannot be reached may well be."""


@dataclass(frozen=True, eq=False)
class Result:
    """What a task gave: its recipe, numbers by name, arrays by name, and the seconds it took."""

    recipe: dict[str, Any]
    numbers: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    seconds: float


class Store:
    """A folder of results, at a path or an fsspec URL such as s3://bucket/atlas."""

    def __init__(self, url: str) -> None:
        self.url = str(url)
        self.files = Files(self.url)

    def create(self) -> None:
        """Make its folders. Raises OSError where it may not."""
        self.files.make(FOLDERS)

    @property
    def exists(self) -> bool:
        """Whether there is a store at its address."""
        return any(map(self.files.is_folder, FOLDERS))

    def keys(self, folder: str = "results") -> set[str]:
        """The keys of what lies in a folder."""
        return {name.split(".")[0] for name in self.files.names(folder) if name.count(".") == 1}

    def has(self, key: str) -> bool:
        """Whether the result of a task's key is there."""
        return self.files.there(_name("results", key))

    def write(self, task: Task, numbers: dict[str, Any], arrays: dict[str, NDArray[Any]], seconds: float) -> None:
        """Keep a result; nothing is left of it where that fails, as on a full disk (OSError)."""
        told = {"recipe": task.recipe, "numbers": numbers, "seconds": seconds}
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(told).encode(), np.uint8)
        np.savez_compressed(buffer, allow_pickle=False, told=text, **arrays)
        self.files.write(_name("results", task.key), buffer.getvalue())
        self._forget("failed", task.key)

    def read(self, key: str, *, arrays: bool = True) -> Result | None:
        """A task's key -> its result, or None where it is missing, damaged or another's; `arrays`: with them.

        Without them, damage to them is not seen.
        """
        try:
            raw = io.BytesIO(self.files.read(_name("results", key)))
            with np.load(raw, allow_pickle=False) as archive:
                told = json.loads(archive["told"].tobytes())
                kept = {name: archive[name] for name in archive.files if name != "told"} if arrays else {}
            result = Result(told["recipe"], told["numbers"], kept, told["seconds"])
            return result if digest(result.recipe) == key else None
        except DAMAGED:
            return None

    def remove(self, key: str) -> None:
        """Forget a result."""
        self._forget("results", key)

    def fail(self, task: Task, sentence: str) -> None:
        """Keep why a task gave no result."""
        told = {"recipe": task.recipe, "failed": sentence}
        self.files.write(_name("failed", task.key), json.dumps(told).encode())

    def failures(self) -> dict[str, str]:
        """By key, why tasks gave no result."""
        found = {}
        for key in self.keys("failed"):
            told = self._json("failed", key)
            if told is not None:
                found[key] = str(told.get("failed"))
        return found

    def claim(self, key: str, run: str) -> bool:
        """Take a task for a run -> whether it has it now: no other living run does.

        Where `Files.take` cannot do that at once, two runs may compute a task twice, to the same result.
        """
        for _ in range(2):
            try:
                self.files.take(_name("claims", key), json.dumps({"run": run}).encode())
                return True
            except FileExistsError:
                owner = self._owner(key)
                if owner == run:
                    return True
                if self._alive(owner):
                    return False
                self._forget("claims", key)
        return False

    def release(self, key: str) -> None:
        """Let others have a task."""
        self._forget("claims", key)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Give signs of life, in a thread, of a run that is named."""
        run, over = uuid.uuid4().hex[:12], Event()
        self._beat(run)

        def beat() -> None:
            while not over.wait(BEAT):
                try:
                    self._beat(run)
                except OSError:  # a full disk, a broken line: the next sign may come through
                    continue

        thread = Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield run
        finally:
            over.set()
            thread.join()
            for key in self.keys("claims"):
                if self._owner(key) == run:
                    self._forget("claims", key)
            self._forget("runs", run)

    def runs(self) -> set[str]:
        """The runs that live."""
        return {run for run in self.keys("runs") if self._alive(run)}

    def _alive(self, run: str) -> bool:
        told = self._json("runs", run)
        return told is not None and time.time() - float(told.get("at", 0)) < SILENCE

    def _owner(self, key: str) -> str:
        """The run that has claimed a task, "" where there is none.

        A claim that is there and says nothing is being written this moment, unless it stays like that: then whoever
        wrote it was killed.
        """
        for _ in range(LOOKS):
            told = self._json("claims", key)
            if told is not None or not self.files.there(_name("claims", key)):
                return str((told or {}).get("run", ""))
            time.sleep(MOMENT)
        return ""

    def _beat(self, run: str) -> None:
        self.files.write(_name("runs", run), json.dumps({"at": time.time()}).encode())

    def _json(self, folder: str, key: str) -> dict[str, Any] | None:
        try:
            told = json.loads(self.files.read(_name(folder, key)))
        except DAMAGED:
            return None
        return told if isinstance(told, dict) else None

    def _forget(self, folder: str, key: str) -> None:
        self.files.remove(_name(folder, key))

    def tidy(self) -> int:
        """Remove what killed runs left: files half written, claims and signs of life -> how many.

        Half of a file stays while any run lives, which may be writing it.
        """
        gone = [
            f"{folder}/{name}"
            for folder in ("results", "claims", "failed")
            for name in self.files.names(folder)
            if name.endswith(".partial")
        ]
        if self.runs():  # looked for after the files: whoever wrote one of them has given a sign by now
            gone = []
        gone += [_name("claims", key) for key in self.keys("claims") if not self._alive(self._owner(key))]
        gone += [_name("runs", run) for run in self.keys("runs") if not self._alive(run)]
        for name in gone:
            self.files.remove(name)
        return len(gone)


def _name(folder: str, key: str) -> str:
    return f"{folder}/{key}.{'npz' if folder == 'results' else 'json'}"
