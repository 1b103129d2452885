"""PyTorch checkpoints: `torch.load(weights_only=True)`, after a look at what the pickle in them would call."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO

import torch

from inspector.formats import archives
from inspector.formats.stored import MOST_NUMBERS, Tensors, from_mapping
from projectors import Projector

KIND = "a PyTorch checkpoint"
LARGEST_PICKLE = 8_000_000
"""Bytes that name tensors: a model of 40,000 has half of them."""

NAMING = {"GLOBAL", "INST", "STACK_GLOBAL"}
HARMLESS = {
    "collections OrderedDict",
    "torch Size",
    "torch device",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_tensor_v3",
    "torch.nn.parameter Parameter",
    "torch.storage UntypedStorage",
}
"""What the pickle of a state_dict names, besides types of numbers and this project's own values. More than this may
be harmless and loaded by `weights_only`, but bytearray(10**12) would be, too."""

UNTYPED = "torch.storage UntypedStorage"
"""The storage of numbers of newer types, such as float8. Called with a length it would be memory, of that length and
with whatever stood there before; so it may only be named, where a word must follow: that is no length."""

PUTS, GETS, WORDS = {"BINPUT", "LONG_BINPUT"}, {"BINGET", "LONG_BINGET"}, {"BINUNICODE", "SHORT_BINSTRING"}
OTHERS = {
    "torch._utils _rebuild_": "tensors that are sparse, quantized, nested or without numbers; save dense ones",
    "torch._tensor _rebuild_": "tensors with attributes, or of a class of their own; save plain ones",
    "numpy": "NumPy arrays; save those with numpy.savez, or as tensors",
}
"""What is harmless and not read, by how it begins."""


def is_checkpoint(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive is what `torch.save` writes."""
    return any(name.rpartition("/")[2] == "data.pkl" for name in archive.namelist())


def read(file: BinaryIO) -> Tensors:
    """An open file -> the tensors of its state_dict or of the dictionary that it lies in.

    Raises ValueError for a damaged file and for one that holds Python objects besides: those run code when loaded.
    """
    archive = archives.checked(file, KIND)
    members = [name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl"]
    if len(members) != 1 or any("/code/" in f"/{name}" for name in archive.namelist()):
        raise ValueError(f"{KIND} must be the state_dict that torch.save wrote; this is another archive of PyTorch's")
    _look(archive, members[0])
    file.seek(0)
    try:
        held: Any = torch.load(file, map_location="cpu", weights_only=True)
    except archives.DAMAGED as error:
        raise ValueError(f"{KIND} must be intact; this one is not: {_first_sentence(error)}") from None
    if isinstance(held, torch.Tensor | list | tuple):
        held = {"tensor": held} if isinstance(held, torch.Tensor) else dict(enumerate(held))
    if not isinstance(held, Mapping):
        raise ValueError(f"{KIND} must hold a dictionary of tensors, not {type(held).__name__}")
    found = from_mapping(held, KIND)
    for name, entry in found.stored.items():
        tensor = entry.read()
        repeated = tensor.layout == torch.strided and tensor.nbytes > tensor.untyped_storage().nbytes()
        if repeated and tensor.numel() > MOST_NUMBERS:
            raise ValueError(f"{KIND} must hold its numbers; {name} repeats few of them {tensor.numel():,} times")
    return found


def _look(archive: zipfile.ZipFile, member: str) -> None:
    """Raise ValueError if the pickle names anything that a state_dict does not need."""
    if archive.getinfo(member).file_size > LARGEST_PICKLE:
        raise ValueError(f"{KIND} must not hold more than {LARGEST_PICKLE:,} bytes of names")
    ours = {f"{cls.__module__} {cls.__qualname__}" for cls in _subclasses(Projector)}
    named, untyped = [], _Untyped()
    try:
        for code, what, _ in pickletools.genops(archive.read(member)):
            untyped.see(code.name, what)
            if code.name in NAMING:
                named.append((code.name, str(what)[:200]))
    except archives.DAMAGED as error:
        raise ValueError(f"{KIND} must be intact; this one is not: {_first_sentence(error)}") from None
    for kind, what in named:
        if kind == "STACK_GLOBAL":
            raise ValueError(f"{KIND} must be written with torch.save's own protocol, 2; this one is newer")
        if not _harmless(what, ours):
            others = (f"{other}: {what[:80]!r}" for begin, other in OTHERS.items() if what.startswith(begin))
            objects = (
                f"{what[:80]!r}, and Python objects run code when they are loaded. Save model.state_dict() instead"
            )
            raise ValueError(
                f"{KIND} must hold tensors, numbers and words alone; this one holds {next(others, objects)}"
            )
    if untyped.called:
        raise ValueError(f"{KIND} must be what torch.save writes; this one calls {UNTYPED!r}")


class _Untyped:
    """Watches the steps of a pickle, one after another: is a word next wherever one names `UNTYPED`, or gets it?"""

    def __init__(self) -> None:
        self.called = self._named = False
        self._kept: set[Any] = set()

    def see(self, kind: str, what: Any) -> None:
        """Look at the next step."""
        if self._named and kind in PUTS:
            self._kept.add(what)
            return
        self.called |= self._named and kind not in WORDS
        self._named = (kind in NAMING and what == UNTYPED) or (kind in GETS and what in self._kept)


def _harmless(called: str, ours: set[str]) -> bool:
    module, _, name = called.partition(" ")
    number = module == "torch" and (name.endswith("Storage") or isinstance(getattr(torch, name, None), torch.dtype))
    return number or called in HARMLESS or called in ours


def _subclasses(cls: type) -> set[type]:
    below: list[type] = cls.__subclasses__()
    return {cls}.union(*(_subclasses(each) for each in below))


def _first_sentence(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
