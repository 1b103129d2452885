"""NumPy's .npy and .npz, without pickles; what an array would need is compared with what is there first."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor

from inspector.formats import archives
from inspector.formats.stored import Stored, Tensors

MAGIC = b"\x93NUMPY"
LARGEST_HEADER = 100_000


def from_npy(file: BinaryIO, size: int) -> Tensors:
    """An open .npy file of so many bytes -> its one array, named "array"."""
    entry = _entry(file, size, "an .npy file", lambda: _from_start(file))
    return Tensors({"array": entry} if entry is not None else {}, "an .npy file", loose=True)


def from_npz(opener: Callable[[], BinaryIO]) -> Tensors:
    """What opens an .npz file -> its arrays of numbers by name; others, such as texts, are passed over.

    Single numbers are settings, too. The file is opened anew for every array that is read.
    """
    stored, config = {}, {}
    with opener() as file, archives.checked(file, "an .npz file") as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            if not member.filename.endswith(".npy"):
                raise ValueError(f"an .npz file must hold arrays; this archive holds {member.filename[:80]!r}")
            with _opened(archive, member.filename) as part:
                read = partial(_from_archive, opener, member.filename)
                entry = _entry(part, member.file_size, f"{name[:80]!r}", read)
            if entry is not None:
                stored[name] = entry
    for name in [name for name, entry in stored.items() if entry.shape == ()]:
        config[name] = stored[name].read().item()
    return Tensors(stored, "an .npz file", config, loose=True)


def _opened(archive: zipfile.ZipFile, name: str) -> Any:
    try:
        return archive.open(name)
    except archives.DAMAGED as error:
        raise ValueError(f"an .npz file must be intact; {name[:80]!r} is not: {error}") from None


def _entry(file: BinaryIO, size: int, name: str, read: Callable[[], Tensor]) -> Stored | None:
    """What an array's header says of it; None for one of texts. ValueError for objects, and where bytes are missing."""
    try:
        version = npy.read_magic(file)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if reader is None:
            raise ValueError(f"of version {version}")
        shape, _, dtype = reader(file, max_header_size=LARGEST_HEADER)
    except archives.DAMAGED as error:
        raise ValueError(f"{name} must be a NumPy array; its header cannot be read: {error}") from None
    if dtype.hasobject:
        raise ValueError(
            f"{name} must be an array of numbers, not of Python objects: those run code when they are loaded"
        )
    if dtype.kind not in "iufb":
        return None
    if prod(shape) * dtype.itemsize > size:
        raise ValueError(f"{name} must hold the {list(shape)} numbers of its header; there are only {size:,} bytes")
    return Stored(tuple(shape), dtype.name, read)


def _from_start(file: BinaryIO) -> Tensor:
    file.seek(0)
    return _tensor(file, "an .npy file")


def _from_archive(opener: Callable[[], BinaryIO], name: str) -> Tensor:
    with opener() as file, zipfile.ZipFile(file) as archive, _opened(archive, name) as part:
        return _tensor(part, f"{name[:80]!r}")


def _tensor(file: BinaryIO, name: str) -> Tensor:
    try:
        array = npy.read_array(file, allow_pickle=False, max_header_size=LARGEST_HEADER)
    except archives.DAMAGED as error:
        raise ValueError(f"{name} must be an intact array; it is not: {error}") from None
    wide = np.float64 if array.dtype.kind == "f" and array.dtype.itemsize > 8 else array.dtype.newbyteorder("=")
    return torch.from_numpy(np.ascontiguousarray(array, dtype=wide))
