"""Text to tokens and back: characters, or GPT-2's pieces of words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from networks.language_model.model import LARGEST_VOCABULARY

Kind = Literal["characters", "gpt2"]

END = "<|endoftext|>"
"""What stands between the stories of a file or a dataset."""

Tokens = NDArray[np.uint16]


class Encoding(ABC):
    """Text to tokens and back."""

    kind: Kind

    @property
    @abstractmethod
    def size(self) -> int:
        """How many different tokens there are."""

    @abstractmethod
    def encode(self, text: str) -> Tokens:
        """Text -> tokens (k,). Raises ValueError for text that has none."""

    @abstractmethod
    def decode(self, tokens: Sequence[int]) -> str:
        """Tokens (k,) -> text."""

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """What `encoding` makes an equal one from, for JSON."""


@dataclass(frozen=True)
class Characters(Encoding):
    """Every character of `alphabet`, sorted and without repetition, is a token."""

    alphabet: str
    kind = "characters"

    def __post_init__(self) -> None:
        if not 2 <= len(self.alphabet) <= LARGEST_VOCABULARY:
            kinds = len(self.alphabet)
            raise ValueError(f"a text must have from 2 to {LARGEST_VOCABULARY:,} different characters, not {kinds:,}")

    @staticmethod
    def of(texts: Iterable[str]) -> Characters:
        """Pieces of a text -> its characters."""
        found: set[str] = set()
        for text in texts:
            found.update(text)
        return Characters("".join(sorted(found)))

    @cached_property
    def _letters(self) -> NDArray[np.uint32]:
        return np.array([ord(letter) for letter in self.alphabet], np.uint32)

    @property
    def size(self) -> int:
        """How many different characters there are."""
        return len(self.alphabet)

    def encode(self, text: str) -> Tokens:
        """Text -> the place of each character in the alphabet. Raises ValueError for one that is not in it."""
        letters = self._letters
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        places = np.searchsorted(letters, codes).clip(max=len(letters) - 1)
        if (wrong := letters[places] != codes).any():
            stranger = chr(int(codes[wrong.argmax()]))
            raise ValueError(f"the network knows {self.size} characters, and {stranger!r} is none of them")
        return places.astype(np.uint16)

    def decode(self, tokens: Sequence[int]) -> str:
        """Places -> their characters."""
        return "".join(self.alphabet[token] for token in tokens)

    def described(self) -> dict[str, Any]:
        """The alphabet."""
        return {"kind": self.kind, "alphabet": self.alphabet}


@dataclass(frozen=True)
class GPT2(Encoding):
    """GPT-2's 50,257 pieces of words, by `tiktoken`; the network has room for 50,304, a multiple of 64."""

    kind = "gpt2"

    @cached_property
    def _pieces(self) -> Any:
        try:
            import tiktoken
        except ImportError as error:
            raise ValueError("GPT-2's tokens need tiktoken: pip install tiktoken") from error
        try:
            return tiktoken.get_encoding("gpt2")
        except Exception as error:  # whatever its download raises: requests' errors, sockets', its own
            raise ValueError(
                "tiktoken could not get GPT-2's files from the network. Where there is none, copy its cache from a "
                f"machine that has one and name the folder in TIKTOKEN_CACHE_DIR. It said: {type(error).__name__}"
            ) from error

    @property
    def size(self) -> int:
        """50,304, as in the paper's network."""
        return 50_304

    def encode(self, text: str) -> Tokens:
        """Text -> tokens; `END` is one of its own, as in the files of TinyStories."""
        return np.array(self._pieces.encode(text, allowed_special={END}, disallowed_special=()), np.uint16)

    def decode(self, tokens: Sequence[int]) -> str:
        """Tokens -> text; those that stand for nothing are left out."""
        return str(self._pieces.decode([token for token in tokens if token < self._pieces.n_vocab]))

    def described(self) -> dict[str, Any]:
        """Its name."""
        return {"kind": self.kind}


def encoding(described: dict[str, Any]) -> Encoding:
    """What `described` gave -> an equal encoding. Raises ValueError for anything else."""
    match described:
        case {"kind": "characters", "alphabet": str(alphabet)}:
            return Characters(alphabet)
        case {"kind": "gpt2"}:
            return GPT2()
        case _:
            raise ValueError(f"an encoding is characters with their alphabet, or gpt2, not {str(described)[:100]}")
