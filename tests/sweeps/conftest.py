"""Object storage in this process's memory, where folders are nothing but the beginnings of names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem


class Objects(MemoryFileSystem):
    """As S3 does it: nobody makes a folder, and one without anything in it is not there."""

    protocol = "objects"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Nothing."""

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Nothing."""


@pytest.fixture
def bucket() -> Iterator[str]:
    """URL of a bucket that is empty."""
    fsspec.register_implementation("objects", Objects, clobber=True)
    yield "objects://atlas"
    Objects.store.clear()
