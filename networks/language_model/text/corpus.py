"""A text as tokens: kept in a file of 16-bit numbers that is never read whole, or in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path
from typing import Any

import numpy as np

from networks.language_model.text.encodings import GPT2, Characters, Encoding, Kind, Tokens, encoding
from networks.language_model.text.sources import PIECE, fingerprint, pieces
from networks.whole_files import replaced, replacing

HELD_OUT = 0.1
"""The part at the end of a text that is not trained on."""

FEWEST = 20
"""Tokens that a text must have."""

PLACES, LOOK = 1024, 4096
"""Where a text is looked at to tell it from others, and how many tokens there: of most texts that is all of it."""


@dataclass(frozen=True)
class Corpus:
    """A text as tokens: `training`, and `held_out`, the last tenth, of which `held_out_bytes` is the length in UTF-8.

    Those of `prepared` are windows on a file.
    """

    encoding: Encoding
    training: Tokens
    held_out: Tokens
    held_out_bytes: int

    @property
    def bytes_per_token(self) -> float:
        """How many bytes of the held out text a token stands for."""
        return self.held_out_bytes / len(self.held_out)

    @property
    def digest(self) -> str:
        """What tells this text, as tokens, from others: by its length, and by the tokens at many places in it."""
        told = blake2s(digest_size=12)
        for part in (self.training, self.held_out):
            told.update(len(part).to_bytes(8, "little"))
            for begin in np.unique(np.linspace(0, max(0, len(part) - LOOK), PLACES).astype(int)):
                told.update(part[begin : begin + LOOK].astype("<u2").tobytes())
        return told.hexdigest()

    @staticmethod
    def kept(folder: str | Path) -> Corpus | None:
        """What `prepared` left in a folder, or None where there is nothing whole."""
        return _kept(Path(folder), None)

    def unigram_entropy(self) -> float:
        """The entropy of the training text's tokens in nats: the loss of who knows how frequent each is, no more."""
        counts = np.bincount(self.training, minlength=self.encoding.size)
        shares = counts[counts > 0] / counts.sum()
        return float(-(shares * np.log(shares)).sum())


def prepared(
    source: str | Path, kind: Kind, folder: str | Path, known: Encoding | None = None, digest: str = ""
) -> Corpus:
    """A text file, a folder of .txt files, or a dataset, kind of tokens -> the text as tokens, kept in a folder.

    `source` may be "plays" for those that come along, "dataset:NAME" for the column `text` of what `datasets` loads, or
    "dataset:FILE.parquet". `known` is the encoding of a network that exists already. What lies in the folder from the
    same source is used again. Raises ValueError for a source that is not there, is not UTF-8, or is too short, and for
    a text of another `digest` than the one given: what lies in the folder then stays.
    """
    folder = Path(folder)
    about = {"source": fingerprint(str(source)), "kind": kind, "known": known.described() if known else None}
    if (kept := _kept(folder, about)) is not None:
        return _of_digest(kept, digest, source)
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
        _enough(length)
        split = _split(length)
        training, held_out = np.split(np.memmap(partial, np.uint16, "r"), [split])
        _of_digest(Corpus(known, training, held_out, 0), digest, source)
    size = _bytes(known, np.memmap(folder / "tokens.bin", np.uint16, "r")[split:])
    written = {**about, "encoding": known.described(), "length": length, "split": split, "held_out_bytes": size}
    replaced(folder / "tokens.json", json.dumps(written, ensure_ascii=False))
    found = _kept(folder, about)
    assert found is not None
    return found


def in_memory(text: str) -> Corpus:
    """Text -> its characters as tokens, without a file. Raises ValueError where there are too few, or all are equal."""
    known = Characters.of([text])
    tokens = known.encode(text)
    _enough(len(tokens))
    training, held_out = np.split(tokens, [_split(len(tokens))])
    return Corpus(known, training, held_out, _bytes(known, held_out))


def _of_digest(corpus: Corpus, digest: str, source: str | Path) -> Corpus:
    if digest and corpus.digest != digest:
        raise ValueError(f"{source} is another text than the one trained on so far; take another folder, or that text")
    return corpus


def _enough(length: int) -> None:
    if length < FEWEST:
        raise ValueError(f"the text must have {FEWEST} tokens at least, not {length}")


def _split(length: int) -> int:
    """Tokens of a text -> how many of them are trained on."""
    return length - max(2, int(length * HELD_OUT))


def _bytes(known: Encoding, tokens: Tokens) -> int:
    """Tokens (k,) -> the length of their text in UTF-8."""
    parts = (known.decode(tokens[begin : begin + PIECE].tolist()) for begin in range(0, len(tokens), PIECE))
    return sum(len(part.encode("utf-8", "surrogatepass")) for part in parts)


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
