"""Safetensors, read with their own library: one file, or the shards that an index names; lazily where on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor

from inspector.formats.stored import MOST_NAMES, Stored, Tensors, unwrapped

LARGEST_HEADER = 100_000_000
"""Bytes of a header, the format's own limit."""

LARGEST_IN_MEMORY = 4_000_000
"""Bytes of the header of a file that is read at once, names and all: 40,000 tensors; each takes 2 KB of memory."""

TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
"""What `save_pretrained` calls a model in one file, and the list of the files of a larger one."""


def header(start: bytes, size: int) -> int:
    """First eight bytes of a file, its size -> the length of its header, or ValueError if that cannot be true."""
    length = int.from_bytes(start[:8], "little")
    if len(start) < 8 or length > min(LARGEST_HEADER, max(size - 8, 0)):
        raise ValueError(
            f"a safetensors file must begin with the length of its header; this one of {size:,} bytes says {length:,}"
        )
    return length


def from_bytes(data: bytes) -> Tensors:
    """Contents of a safetensors file -> its tensors."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    if header(data, len(data)) > LARGEST_IN_MEMORY:
        raise ValueError(f"a safetensors file must not hold more than {LARGEST_IN_MEMORY:,} bytes of names")
    try:
        tensors = load(data)
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError, RuntimeError) as error:
        raise ValueError(f"a safetensors file must be intact; this one is not: {error}") from None
    return Tensors({name: Stored.of(tensor) for name, tensor in tensors.items()}, "a safetensors file")


def from_path(path: Path) -> Tensors:
    """Path of a safetensors file -> its tensors, each read from disk when it is asked for."""
    return Tensors(_listed(path), "a safetensors file")


def from_index(path: Path) -> Tensors:
    """Path of an index -> the tensors of all shards that it names and that lie beside it."""
    stored: dict[str, Stored] = {}
    for shard in sorted(set(weight_map(path.read_bytes()).values())):
        if Path(shard).name != shard:
            raise ValueError(f"{path.name} must name files beside it, not {shard!r}")
        stored |= _listed(path.with_name(shard))
    return Tensors(stored, "a sharded safetensors model")


def entry(name: str, said: Any, read: Callable[[], Tensor]) -> Stored:
    """What a header says of a tensor, how to read it -> the tensor, not read yet; ValueError for what cannot be."""
    try:
        shape, (begin, end) = tuple(int(length) for length in said["shape"]), said["data_offsets"]
        dtype = TYPES.get(said["dtype"], str(said["dtype"]))
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(
            f"a safetensors header must give shapes and offsets; that of {name[:80]!r} does not"
        ) from error
    if min(shape, default=0) < 0 or not 0 <= begin <= end or end - begin > 8 * max(1, prod(shape)):
        raise ValueError(f"a safetensors header must give offsets that fit; those of {name[:80]!r} do not")
    return Stored(shape, dtype, read)


def alone(name: str, said: Mapping[str, Any], data: bytes) -> Tensor:
    """What a header says of a tensor, its bytes -> the tensor, as the library reads a file with nothing else in it."""
    single = json.dumps({name: {**said, "data_offsets": [0, len(data)]}}).encode()
    return from_bytes(len(single).to_bytes(8, "little") + single + data).stored[unwrapped(name)].read()


def weight_map(index: bytes) -> dict[str, str]:
    """Contents of an index -> the file of each tensor."""
    try:
        names: Any = json.loads(index)["weight_map"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"a safetensors index must be JSON with a weight_map; this one is not: {error!r}") from None
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names.values()):
        raise ValueError("the weight_map of a safetensors index must lead from tensors to files")
    return dict(names)


def _listed(path: Path) -> dict[str, Stored]:
    """The tensors of one file, which stays mapped into memory as long as one of them is held."""
    from safetensors import SafetensorError, safe_open

    with path.open("rb") as start:
        header(start.read(8), path.stat().st_size)
    try:
        file: Any = safe_open(path, framework="pt")
        names = list(file.keys())
        if len(names) > MOST_NAMES:
            raise ValueError(f"{path.name} must hold at most {MOST_NAMES:,} tensors, not {len(names):,}")
        parts = {name: file.get_slice(name) for name in names}
        return {
            name: Stored(
                tuple(part.get_shape()),
                TYPES.get(part.get_dtype(), part.get_dtype()),
                partial(_read, file, name),
            )
            for name, part in parts.items()
        }
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} must be an intact safetensors file; it is not: {error}") from None


def _read(file: Any, name: str) -> Any:
    return file.get_tensor(name)
