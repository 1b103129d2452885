"""What a run is made from: the network, how it is trained, and sets of both under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from learning.cost.layer import Coefficients
from projectors.checks import instance, one_of, real_number, whole_number
from projectors.sizes import LARGEST_SIZE

Precision = Literal["float32", "bfloat16", "best"]
"""In which numbers the branches compute; "best" is bfloat16 on a GPU that has it, else float32."""

WIDEST, DEEPEST, LONGEST = 2**14, 512, 2**16
"""Bounds of width, layers, and context."""


@dataclass(frozen=True)
class Architecture:
    """A decoder-only transformer, and by which method its n residual streams are mixed.

    `method` is "residual", "HC" or a name of `projectors.table`; s is the rank of those that have one. `coefficients`
    says how many numbers go-mHC spends on a matrix: "minimal", or as "implemented" by the paper's authors. What
    averages and products make of it stays minimal. Raises ValueError for sizes that do not exist; whether a method
    exists at n says `language_model.methods`.
    """

    method: str = "go-mHC"
    n: int = 4
    s: int = 2
    coefficients: Coefficients = "minimal"
    layers: int = 6
    heads: int = 6
    width: int = 384
    context: int = 512
    dropout: float = 0.1

    def __post_init__(self) -> None:
        checked = {
            "n": whole_number(self.n, "n, the number of streams,", 2, LARGEST_SIZE),
            "s": whole_number(self.s, "s", 1, LARGEST_SIZE),
            "coefficients": one_of(self.coefficients, get_args(Coefficients), "coefficients"),
            "layers": whole_number(self.layers, "layers", 1, DEEPEST),
            "heads": whole_number(self.heads, "heads", 1, WIDEST),
            "width": whole_number(self.width, "the width", 1, WIDEST),
            "context": whole_number(self.context, "the context", 1, LONGEST),
            "dropout": real_number(self.dropout, "dropout", 0, 0.99),
        }
        _keep(self, checked)
        if self.width % self.heads:
            raise ValueError(f"the width must be a multiple of the {self.heads} heads, not {self.width}")


@dataclass(frozen=True)
class Schedule:
    """How long and how a network is trained: AdamW, linear warmup, then a cosine down to `least`.

    `batch` sequences are seen at an iteration, `accumulation` times one after the other; `rate` is the largest learning
    rate, `decay` the weight decay of matrices, `clip` the largest norm of a gradient (0: as it is). Losses of text that
    is not trained on are taken every `evaluate_every` iterations, over so many batches; every `record_every` the mixing
    matrices are looked at, and every `sample_every` the network writes `sample_tokens`. Raises ValueError for numbers
    that make no schedule.
    """

    iterations: int = 20_000
    batch: int = 32
    accumulation: int = 4
    rate: float = 1e-3
    least: float = 1e-4
    warmup: int = 500
    decay: float = 0.1
    clip: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.95
    seed: int = 0
    precision: Precision = "best"
    compile: bool = False
    evaluate_every: int = 250
    evaluation_batches: int = 20
    record_every: int = 250
    checkpoint_every: int = 1000
    sample_every: int = 0
    sample_tokens: int = 200

    def __post_init__(self) -> None:
        some = ("iterations", "batch", "accumulation", "evaluate_every", "evaluation_batches", "sample_tokens")
        _keep(self, {name: whole_number(getattr(self, name), name, 1, 2**31) for name in some})
        any_number = ("warmup", "seed", "record_every", "checkpoint_every", "sample_every")
        _keep(self, {name: whole_number(getattr(self, name), name, 0, 2**31) for name in any_number})
        _keep(self, {"rate": real_number(self.rate, "rate", 0, 10, strictly=True)})
        most = {"least": self.rate, "decay": 10, "clip": 1e6, "beta1": 0.9999, "beta2": 0.999999}
        _keep(self, {name: real_number(getattr(self, name), name, 0, highest) for name, highest in most.items()})
        one_of(self.precision, get_args(Precision), "precision")
        instance(self.compile, bool, "compile")


def _keep(settings: Architecture | Schedule, checked: Mapping[str, object]) -> None:
    """Let fields be what their checks made of them: JSON knows no numbers of NumPy's."""
    for name, value in checked.items():
        object.__setattr__(settings, name, value)


@dataclass(frozen=True)
class Preset:
    """A network and a schedule under one name, the tokens that they are for, and what it is."""

    about: str
    tokens: Literal["characters", "gpt2"]
    architecture: Architecture
    schedule: Schedule


PRESETS = {
    "tiny": Preset(
        "characters, a small network: three minutes on two CPU cores",
        "characters",
        Architecture(layers=3, heads=4, width=128, context=64, dropout=0.0),
        Schedule(
            iterations=800,
            batch=16,
            accumulation=1,
            rate=4e-3,
            least=4e-4,
            warmup=30,
            evaluate_every=100,
            evaluation_batches=20,
            record_every=50,
            checkpoint_every=200,
            sample_every=100,
        ),
    ),
    "char": Preset(
        "characters, the paper's network: minutes on a GPU",
        "characters",
        Architecture(coefficients="implemented"),
        Schedule(iterations=5_000, accumulation=1, warmup=100),
    ),
    "tinystories": Preset(
        "GPT-2's tokens, the paper's network and its 20,000 iterations (Table 5): hours on a GPU",
        "gpt2",
        Architecture(coefficients="implemented"),
        Schedule(),
    ),
}


def changed(preset: Preset, values: dict[str, Any]) -> tuple[Architecture, Schedule]:
    """Preset, fields of its network and its schedule by name -> both with these values; None leaves a field alone.

    Raises ValueError for a name that is no field.
    """
    given = {name: value for name, value in values.items() if value is not None}
    parts = []
    for part in (preset.architecture, preset.schedule):
        names = {field.name for field in fields(part)} & set(given)
        parts.append(replace(part, **{name: given.pop(name) for name in names}))
    if given:
        raise ValueError(f"a run has no {', '.join(given)}")
    return parts[0], parts[1]  # type: ignore[return-value]
