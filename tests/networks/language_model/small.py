"""A network and a text that train in a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from networks.language_model import Architecture, Schedule
from networks.language_model.text import Corpus, prepared

NETWORK = Architecture("mHC", n=3, s=1, layers=1, heads=2, width=16, context=8, dropout=0.0)
SCHEDULE = Schedule(
    iterations=12,
    batch=4,
    accumulation=2,
    rate=1e-2,
    least=1e-3,
    warmup=3,
    evaluate_every=6,
    evaluation_batches=2,
    record_every=6,
    checkpoint_every=5,
    sample_every=6,
    sample_tokens=5,
)
WORDS = ["to", "be", "or", "not", "that", "is", "the", "question"]


def text(folder: Path, words: int = 2000) -> Path:
    """A file of random words, which a network can learn to spell."""
    chance = np.random.default_rng(0)
    path = folder / "text.txt"
    path.write_text(" ".join(chance.choice(WORDS, words)), encoding="utf-8")
    return path


def corpus(folder: Path) -> Corpus:
    return prepared(text(folder), "characters", folder / "tokens")


def network(method: str, **others: object) -> Architecture:
    return replace(NETWORK, method=method, **others)  # type: ignore[arg-type]
