"""From whatever people have to tensors by name: paths, open files, bytes, mappings, pasted text."""

from __future__ import annotations

import builtins
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from inspector.conventions.layout import LARGEST
from inspector.formats import archives, json_files, matrix_market, numpy_files, safetensors_files, text, torch_files
from inspector.formats.stored import Tensors, from_mapping, together
from inspector.names import DIGITS
from inspector.reading import MOST, collected
from inspector.settings import Settings, flat_config
from inspector.site import Collection
from projectors import Projector
from projectors.checks import real_number, whole_number

CONFIG = "config.json"
WITHIN = {".safetensors", ".pt", ".pth", ".bin", ".npz", ".npy"}
BESIDE = re.compile(r"(training_args|optimizer|scheduler|scaler|rng_state)\b.*|rng_state_\d+\.pth")
"""What trainings leave in a model's folder that is no part of it."""

ZIP, HDF5, GZIP = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x1f\x8b"
JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*"')
"""How a dictionary begins, or a list of them; in other notations, braces hold numbers."""

PICKLES = {".pkl", ".pickle", ".pth", ".pt", ".bin", ".ckpt"}


def open(
    source: Any,
    *,
    hidden: Any = None,
    config: Mapping[str, Any] | str | Path | None = None,
    layout: str | None = None,
    iterations: int | None = None,
    epsilon: float | None = None,
    temperature: float | None = None,
    projector: Projector | None = None,
    transposed: bool = False,
    most: int = MOST,
) -> Collection:
    """Path, open file, bytes, mapping, module or array -> the mixing sites in it, in the order of its layers.

    Reads safetensors (one file, or a folder or index with shards; lazily), PyTorch's state_dicts (weights alone), .npy
    and .npz, csv, tsv and text, JSON, Matrix Market, .cool contact maps (with h5py), "hf://owner/name@revision" (with
    huggingface_hub, a few kilobytes of it), and modules. Settings of the checkpoint come from the config.json beside
    it, or from `config`; those inside a file count for that file alone, and before what lies beside it; what is given
    here goes before all; what nobody says is assumed and said. `hidden` are streams
    (..., n, d) by the names of sites, or an .npz of such: the result then holds a matrix for every token. What
    `layout`, `iterations`, `epsilon`, `temperature`, `projector` and `transposed` mean, `inspector.Settings` says; at
    most `most` matrices are taken, with n from 2 to 64.

    Raises ValueError for anything it cannot read, which says what was found.

    >>> import inspector
    >>> sites = inspector.open({"layers.0.mix": [[0.5, 0.5], [0.5, 0.5]]})
    >>> sites[0].name, sites[0].layer, sites[0].matrix.tolist()
    ('layers.0.mix', 0, [[0.5, 0.5], [0.5, 0.5]])
    """
    settings = Settings(layout, iterations, epsilon, temperature, projector, transposed)
    most = whole_number(most, "most", 1)
    tensors, told = _tensors(source)
    if config is not None:
        given = _config(Path(config)) if isinstance(config, str | Path) else config
        tensors = tensors.told(flat_config(given))
    return collected(tensors, told, settings, None if hidden is None else _hidden(hidden), most=most)


def parse(pasted: str, *, most: int = MOST, most_steps: float = inf, **settings: Any) -> Collection:
    """Text as people paste it -> the matrices in it; settings as for `open`.

    Rows of numbers or fractions, or the notation of Python, NumPy, LaTeX, MATLAB or JSON. Raises ValueError for text
    without a square matrix.

    >>> parse("1/2 1/2; 1/2 1/2")[0].matrix.tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if not isinstance(pasted, str):
        raise ValueError(f"parse wants text, not {type(pasted).__name__}")
    most = whole_number(most, "most", 1)
    most_steps = (
        inf if isinstance(most_steps, float) and most_steps == inf else real_number(most_steps, "most_steps", 0)
    )
    stripped = pasted.strip()
    tensors = json_files.read(stripped.encode()) if JSON.match(stripped.encode()) else text.read(pasted)
    return collected(tensors, "the text", Settings(**settings), most=most, most_steps=most_steps)


def from_bytes(data: bytes, name: str = "", *, hdf5: bool = True) -> Tensors:
    """Contents of a file, its name -> the tensors in it; told apart by how they begin, then by the name's ending.

    Without `hdf5`, files in that format are refused.
    """
    ending = Path(name).suffix.lower()
    told = f"{Path(name).name[:80]!r}" if name else "the data"
    if not data.strip():
        raise ValueError(f"{told} is empty")
    if data.startswith(ZIP):
        archive = archives.checked(BytesIO(data), told)
        return (
            torch_files.read(BytesIO(data))
            if torch_files.is_checkpoint(archive)
            else numpy_files.from_npz(partial(BytesIO, data))
        )
    if data.startswith(numpy_files.MAGIC):
        return numpy_files.from_npy(BytesIO(data), len(data))
    unmarked = data.removeprefix(BOM_UTF8)
    if unmarked.startswith(matrix_market.MAGIC):
        return matrix_market.read(unmarked, LARGEST)
    if data.startswith(HDF5):
        if not hdf5:
            raise ValueError(
                f"{told} is in HDF5, which must be read on your own machine: inspector.open reads .cool files"
            )
        from inspector.formats import cooler_files

        return cooler_files.read(BytesIO(data))
    if data.startswith(GZIP):
        raise ValueError(f"{told} is compressed with gzip: unpack it first")
    if ending == ".safetensors" or (data[8:9] == b"{" and int.from_bytes(data[:8], "little") < len(data)):
        return safetensors_files.from_bytes(data)
    if ending in PICKLES or data.startswith(b"\x80"):
        raise ValueError(
            f"{told} must be what torch.save writes, a zip archive; this is a bare pickle or an older format, and "
            "those run code when they are loaded"
        )
    if ending == ".json" or JSON.match(unmarked):
        return json_files.read(unmarked)
    if data.lstrip()[:15].lower().startswith((b"<!doctype", b"<html")):
        raise ValueError(f"{told} is a web page: download the file itself, not the page that shows it")
    return text.read(text.decoded(data, told), told)


def _tensors(source: Any) -> tuple[Tensors, str]:
    """Any source -> its tensors, and what to call it."""
    if isinstance(source, str) and source.startswith("hf://"):
        from inspector.hub import read as read_from_hub

        return read_from_hub(source), source
    if isinstance(source, str | Path):
        if source == "":  # as a path, it would be the current folder
            raise ValueError("there is no file ''")
        return _from_path(Path(source).expanduser())
    if isinstance(source, bytes | bytearray | memoryview):
        return from_bytes(bytes(source)), "the data"
    if isinstance(source, Mapping):
        return from_mapping(source, "a mapping", loose=True), "the mapping"
    if isinstance(source, torch.nn.Module):
        found = from_mapping(source.state_dict(), "a module")
        return Tensors(found.stored, found.kind, _module_config(source)), type(source).__name__
    if isinstance(source, Tensor) or hasattr(source, "__array__"):
        found = from_mapping({"matrix": source}, "an array", loose=True)
        if not found.stored:
            held = "nested" if getattr(source, "is_nested", False) else getattr(source, "dtype", type(source).__name__)
            raise ValueError(f"inspector.open wants an array of real numbers in rows of one length, not {held}")
        return found, "the array"
    if hasattr(source, "read"):
        data = source.read()
        name = str(getattr(source, "name", ""))
        if not isinstance(data, bytes):
            data = str(data).encode()
        return from_bytes(data, name), Path(name).name or "the file"
    raise ValueError(
        f"inspector.open wants a path, an open file, bytes, a mapping of tensors, a module or an array, "
        f"not {type(source).__name__}"
    )


def _module_config(module: torch.nn.Module) -> dict[str, Any]:
    """The configuration that transformers' models carry, or nothing."""
    config: Any = getattr(module, "config", None)
    return flat_config(config.to_dict()) if hasattr(config, "to_dict") else {}


def _from_path(path: Path) -> tuple[Tensors, str]:
    try:
        if path.is_dir():
            return _from_folder(path), str(path)
        if not path.exists():
            raise ValueError(f"there is no file {str(path)!r}")
        return _with_config(_from_file(path), path.parent), path.name
    except OSError as error:
        raise ValueError(f"{str(path)!r} cannot be read: {error.strerror or error}") from None


def _from_file(path: Path) -> Tensors:
    if path.name.endswith(".safetensors.index.json"):
        return safetensors_files.from_index(path)
    with builtins.open(path, "rb") as file:
        start = file.read(16)
        if path.suffix == ".safetensors":
            return safetensors_files.from_path(path)
        file.seek(0)
        if start.startswith(ZIP):
            return _from_zip(path, file)
        return from_bytes(file.read(), path.name)


def _from_zip(path: Path, file: BinaryIO) -> Tensors:
    if torch_files.is_checkpoint(archives.checked(file, path.name)):
        file.seek(0)
        return torch_files.read(file)
    return numpy_files.from_npz(lambda: path.open("rb"))


def _from_folder(path: Path) -> Tensors:
    """A model's folder, as `save_pretrained` or a training writes it, or one of files with matrices."""
    index, single = path / safetensors_files.INDEX, path / safetensors_files.SINGLE
    if index.exists():
        return _with_config(safetensors_files.from_index(index), path)
    if single.exists():  # beside it lies what it was made from
        return _with_config(safetensors_files.from_path(single), path)
    files = [file for file in path.iterdir() if file.suffix in WITHIN and not BESIDE.match(file.name)]
    files.sort(key=lambda file: (DIGITS.sub("#", file.name), [int(digits) for digits in DIGITS.findall(file.name)]))
    if not files:
        raise ValueError(f"{str(path)!r} must hold safetensors, checkpoints or arrays; there are none")
    parts = {file.name: _from_file(file) for file in files}
    return _with_config(together(parts, f"a folder of {len(files)} files"), path)


def _with_config(found: Tensors, folder: Path) -> Tensors:
    """Tensors -> the same with the settings of the config.json that lies in the folder."""
    config = folder / CONFIG
    if found.loose or not config.is_file():
        return found
    return replace(found, config={**_config(config), **found.config})


def _config(path: Path) -> dict[str, Any]:
    """Path of a configuration -> what it says."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ValueError(f"the configuration {str(path)!r} cannot be read: {error.strerror or error}") from None
    return flat_config(json_files.decoded(raw, CONFIG))


def _hidden(given: Any) -> dict[str, Tensor]:
    """Streams by site, or a file of such -> the same as tensors."""
    tensors, _ = _tensors(given)
    return {name: tensors.read(name) for name in tensors.stored}
