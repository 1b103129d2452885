"""Zip archives, before anything in them is unpacked."""

from __future__ import annotations

import pickle
import tokenize
import zipfile
import zlib
from typing import BinaryIO

MOST_MEMBERS = 1_000_000
DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    pickle.UnpicklingError,
    tokenize.TokenError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What the libraries that read archives, arrays and checkpoints raise at bytes that are not what they seem."""

LARGEST_RATIO = 100
"""How many times as large as in the archive a member may be: numbers compress a few times, bombs a thousand."""


def checked(file: BinaryIO, kind: str) -> zipfile.ZipFile:
    """An open zip archive -> the same, or ValueError if it is damaged or would unpack to far more than it is."""
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except DAMAGED as error:
        raise ValueError(f"{kind} must be an intact zip archive; this one is damaged: {error}") from None
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"{kind} must hold at most {MOST_MEMBERS:,} members, not {len(members):,}")
    for member in members:
        if member.file_size > LARGEST_RATIO * max(member.compress_size, 1024):
            raise ValueError(
                f"{kind} must not unpack to more than {LARGEST_RATIO} times its size; {member.filename[:80]!r} would "
                f"grow from {member.compress_size:,} to {member.file_size:,} bytes"
            )
    return archive
