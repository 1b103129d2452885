"""Where results are kept: a file each, under its recipe's digest, on a disk or wherever fsspec reaches.

A result is written beside its place and then moved to it, so that a file with a result's name is whole, whatever was
killed when. Claims say which run computes what; one whose run has not been heard of for a minute is void.
"""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sweeps.tasks import Task

SILENCE, BEAT = 60.0, 5.0
"""Seconds without a sign after which a run counts as dead, and between two signs."""

LOOKS, MOMENT = 60, 0.05
"""How often a claim that does not say whose it is is looked at, and seconds between two looks."""

FOLDERS = ("results", "claims", "failed", "runs")
DAMAGED = (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError)


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
        try:
            import fsspec
        except ImportError as error:
            raise ValueError("sweeps need fsspec: pip install fsspec") from error
        self.url = str(url)
        self.files, root = fsspec.core.url_to_fs(self.url)
        self.root = root.rstrip("/")

    def create(self) -> None:
        """Make its folders. Raises OSError where it may not."""
        for folder in FOLDERS:
            self.files.makedirs(f"{self.root}/{folder}", exist_ok=True)

    @property
    def exists(self) -> bool:
        """Whether there is a store at its address."""
        return bool(self.files.isdir(f"{self.root}/results"))

    def keys(self, folder: str = "results") -> set[str]:
        """The keys of what lies in a folder."""
        self.files.invalidate_cache()
        if not self.files.isdir(f"{self.root}/{folder}"):
            return set()
        names = [str(path).rsplit("/", 1)[-1] for path in self.files.ls(f"{self.root}/{folder}", detail=False)]
        return {name.split(".")[0] for name in names if name.count(".") == 1}

    def has(self, key: str) -> bool:
        """Whether the result of a task's key is there."""
        self.files.invalidate_cache()
        return bool(self.files.exists(self._path("results", key)))

    def write(self, task: Task, numbers: dict[str, Any], arrays: dict[str, NDArray[Any]], seconds: float) -> None:
        """Keep a result; nothing is left of it where that fails, as on a full disk (OSError)."""
        told = {"recipe": task.recipe, "numbers": numbers, "seconds": seconds}
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(told).encode(), np.uint8)
        np.savez_compressed(buffer, allow_pickle=False, told=text, **arrays)
        self._whole(self._path("results", task.key), buffer.getvalue())
        self._forget("failed", task.key)

    def read(self, key: str, *, arrays: bool = True) -> Result | None:
        """A task's key -> its result, or None where it is missing or damaged; `arrays`: with them."""
        try:
            path = self._path("results", key)
            with self.files.open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
                told = json.loads(archive["told"].tobytes())
                kept = {name: archive[name] for name in archive.files if name != "told"} if arrays else {}
            return Result(told["recipe"], told["numbers"], kept, told["seconds"])
        except DAMAGED:
            return None

    def remove(self, key: str) -> None:
        """Forget a result."""
        self._forget("results", key)

    def fail(self, task: Task, sentence: str) -> None:
        """Keep why a task gave no result."""
        told = {"recipe": task.recipe, "failed": sentence}
        self._whole(self._path("failed", task.key), json.dumps(told).encode())

    def failures(self) -> dict[str, str]:
        """By key, why tasks gave no result."""
        found = {}
        for key in self.keys("failed"):
            told = self._json("failed", key)
            if told is not None:
                found[key] = str(told.get("failed"))
        return found

    def claim(self, key: str, run: str) -> bool:
        """Take a task for a run -> whether it has it now: no other living run does."""
        path = self._path("claims", key)
        for _ in range(2):
            try:
                self._take(path, json.dumps({"run": run}).encode())
                return True
            except FileExistsError:
                owner = self._owner(key)
                if owner == run:
                    return True
                if self._alive(owner):
                    return False
                self._forget("claims", key)
        return False

    def _take(self, path: str, raw: bytes) -> None:
        """Write a file that is not there; FileExistsError where it is.

        Where a file system cannot do both at once, two runs that ask at the same moment compute a task twice, to the
        same result.
        """
        try:
            with self.files.open(path, "xb") as file:
                file.write(raw)
        except (NotImplementedError, ValueError):
            if self.files.exists(path):
                raise FileExistsError(path) from None
            self.files.pipe_file(path, raw)

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
                except OSError:  # a full disk: the next sign may come through
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
            if told is not None or not self.files.exists(self._path("claims", key)):
                return str((told or {}).get("run", ""))
            time.sleep(MOMENT)
        return ""

    def _beat(self, run: str) -> None:
        self._whole(self._path("runs", run), json.dumps({"at": time.time()}).encode())

    def _path(self, folder: str, key: str) -> str:
        return f"{self.root}/{folder}/{key}.{'npz' if folder == 'results' else 'json'}"

    def _json(self, folder: str, key: str) -> dict[str, Any] | None:
        try:
            told = json.loads(self.files.cat_file(self._path(folder, key)))
        except DAMAGED:
            return None
        return told if isinstance(told, dict) else None

    def _whole(self, path: str, raw: bytes) -> None:
        beside = f"{path}.{uuid.uuid4().hex[:8]}.partial"
        try:
            self.files.pipe_file(beside, raw)
            self.files.mv(beside, path)
        except BaseException:
            self._remove(beside)
            raise

    def _forget(self, folder: str, key: str) -> None:
        self._remove(self._path(folder, key))

    def _remove(self, path: str) -> None:
        try:
            self.files.rm_file(path)
        except OSError:  # gone already
            return

    def tidy(self) -> int:
        """Remove what killed runs left: files half written, claims and signs of life -> how many.

        Half of a file stays while any run lives, which may be writing it.
        """
        gone = [
            str(path)
            for folder in ("results", "claims", "failed")
            for path in self.files.ls(f"{self.root}/{folder}", detail=False)
            if str(path).endswith(".partial")
        ]
        if self.runs():  # looked for after the files: whoever wrote one of them has given a sign by now
            gone = []
        gone += [self._path("claims", key) for key in self.keys("claims") if not self._alive(self._owner(key))]
        gone += [self._path("runs", run) for run in self.keys("runs") if not self._alive(run)]
        for path in gone:
            self._remove(path)
        return len(gone)
