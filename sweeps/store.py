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
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sweeps.tasks import Task

SILENCE, BEAT = 60.0, 5.0
"""Seconds without a sign after which a run counts as dead, and between two signs."""

LOOKS, MOMENT = 60, 0.05
"""How often a claim that does not say whose it is is looked at, and seconds between two looks."""

FOLDERS = ("results", "claims", "failed", "runs")
DAMAGED = (FileNotFoundError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a file raises that is not there, or not whole: one that cannot be reached may well be."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def _reaching(
    ask: Callable[Concatenate[Store, Given], Answer],
) -> Callable[Concatenate[Store, Given], Answer]:
    """Let a method that asks the store's files raise OSError where they cannot be reached.

    Every service has errors of its own for that.
    """

    @wraps(ask)
    def asked(store: Store, /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return ask(store, *args, **kwargs)
        except (OSError, ValueError):
            raise
        except Exception as error:
            raise OSError(f"the store {store.url} cannot be reached: {error}") from error

    return asked


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
        try:
            import fsspec

            self.files, root = fsspec.core.url_to_fs(self.url)
        except ImportError as error:
            raise ValueError(f"the store {self.url} cannot be opened: {error}") from error
        self.root = root.rstrip("/")

    @_reaching
    def create(self) -> None:
        """Make its folders. Raises OSError where it may not."""
        for folder in FOLDERS:
            self.files.makedirs(f"{self.root}/{folder}", exist_ok=True)

    @property
    @_reaching
    def exists(self) -> bool:
        """Whether there is a store at its address: on object storage, folders are there only when something is in."""
        self.files.invalidate_cache()
        return any(self.files.isdir(f"{self.root}/{folder}") for folder in FOLDERS)

    def keys(self, folder: str = "results") -> set[str]:
        """The keys of what lies in a folder."""
        names = [path.rsplit("/", 1)[-1] for path in self._list(folder)]
        return {name.split(".")[0] for name in names if name.count(".") == 1}

    @_reaching
    def _list(self, folder: str) -> list[str]:
        """The paths of what lies in a folder, none where there is no such folder."""
        self.files.invalidate_cache()
        try:
            return [str(path) for path in self.files.ls(f"{self.root}/{folder}", detail=False)]
        except FileNotFoundError:
            return []

    def has(self, key: str) -> bool:
        """Whether the result of a task's key is there."""
        return self._there(self._path("results", key))

    @_reaching
    def _there(self, path: str) -> bool:
        self.files.invalidate_cache()
        return bool(self.files.exists(path))

    def write(self, task: Task, numbers: dict[str, Any], arrays: dict[str, NDArray[Any]], seconds: float) -> None:
        """Keep a result; nothing is left of it where that fails, as on a full disk (OSError)."""
        told = {"recipe": task.recipe, "numbers": numbers, "seconds": seconds}
        buffer = io.BytesIO()
        text = np.frombuffer(json.dumps(told).encode(), np.uint8)
        np.savez_compressed(buffer, allow_pickle=False, told=text, **arrays)
        self._whole(self._path("results", task.key), buffer.getvalue())
        self._forget("failed", task.key)

    @_reaching
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

    @_reaching
    def _take(self, path: str, raw: bytes) -> None:
        """Write a file that is not there; FileExistsError where it is.

        Where a file system cannot do both at once, two runs that ask at the same moment compute a task twice, to the
        same result.
        """
        try:
            with self.files.open(path, "xb") as file:
                file.write(raw)
        except (NotImplementedError, ValueError):
            if self._there(path):
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
            if told is not None or not self._there(self._path("claims", key)):
                return str((told or {}).get("run", ""))
            time.sleep(MOMENT)
        return ""

    def _beat(self, run: str) -> None:
        self._whole(self._path("runs", run), json.dumps({"at": time.time()}).encode())

    def _path(self, folder: str, key: str) -> str:
        return f"{self.root}/{folder}/{key}.{'npz' if folder == 'results' else 'json'}"

    @_reaching
    def _json(self, folder: str, key: str) -> dict[str, Any] | None:
        try:
            told = json.loads(self.files.cat_file(self._path(folder, key)))
        except DAMAGED:
            return None
        return told if isinstance(told, dict) else None

    @_reaching
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
        with suppress(OSError):  # gone already
            self._delete(path)

    @_reaching
    def _delete(self, path: str) -> None:
        self.files.rm_file(path)

    def tidy(self) -> int:
        """Remove what killed runs left: files half written, claims and signs of life -> how many.

        Half of a file stays while any run lives, which may be writing it.
        """
        gone = [
            path
            for folder in ("results", "claims", "failed")
            for path in self._list(folder)
            if path.endswith(".partial")
        ]
        if self.runs():  # looked for after the files: whoever wrote one of them has given a sign by now
            gone = []
        gone += [self._path("claims", key) for key in self.keys("claims") if not self._alive(self._owner(key))]
        gone += [self._path("runs", run) for run in self.keys("runs") if not self._alive(run)]
        for path in gone:
            self._remove(path)
        return len(gone)
