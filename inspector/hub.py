"""Models on the Hugging Face Hub, of which only the headers and the mixing parameters are fetched, by ranges of bytes.

Needs huggingface_hub, an optional dependency, which also knows the reader's token and HF_ENDPOINT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor

from inspector.conventions import TABLE
from inspector.formats import json_files, safetensors_files
from inspector.formats.stored import Stored, Tensors
from inspector.names import last
from inspector.settings import flat_config

ADDRESS = re.compile(r"hf://(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")
FIRST = 100_000
"""Bytes fetched of each file at first: most headers are shorter."""

KEYS = tuple(key for layout in TABLE for key in layout.keys)
ENDS = re.compile(r"[._]")
"""Where a site's part of a name may end."""

Fetch = Callable[[str, int, int], bytes]
"""File, first byte, number of bytes -> those bytes."""


def read(address: str) -> Tensors:
    """Address such as "hf://owner/name@revision" -> the tensors of the files that hold mixing parameters.

    A tensor is fetched when it is read. Raises ValueError for another form, without huggingface_hub, without a
    connection, and for a model without safetensors.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"an address on the Hub must be hf://owner/name or hf://owner/name@revision, not {address!r}")
    try:
        from huggingface_hub import HfFileSystem
    except ImportError:
        raise ValueError(f"{address} needs huggingface_hub: pip install huggingface_hub") from None
    files = HfFileSystem()
    root = found["repo"] + (f"@{found['revision'].replace('/', '%2F')}" if found["revision"] else "")

    def fetch(name: str, start: int, count: int) -> bytes:
        with files.open(f"{root}/{name}", "rb", cache_type="none") as file:
            file.seek(start)
            return bytes(file.read(min(count, file.size - start)))

    try:
        names = {str(path).rpartition("/")[2] for path in files.ls(root, detail=False)}
        config = _whole(files, f"{root}/config.json") if "config.json" in names else b"{}"
        shards = _shards(files, root, names)
        stored = {name: entry for shard in shards for name, entry in _listed(fetch, shard).items()}
    except ValueError:
        raise
    except Exception as error:  # whatever the network, the Hub and its library may raise
        raise ValueError(f"{address} cannot be read: {_sentence(error)}") from None
    settings = flat_config(json_files.decoded(config, "config.json"))
    return Tensors(stored, f"a model on the Hub ({len(shards)} files looked into)", settings)


def _whole(files: Any, path: str) -> bytes:
    with files.open(path, "rb", cache_type="none") as file:
        return bytes(file.read(min(file.size, safetensors_files.LARGEST_HEADER)))


def _shards(files: Any, root: str, names: set[str]) -> list[str]:
    """The files that hold a parameter by which a layout finds its sites, or another one of such a site.

    Of a model in one file, that file.
    """
    if safetensors_files.INDEX in names:
        files_of = safetensors_files.weight_map(_whole(files, f"{root}/{safetensors_files.INDEX}"))
        keyed = [name for name in files_of if name.endswith(KEYS)]
        sites = {_beginning(name) for name in keyed}
        beside = (name for name in files_of if any(name[: end.end()] in sites for end in ENDS.finditer(name)))
        chosen = sorted({files_of[name] for name in (*keyed, *beside)} & names)
        if not chosen:
            raise ValueError(f"{root} must hold mixing parameters; none of its names is of a known layout")
        return chosen
    if safetensors_files.SINGLE in names:
        return [safetensors_files.SINGLE]
    raise ValueError(
        f"{root} must hold {safetensors_files.SINGLE} or its index; there are {', '.join(sorted(names)[:6])}"
    )


def _beginning(name: str) -> str:
    """Name of a parameter by which a layout finds a site -> how the names of all parameters of the site begin."""
    inner = next((key for key in KEYS if "." in key and name.endswith(f".{key}")), "")  # of a module within the site
    if inner:
        owner = name.removesuffix(inner)
        return owner.removesuffix("0.") if "parametrizations." in owner else owner
    return name[: name.rfind("_" if last(name).startswith("hc_") else ".") + 1] or name


def _listed(fetch: Fetch, shard: str) -> dict[str, Stored]:
    """The tensors of one file, from its header."""
    start = fetch(shard, 0, FIRST)
    length = safetensors_files.header(start, 2**62)
    raw = start[8 : 8 + length] if len(start) >= 8 + length else fetch(shard, 8, length)
    entries = json_files.decoded(raw, f"the header of {shard}")
    return {
        name: safetensors_files.entry(name, said, partial(_read, fetch, shard, 8 + length, name, said))
        for name, said in (entries.items() if isinstance(entries, dict) else ())
        if name != "__metadata__"
    }


def _read(fetch: Fetch, shard: str, offset: int, name: str, said: Any) -> Tensor:
    begin, end = said["data_offsets"]
    try:
        raw = fetch(shard, offset + begin, end - begin)
    except Exception as error:  # as above
        raise ValueError(f"{name} cannot be fetched from {shard}: {_sentence(error)}") from None
    return safetensors_files.alone(name, said, raw)


def _sentence(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or repr(error)
