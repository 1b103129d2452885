"""Files from strangers: bounded before they are parsed, and no format among them whose library is not made for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.formats import json_files
from inspector.formats.stored import Tensors
from inspector.opening import CONFIG, from_bytes
from inspector.reading import collected
from inspector.settings import Settings, flat_config
from inspector.site import Collection

LARGEST = 64 * 2**20
"""Bytes of a file."""

MOST, MOST_STEPS = 4096, 400_000
"""Matrices, and Sinkhorn iterations of all of them together: ten seconds."""


def uploaded(files: Mapping[str, bytes], settings: Settings) -> Collection:
    """Files by name, settings -> the mixing sites in them; a config.json among them speaks for the others.

    As `inspector.open` reads bytes, within 64 MB of all files together and 4,096 matrices. HDF5 is refused: its library
    is not made for files from strangers. Raises ValueError, which names the file.
    """
    size = sum(map(len, files.values()))
    if size > LARGEST:
        raise ValueError(f"at most {LARGEST // 2**20} MB are taken; these files have {size / 2**20:.0f}")
    config: dict[str, Any] = {}
    parts: list[Tensors] = []
    for name, data in files.items():
        if name.rpartition("/")[2] == CONFIG:
            config |= flat_config(json_files.decoded(data, CONFIG))
        else:
            parts.append(from_bytes(data, name, hdf5=False))
    if not parts:
        raise ValueError(f"{CONFIG} alone holds no matrices: upload it together with the checkpoint")
    stored = {name: entry for part in parts for name, entry in part.stored.items()}
    if len(stored) < sum(len(part.stored) for part in parts):
        names = [name.rpartition("/")[2] for name in files if not name.endswith(CONFIG)]
        stored = {
            f"{name}: {key}": entry
            for name, part in zip(names, parts, strict=True)
            for key, entry in part.stored.items()
        }
    told = {key: value for part in parts for key, value in part.config.items()}
    kind = parts[0].kind if len(parts) == 1 else f"{len(parts)} files"
    tensors = Tensors(stored, kind, {**config, **told}, all(part.loose for part in parts))
    source = next(iter(files)) if len(files) == 1 else f"{len(files)} files"
    return collected(tensors, source, settings, most=MOST, most_steps=MOST_STEPS)
