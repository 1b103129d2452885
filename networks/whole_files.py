"""Files that are whole whenever their writer is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Path -> another to write to, which takes its place when all went well: all of the old file or all of the new.

    A file has one writer at a time: what others of it left, who were killed, goes.
    """
    for left in path.parent.glob(f"{escape(path.name)}.*.partial"):
        left.unlink(missing_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def replaced(path: Path, text: str) -> None:
    """Write text to a file as a whole."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """A file of JSON -> its lines up to the first that was not written whole; none where it is missing."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return
