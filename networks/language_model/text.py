"""Text as tokens: characters or GPT-2's pieces of words, kept in a file of 16-bit numbers that is never read whole."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from networks.language_model.model import LARGEST_VOCABULARY
from networks.whole_files import replaced, replacing

Kind = Literal["characters", "gpt2"]

HELD_OUT = 0.1
"""The part at the end of a text that is not trained on."""

END = "<|endoftext|>"
"""What stands between the stories of a file or a dataset."""

PIECE = 2**20
"""Characters that are encoded at a time."""

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


@dataclass(frozen=True)
class Corpus:
    """A text as tokens: `training`, and `held_out`, the last tenth, of which `held_out_bytes` is the length in UTF-8.

    Both are windows on a file.
    """

    encoding: Encoding
    training: Tokens
    held_out: Tokens
    held_out_bytes: int

    @property
    def bytes_per_token(self) -> float:
        """How many bytes of the held out text a token stands for."""
        return self.held_out_bytes / len(self.held_out)

    @staticmethod
    def kept(folder: str | Path) -> Corpus | None:
        """What `prepared` left in a folder, or None where there is nothing whole."""
        return _kept(Path(folder), None)

    def unigram_entropy(self) -> float:
        """The entropy of the training text's tokens in nats: the loss of who knows how frequent each is, no more."""
        counts = np.bincount(self.training, minlength=self.encoding.size)
        shares = counts[counts > 0] / counts.sum()
        return float(-(shares * np.log(shares)).sum())


def prepared(source: str | Path, kind: Kind, folder: str | Path, known: Encoding | None = None) -> Corpus:
    """A text file, a folder of .txt files, or a dataset, kind of tokens -> the text as tokens, kept in a folder.

    `source` may be "dataset:NAME" for the column `text` of what `datasets` loads, or "dataset:FILE.parquet". `known` is
    the encoding of a network that exists already. What lies in the folder from the same source is used again. Raises
    ValueError for a source that is not there, is not UTF-8, or is too short.
    """
    folder = Path(folder)
    about = {"source": _fingerprint(str(source)), "kind": kind, "known": known.described() if known else None}
    if (kept := _kept(folder, about)) is not None:
        return kept
    if known is None:
        known = Characters.of(pieces(source)) if kind == "characters" else GPT2()
    folder.mkdir(parents=True, exist_ok=True)
    length = 0
    with replacing(folder / "tokens.bin") as partial:
        with partial.open("wb") as file:
            for piece in pieces(source):
                tokens = known.encode(piece)
                file.write(tokens.tobytes())
                length += len(tokens)
        if length < 20:
            raise ValueError(f"the text must have 20 tokens at least, not {length}")
    split = length - max(2, int(length * HELD_OUT))
    held_out = np.memmap(folder / "tokens.bin", np.uint16, "r")[split:]
    size = sum(
        len(known.decode(held_out[begin : begin + PIECE].tolist()).encode("utf-8", "surrogatepass"))
        for begin in range(0, len(held_out), PIECE)
    )
    written = {**about, "encoding": known.described(), "length": length, "split": split, "held_out_bytes": size}
    replaced(folder / "tokens.json", json.dumps(written, ensure_ascii=False))
    found = _kept(folder, about)
    assert found is not None
    return found


def _kept(folder: Path, about: dict[str, Any] | None) -> Corpus | None:
    """What lies in the folder, if it is about this source; None: about any."""
    try:
        written = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
        if about is not None and {name: written.get(name) for name in about} != about:
            return None
        tokens = np.memmap(folder / "tokens.bin", np.uint16, "r")
    except (OSError, ValueError):
        return None
    if len(tokens) != written["length"]:
        return None
    split = written["split"]
    return Corpus(encoding(written["encoding"]), tokens[:split], tokens[split:], written["held_out_bytes"])


def _fingerprint(source: str) -> list[Any]:
    """What tells one source from another, and from itself after a change."""
    if source.startswith("dataset:") and not Path(source.removeprefix("dataset:")).exists():
        return [source]
    named = Path(source.removeprefix("dataset:"))
    return [source, *([str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in _files(named))]


def _files(named: Path) -> list[Path]:
    """A file, or a folder -> the files meant."""
    if named.is_dir():
        found = sorted(path for path in named.rglob("*.txt") if path.is_file())
        if not found:
            raise ValueError(f"the folder {named} holds no .txt files")
        return found
    if not named.is_file():
        raise ValueError(f"there is no file or folder {named}")
    return [named]


def pieces(source: str | Path) -> Iterator[str]:
    """A source -> its text, piece by piece. Raises ValueError as `prepared` does."""
    source = str(source)
    if source.startswith("dataset:"):
        yield from _rows(source.removeprefix("dataset:"))
        return
    for path in _files(Path(source)):
        try:
            with path.open(encoding="utf-8-sig") as file:
                while piece := file.read(PIECE):
                    yield piece
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not UTF-8 text: byte {error.start:,} of a piece of it is not") from error
        yield "\n"


def _rows(name: str) -> Iterator[str]:
    """A dataset -> the texts of its rows for training, each followed by a line of its own that ends it."""
    try:
        import datasets
    except ImportError as error:
        raise ValueError("a dataset needs the library of that name: pip install datasets") from error
    try:
        if Path(name).exists():
            found = datasets.load_dataset("parquet", data_files=name, split="train")
        else:
            found = datasets.load_dataset(name, split="train", streaming=True)
    except Exception as error:  # the library's own, and those of pyarrow, fsspec, and the network
        raise ValueError(f"datasets could not load {name!r}: {type(error).__name__}: {str(error)[:200]}") from error
    for row in found:
        if not isinstance(text := row.get("text"), str):
            raise ValueError(f"the dataset {name!r} must have a column text; it has {', '.join(row)}")
        yield f"{text}\n{END}\n"
