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
    """A file of lines of JSON -> as `parsed_lines`; none where it is missing."""
    if not path.is_file():
        return
    whole, newline, begun = path.read_bytes().rpartition(b"\n")
    try:
        text = (whole + newline).decode("utf-8-sig") + begun.decode(errors="replace")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} must be text in UTF-8: {error}") from None
    yield from parsed_lines(text, str(path))


def parsed_lines(text: str, name: str) -> Iterator[dict[str, Any]]:
    """Lines of JSON, and what they are called -> the object in each, but for a last one that is not whole.

    Blank lines are nothing. Raises ValueError, with its number, for a line that holds anything else.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines):  # nothing follows, not even the end of the line: whoever wrote it was killed
                return
            raise ValueError(f"line {number:,} of {name} is no JSON: {line[:60]!r}") from error
        if not isinstance(found, dict):
            raise ValueError(f"line {number:,} of {name} must be an object in braces, not {line[:60]!r}")
        yield found
