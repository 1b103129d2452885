"""The name of a projector in a module's state: so that a file alone says what its parameters mean."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from projectors.base import MatrixMap


class Recipe(nn.Module):
    """Keeps what a projector prints as under `text`, in bytes, which every format of tensors holds.

    A state that was made with another projector is refused, even where all its shapes fit, and the parameters of the
    module that it belongs to stay as they are. What is written is what
    the projector prints as at that moment: averages of models average their buffers, too, and letters have no mean.
    """

    text: Tensor

    def __init__(self, projector: MatrixMap) -> None:
        super().__init__()
        self.projector = projector
        self.register_buffer("text", _letters(projector))

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if not self.text.is_meta:
            destination[f"{prefix}text"] = _letters(self.projector).to(self.text.device)

    def guard(self, owner: nn.Module, path: str = "recipe") -> None:
        """Let no state of another projector into the parameters of the module that has this as its `path`.

        torch loads whatever fits before it raises.
        """
        owner.register_load_state_dict_pre_hook(partial(self._keep, path))

    def _keep(self, path: str, owner: nn.Module, state_dict: Any, prefix: str, *_: Any) -> None:
        if self._other(state_dict.get(f"{prefix}{path}.text")) is not None:
            own = owner.named_parameters(recurse=False)
            state_dict.update({f"{prefix}{name}": parameter.detach() for name, parameter in own})

    def _other(self, given: Tensor | None) -> str | None:
        """The text of a state, if it has one -> what its projector prints as, if that is another one."""
        stored = None if given is None else written(given)
        return None if stored == repr(self.projector) else stored

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        if (stored := self._other(state_dict.get(f"{prefix}text"))) is not None:
            errors = args[-1]
            errors.append(f"{prefix}text: the state is that of {stored}, and this module has {self.projector}")
            state_dict = {**state_dict, f"{prefix}text": self.text}
        super()._load_from_state_dict(state_dict, prefix, *args)

    def extra_repr(self) -> str:
        """What is kept."""
        return repr(self.projector)


def _letters(projector: MatrixMap) -> Tensor:
    """Projector -> what it prints as, in bytes (k,)."""
    return torch.tensor(list(repr(projector).encode()), dtype=torch.uint8)


def written(text: Tensor) -> str:
    """Bytes (k,) -> the words that they are."""
    return bytes(text.to(torch.uint8).tolist()).decode(errors="replace")
