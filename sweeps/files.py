"""Files on a disk or wherever fsspec reaches, whole whenever their writer is killed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


class Files:
    """The files below an address: a path, or an fsspec URL such as s3://bucket/atlas. Names are relative to it.

    What cannot be reached raises OSError, whatever errors a service has of its own for that; a file that is not there
    FileNotFoundError. Raises ValueError for a URL whose kind fsspec does not know, or lacks a package for.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            import fsspec

            self.system, root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise ValueError(f"the store {url} cannot be opened: {error}") from error
        self.root = root.rstrip("/")

    def make(self, folders: Sequence[str]) -> None:
        """Make folders; where files are objects, nobody can."""
        with self._reached():
            for folder in folders:
                self.system.makedirs(self._path(folder), exist_ok=True)

    def is_folder(self, name: str) -> bool:
        """Whether it is one: on object storage, folders are there only when something is in them."""
        with self._reached():
            self.system.invalidate_cache()
            return bool(self.system.isdir(self._path(name)))

    def names(self, folder: str) -> list[str]:
        """What the files in a folder are called, nothing where there is no such folder."""
        with self._reached():
            self.system.invalidate_cache()
            try:
                paths = self.system.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
            return [str(path).rsplit("/", 1)[-1] for path in paths]

    def there(self, name: str) -> bool:
        """Whether there is such a file."""
        with self._reached():
            self.system.invalidate_cache()
            return bool(self.system.exists(self._path(name)))

    def read(self, name: str) -> bytes:
        """A file's content."""
        with self._reached():
            return bytes(self.system.cat_file(self._path(name)))

    def write(self, name: str, raw: bytes) -> None:
        """Write a file beside its place and move it there; nothing is left of it where that fails."""
        beside = f"{name}.{uuid.uuid4().hex[:8]}.partial"
        try:
            with self._reached():
                self.system.pipe_file(self._path(beside), raw)
                self.system.mv(self._path(beside), self._path(name))
        except BaseException:
            self.remove(beside)
            raise

    def take(self, name: str, raw: bytes) -> None:
        """Write a file that is not there; FileExistsError where it is.

        Where a file system cannot do both at once, two that ask at the same moment may both get it.
        """
        with self._reached():
            try:
                with self.system.open(self._path(name), "xb") as file:
                    file.write(raw)
            except (NotImplementedError, ValueError):
                if self.there(name):
                    raise FileExistsError(name) from None
                self.system.pipe_file(self._path(name), raw)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there and that can be done."""
        with suppress(OSError), self._reached():
            self.system.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):
            raise
        except Exception as error:
            raise OSError(f"the store {self.url} cannot be reached: {error}") from error
