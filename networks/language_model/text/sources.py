"""Where text comes from: plays that come along, a file, a folder, a dataset."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from networks.language_model.text.encodings import END

PIECE = 2**20
"""Characters that are read at a time."""

PLAYS = "plays"
"""The source that comes along: eight plays by Shakespeare."""


def plays() -> str:
    """Return eight plays by Shakespeare, a million characters; `make plays` puts them together anew."""
    packed = (Path(__file__).parent / "plays.txt.xz").read_bytes()
    return lzma.decompress(packed).decode()


def fingerprint(source: str) -> list[Any]:
    """What tells one source from another, and from itself after a change."""
    named = Path(source.removeprefix("dataset:"))
    if source == PLAYS or (source.startswith("dataset:") and not named.exists()):
        return [source]
    return [source, *([str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in _files(named))]


def _files(named: Path) -> list[Path]:
    """A file, or a folder -> the files meant."""
    if named.is_dir():
        found = sorted(path for path in named.rglob("*.txt") if path.is_file())
        if not found:
            raise ValueError(f"the folder {named} holds no .txt files")
        return found
    if not named.is_file():
        raise ValueError(f"there is no file or folder {named}")
    return [named]


def pieces(source: str | Path) -> Iterator[str]:
    """A source -> its text, piece by piece. Raises ValueError as `prepared` does."""
    source = str(source)
    if source == PLAYS:
        yield plays()
        return
    if source.startswith("dataset:"):
        yield from _rows(source.removeprefix("dataset:"))
        return
    for path in _files(Path(source)):
        try:
            with path.open(encoding="utf-8-sig") as file:
                while piece := file.read(PIECE):
                    yield piece
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not UTF-8 text: byte {error.start:,} of a piece of it is not") from error
        yield "\n"


def _rows(name: str) -> Iterator[str]:
    """A dataset -> the texts of its rows for training, each followed by a line of its own that ends it."""
    try:
        import datasets
    except ImportError as error:
        raise ValueError("a dataset needs the library of that name: pip install datasets") from error
    try:
        if Path(name).exists():
            found = datasets.load_dataset("parquet", data_files=name, split="train")
        else:
            found = datasets.load_dataset(name, split="train", streaming=True)
    except Exception as error:  # the library's own, and those of pyarrow, fsspec, and the network
        raise ValueError(f"datasets could not load {name!r}: {type(error).__name__}: {str(error)[:200]}") from error
    for row in found:
        if not isinstance(text := row.get("text"), str):
            raise ValueError(f"the dataset {name!r} must have a column text; it has {', '.join(row)}")
        yield f"{text}\n{END}\n"
