"""Files from strangers: bounded before they are parsed, and no format among them whose library is not made for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inspector.formats import json_files
from inspector.formats.stored import Tensors, together
from inspector.opening import CONFIG, from_bytes
from inspector.reading import collected
from inspector.settings import Settings, flat_config
from inspector.site import Collection

LARGEST = 64 * 2**20
"""Bytes of a file."""

MOST, MOST_STEPS = 4096, 400_000
"""Matrices, and Sinkhorn iterations of all of them together, or what takes as long: ten seconds."""

MOST_NUMBERS = 2**25
"""Numbers that matrices and logits hold together, of 8 bytes each: as many as files can of half precision."""


def uploaded(files: Mapping[str, bytes], settings: Settings) -> Collection:
    """Files by name, settings -> the mixing sites in them; a config.json among them speaks for those that do not.

    As `inspector.open` reads bytes, within 64 MB of all files together and 4,096 matrices. HDF5 is refused: its library
    is not made for files from strangers. Raises ValueError, which names the file.
    """
    size = sum(map(len, files.values()))
    if size > LARGEST:
        raise ValueError(f"at most {LARGEST // 2**20} MB are taken; these files have {size / 2**20:.0f}")
    config: dict[str, Any] = {}
    parts: dict[str, Tensors] = {}
    for name, data in files.items():
        if name.rpartition("/")[2] == CONFIG:
            if config:
                raise ValueError(f"at most one {CONFIG} is taken, which speaks for all files; there are several")
            config = flat_config(json_files.decoded(data, CONFIG))
        else:
            parts[name] = from_bytes(data, name, hdf5=False)
    if not parts:
        raise ValueError(f"{CONFIG} alone holds no matrices: upload it together with the checkpoint")
    whole = together(parts, f"{len(parts)} files")
    tensors = replace(whole, config={**config, **whole.config})
    source = next(iter(files)) if len(files) == 1 else f"{len(files)} files"
    return collected(tensors, source, settings, most=MOST, most_steps=MOST_STEPS, most_numbers=MOST_NUMBERS)
