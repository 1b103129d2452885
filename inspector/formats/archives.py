"""Zip archives, before anything in them is unpacked."""

from __future__ import annotations

import pickle
import tokenize
import zipfile
import zlib
from os import SEEK_END
from typing import BinaryIO

MOST_MEMBERS = 100_000
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

LARGEST_RATIO, LARGEST_WHOLE = 100, 8
"""How many times as large as in the archive a member may be, and all of them as the archive: numbers compress a few
times, bombs a thousand."""

ANYWAY = 2**27
"""Bytes that an archive may unpack to, however small it is."""


def checked(file: BinaryIO, kind: str) -> zipfile.ZipFile:
    """An open zip archive -> the same, or ValueError if it is damaged or would unpack to far more than it is."""
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
        size = file.seek(0, SEEK_END)
    except DAMAGED as error:
        raise ValueError(f"{kind} must be an intact zip archive; this one is damaged: {error}") from None
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"{kind} must hold at most {MOST_MEMBERS:,} members, not {len(members):,}")
    if len({member.filename for member in members}) < len(members):
        raise ValueError(f"{kind} must not hold two members of one name: all but the last would be lost")
    for member in members:
        if member.file_size > LARGEST_RATIO * max(member.compress_size, 1024):
            raise ValueError(
                f"{kind} must not unpack to more than {LARGEST_RATIO} times its size; {member.filename[:80]!r} would "
                f"grow from {member.compress_size:,} to {member.file_size:,} bytes"
            )
    whole = sum(member.file_size for member in members)
    if whole > max(ANYWAY, LARGEST_WHOLE * size):
        raise ValueError(
            f"{kind} must not unpack to more than {LARGEST_WHOLE} times its size; this one would grow from {size:,} to "
            f"{whole:,} bytes"
        )
    if sum(member.compress_size for member in members) > size:
        raise ValueError(f"{kind} must be an intact zip archive; the members of this one overlap")
    return archive
