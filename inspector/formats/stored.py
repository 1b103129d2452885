"""Named tensors as a file holds them."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inspector.names import FILE

MOST_NAMES = 1_000_000
"""Names that a file may hold; a model of 60 layers with 400 experts each has a tenth of them."""

DEEPEST = 16
"""How deep dictionaries and lists may be nested."""

MOST_NUMBERS = 2**22
"""Numbers of a list, or of a tensor that repeats its own, that are read: few bytes may name one many times over."""

PATH = re.compile(r"[\w.]+(?:/[\w.]+){2,}")
"""Names that go by slashes, as in flax."""

WRAPPERS = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
"""Parts of names that DistributedDataParallel, torch.compile, FSDP and activation checkpointing put in."""

CONFIGS = {"config", "model_config", "model_args", "args", "hparams", "hyper_parameters"}
"""Dictionaries of settings that are the model's own, before those of any other name beside them."""

SKIPPED = {"optimizer", "optim", "optimizer_state_dict", "lr_scheduler", "scheduler", "scaler"}
"""What training saves beside a model, and what holds moments of the parameters that look like them."""


Scope = tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """A tensor that has not been read yet: its shape, the type of its numbers as it is stored, and how to read it.

    `scope`: the file and the dictionaries that it lies in, whose settings count for it.
    """

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Tensor]
    scope: Scope = ()

    @classmethod
    def of(cls, tensor: Tensor, scope: Scope = ()) -> Stored:
        """A tensor in memory."""
        return cls(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), lambda: tensor, scope)


@dataclass(frozen=True)
class Tensors:
    """What a file or a mapping holds: tensors by name, and its settings, if it has any.

    `kind` says what it was read as. `config` counts for all of it, `own` for what lies in one scope, before `config`.
    `loose`: a table of numbers rather than a checkpoint, so that every square matrix
    in it is meant; in a checkpoint most of them are weights of something else.
    """

    stored: Mapping[str, Stored]
    kind: str
    config: Mapping[str, Any] = field(default_factory=dict)
    loose: bool = False
    own: Mapping[Scope, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        short = {unwrapped(name): entry for name, entry in self.stored.items()}
        if len(short) == len(self.stored):  # else two would be called alike, and one of them be lost
            object.__setattr__(self, "stored", short)

    def read(self, name: str) -> Tensor:
        """Name -> its numbers in float64, detached and on the CPU. Raises ValueError for anything but real numbers."""
        tensor = self.stored[name].read().detach()
        if tensor.is_complex() or tensor.is_quantized or tensor.layout != torch.strided or tensor.is_meta:
            raise ValueError(f"{name} must hold real numbers in the open, not {_kind(tensor)}")
        try:
            return tensor.cpu().double()
        except (RuntimeError, NotImplementedError):  # types that torch stores and does not compute with
            raise ValueError(f"{name} must hold numbers that become float64, not {tensor.dtype}") from None

    def __contains__(self, name: str) -> bool:
        return name in self.stored

    def shape(self, name: str) -> tuple[int, ...]:
        """Name -> the shape stored under it, () if there is nothing."""
        entry = self.stored.get(name)
        return () if entry is None else entry.shape

    def dtype(self, name: str) -> str:
        """Name -> the type of its numbers as stored, such as "bfloat16"."""
        return self.stored[name].dtype

    def config_of(self, name: str) -> Mapping[str, Any]:
        """Name -> the settings that count for it, those of its nearest scope first."""
        scope = self.stored[name].scope
        chain: list[Any] = [*(self.own.get(scope[:length], {}) for length in range(len(scope), 0, -1)), self.config]
        return ChainMap(*chain)

    def told(self, config: Mapping[str, Any]) -> Tensors:
        """The same with settings that go before all that its files say."""
        own = {scope: {key: said[key] for key in said if key not in config} for scope, said in self.own.items()}
        return replace(self, config={**self.config, **config}, own=own)

    @property
    def summary(self) -> str:
        """What is there, for those who do not find what they look for."""
        names = [f"{name} {list(entry.shape)}" for name, entry in islice(self.stored.items(), 4)]
        more = f" and {len(self.stored) - len(names):,} more" if len(self.stored) > len(names) else ""
        return f"{self.kind} with {', '.join(names)}{more}" if names else f"{self.kind} without any tensor"


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype} ({'no numbers: on the meta device' if tensor.is_meta else tensor.layout})"


def together(parts: Mapping[str, Tensors], kind: str) -> Tensors:
    """What several files hold, by their names -> all of it; `kind` says what they are together.

    Tensors are named after their files if two are called alike; settings of a file count for what is in it alone.
    """
    if len(parts) == 1:
        return next(iter(parts.values()))
    entries = [
        (file, name, replace(entry, scope=(file, *entry.scope)))
        for file, part in parts.items()
        for name, entry in part.stored.items()
    ]
    stored = {name: entry for _, name, entry in entries}
    if len(stored) < len(entries):
        stored = {f"{file}{FILE}{name}": entry for file, name, entry in entries}
    own: dict[Scope, Mapping[str, Any]] = {(file,): part.config for file, part in parts.items()}
    own |= {(file, *scope): said for file, part in parts.items() for scope, said in part.own.items()}
    return Tensors(stored, kind, {}, all(part.loose for part in parts.values()), own)


def unwrapped(name: str) -> str:
    """Name of a parameter -> the same without what wrappers of the model put in.

    >>> unwrapped("_orig_mod.module.transformer.h.0.hc_attn.static_alpha")
    'transformer.h.0.hc_attn.static_alpha'
    """
    dotted = name.replace("/", ".") if PATH.fullmatch(name) else name
    return ".".join(part for part in dotted.split(".") if part not in WRAPPERS)


def from_mapping(given: Mapping[Any, Any], kind: str, *, loose: bool = False) -> Tensors:
    """Nested dictionaries of tensors, arrays and settings -> what they hold.

    Tensors under the names that lead to them; numbers and words outside of lists are settings, of the innermost
    dictionary around them that holds tensors: a teacher's are not its student's. Of several of one name there, the
    outermost counts, then what `CONFIGS` name. nanoGPT's checkpoints hold the parameters as `model`: that name is left
    out, where all others then still differ. Optimizer states are passed over. Raises ValueError for what is too large
    or nested too deep, and where two paths to tensors read alike.
    """
    found: dict[Scope, Stored] = {}
    settings: dict[Scope, Any] = {}
    lists: dict[int, Tensor | None] = {}  # each is looked at once, however many names it has
    for path, value in _leaves(given, kind):
        if isinstance(value, list | tuple):
            if id(value) not in lists:
                lists[id(value)] = _as_tensor(value)
            tensor = lists[id(value)]
        else:
            tensor = _as_tensor(value)
        if tensor is not None:
            found[path] = Stored.of(tensor, path[:-1])
        elif isinstance(value, bool | int | float | str):
            settings[path] = value
    config, own = _scoped(settings, found)
    return Tensors(_named(found, kind), kind, config, loose, own)


def _named(found: Mapping[Scope, Stored], kind: str) -> dict[str, Stored]:
    """Tensors by path -> by name, without the wrapper that training puts around a model, unless that makes two one."""
    short = {
        ".".join(path[1:] if path[0] in {"model", "state_dict", "model_state_dict"} and path[1:] else path): entry
        for path, entry in found.items()
    }
    full = short if len(short) == len(found) else {".".join(path): entry for path, entry in found.items()}
    if len(full) < len(found):
        raise ValueError(f"{kind} must not lead to two tensors by one name, such as 'a.b' and 'b' in 'a'")
    return full


def _scoped(
    settings: Mapping[Scope, Any], tensors: Iterable[Scope]
) -> tuple[dict[str, Any], dict[Scope, dict[str, Any]]]:
    """Settings by path, paths of tensors -> the settings of the whole, and those of dictionaries inside it.

    Of two that say different things of one name, and neither goes before the other, neither counts.
    """
    holding: set[Scope] = {()}
    for path in tensors:
        scope = path[:-1]
        while scope not in holding:
            holding.add(scope)
            scope = scope[:-1]
    said: dict[tuple[Scope, str], tuple[tuple[int, bool], Any]] = {}
    for path, value in settings.items():
        scope = path[:-1]
        while scope not in holding:
            scope = scope[:-1]
        rank = len(path) - len(scope), path[len(scope)] not in CONFIGS
        key = scope, path[-1]
        before, known = said.get(key, (rank, value))
        if rank <= before:
            said[key] = rank, value if rank < before or value == known else None
    own: dict[Scope, dict[str, Any]] = {}
    for (scope, name), (_, value) in said.items():
        own.setdefault(scope, {})[name] = value
    return own.pop((), {}), own


def _leaves(given: Mapping[Any, Any], kind: str) -> Iterator[tuple[Scope, Any]]:
    """Nested dictionaries, and lists of such -> paths and what stands at their ends."""
    stack: list[tuple[Scope, Any]] = [((str(key),), value) for key, value in reversed(list(given.items()))]
    seen = 0
    while stack:
        path, value = stack.pop()
        seen += 1
        if seen > MOST_NAMES:
            raise ValueError(f"{kind} must hold at most {MOST_NAMES:,} names; there are more")
        if isinstance(value, list | tuple) and len(value) > 0 and isinstance(value[0], Mapping):
            value = dict(enumerate(value))
        if isinstance(value, Mapping):
            if path[-1] in SKIPPED:
                continue
            if len(path) >= DEEPEST:
                raise ValueError(f"{kind} must not nest dictionaries deeper than {DEEPEST}")
            stack += [((*path, str(key)), inner) for key, inner in reversed(list(value.items()))]
        else:
            yield path, value


def _as_tensor(value: Any) -> Tensor | None:
    """Anything -> the tensor it is, or None: a list counts if it is one of numbers, in rows of one length.

    What NumPy masks is nan.
    """
    if isinstance(value, Tensor):
        return None if value.is_nested else value
    if isinstance(value, list | tuple):
        value = _as_array(value)
    elif hasattr(value, "__array__") and not isinstance(value, np.ndarray | np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind in "iufb":
        value = np.where(np.ma.getmaskarray(value), np.nan, value.data)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iufb":
        native = np.float64 if value.dtype.itemsize > 8 else value.dtype.newbyteorder("=")
        return torch.from_numpy(np.require(value, native, ["C", "W"]))
    return None


def _as_array(rows: list[Any] | tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
    try:
        shape = _shape(rows, {})
        if shape is None or prod(shape) > MOST_NUMBERS:
            return None
        return np.array(_detached(rows), dtype=np.float64)
    except (TypeError, ValueError, OverflowError, RecursionError, RuntimeError):
        return None


def _shape(rows: Any, known: dict[int, tuple[int, ...] | None]) -> tuple[int, ...] | None:
    """Nested lists -> the shape of their array, None for rows of several; each list is looked at once."""
    if isinstance(rows, Tensor | np.ndarray):
        return tuple(rows.shape)
    if not isinstance(rows, list | tuple):
        return ()
    if id(rows) not in known:
        known[id(rows)] = None  # of a list that holds itself
        kinds = {type(row) for row in rows}
        inner = [()] if kinds <= {int, float} else list({_shape(row, known) for row in rows})
        if len(inner) == 1 and inner[0] is not None:
            known[id(rows)] = (len(rows), *inner[0])
    return known[id(rows)]


def _detached(rows: Any) -> Any:
    """Nested lists of numbers and tensors -> the same with tensors as arrays."""
    if isinstance(rows, Tensor):
        return rows.detach().cpu().double().numpy()
    if isinstance(rows, list | tuple) and any(isinstance(row, Tensor | list | tuple) for row in rows):
        return [_detached(row) for row in rows]
    return rows
