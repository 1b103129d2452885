"""What a network really mixes with: its matrices for the tokens that pass, by hooks on its hyper-connections."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from inspector.conventions import TABLE
from inspector.formats.stored import from_mapping, unwrapped
from inspector.opening import open
from inspector.site import Collection
from projectors.checks import instance, whole_number

MOST_TOKENS = 1024


class Recording:
    """The hidden streams that enter each site, kept while the context lasts; `collection()` makes matrices of them."""

    def __init__(self, model: nn.Module, most: int, settings: dict[str, Any]) -> None:
        self._model, self._most, self._settings = model, most, settings
        self._hidden: dict[str, list[Tensor]] = {}

    def keep(self, site: str, streams: Tensor) -> None:
        """Add streams (..., n, d) of some tokens, as long as there is room."""
        rows = streams.detach().reshape(-1, *streams.shape[-2:]).cpu()
        before = self._hidden.setdefault(site, [])
        left = self._most - sum(map(len, before))
        if left > 0:
            before.append(rows[:left].float() if rows.dtype in (torch.float16, torch.bfloat16) else rows[:left])

    def collection(self) -> Collection:
        """The sites of the model, with a matrix (tokens, n, n) where tokens passed; static ones have one for all."""
        hidden = {site: torch.cat(parts) for site, parts in self._hidden.items()}
        return open(self._model, hidden=hidden or None, **self._settings)


@contextmanager
def record(model: nn.Module, *, most_tokens: int = MOST_TOKENS, **settings: Any) -> Iterator[Recording]:
    """A torch model with hyper-connections of a known layout -> what enters them while the context lasts.

    Of each site the first `most_tokens` tokens are kept; a module that stands in several places has those of all of its
    uses in each. What is compiled runs as it was written meanwhile, since hooks would not be called; what a backward
    pass computes anew, as activation checkpointing does, is not counted twice. Settings are those of `inspector.open`.
    A site that does not depend on tokens has its one matrix. Raises ValueError if no site of the model is a module
    that can be watched.

    >>> import inspector
    >>> with inspector.record(torch.nn.Linear(2, 2)) as seen:
    ...     pass
    Traceback (most recent call last):
        ...
    ValueError: record wants a model with hyper-connections that depend on tokens; Linear has none of a known layout
    """
    instance(model, nn.Module, "the model")
    whole_number(most_tokens, "most_tokens", 1)
    recording = Recording(model, most_tokens, settings)
    named = dict(model.named_modules(remove_duplicate=False))
    modules = {unwrapped(name): module for name, module in named.items()} | named
    hooks = []
    for site, streams in _watched(model):
        if site in modules:
            hooks.append(modules[site].register_forward_pre_hook(_watch(recording, site, streams), with_kwargs=True))
    if not hooks:
        raise ValueError(
            f"record wants a model with hyper-connections that depend on tokens; {type(model).__name__} has none of a "
            "known layout"
        )
    try:
        with _as_written():
            yield recording
    finally:
        for hook in hooks:
            hook.remove()


def _as_written() -> AbstractContextManager[Any]:
    """While it lasts, nothing runs compiled. Where nothing has been compiled, the compiler is not imported for it."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


def _watched(model: nn.Module) -> Iterator[tuple[str, Callable[[Tensor], Tensor]]]:
    """Sites whose modules can be watched, and what makes streams of what enters them."""
    tensors = from_mapping(model.state_dict(), "a module")
    seen: set[str] = set()
    for layout in TABLE:
        for site in layout.sites(tensors):
            if site not in seen and layout.streams is not None:
                yield site, partial(layout.streams, tensors, site)
            seen.add(site)


def _watch(
    recording: Recording, site: str, streams: Callable[[Tensor], Tensor]
) -> Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], None]:
    """What a module is given first, by place or by name, are its streams."""

    def watch(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        first = next(iter([*given, *named.values()]), None)
        anew = torch._C._current_graph_task_id() != -1  # within a backward pass
        if isinstance(first, Tensor) and not anew:
            recording.keep(site, streams(first))

    return watch
