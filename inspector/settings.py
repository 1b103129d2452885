"""What a checkpoint's numbers mean besides their names: iterations, epsilon, temperature; asked, found or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from projectors import Projector
from projectors.checks import instance, real_number, whole_number

NAMES: Mapping[str, tuple[str, ...]] = {
    "iterations": ("hc_sinkhorn_iters", "mhc_sinkhorn_iterations", "sinkhorn_iterations", "sinkhorn_iters", "tmax"),
    "epsilon": ("hc_eps", "mhc_epsilon", "sinkhorn_eps"),
    "temperature": ("sinkhorn_tau", "mhc_sinkhorn_tau"),
}
"""Under which names projects keep each of them in their configurations."""

MOST_ITERATIONS = 10_000


@dataclass(frozen=True)
class Settings:
    """What the reader says; None for what the checkpoint is to say, or else the project's own default.

    `iterations` and `epsilon` are Sinkhorn's, `temperature` divides its logits. `layout` is the name of
    one of `inspector.LAYOUTS`, where the names of the parameters alone do not tell, and says what square tables of
    logits mean. `projector`: every parameter with as many numbers as it takes is read as its theta. `transposed`: what
    is stored is the transpose of what acts on the streams, for tables of matrices. Raises ValueError for numbers out of
    range.
    """

    layout: str | None = None
    iterations: int | None = None
    epsilon: float | None = None
    temperature: float | None = None
    projector: Projector | None = None
    transposed: bool = False

    def __post_init__(self) -> None:
        if self.iterations is not None:
            whole_number(self.iterations, "iterations", 1, MOST_ITERATIONS)
        if self.epsilon is not None:
            real_number(self.epsilon, "epsilon", 0, 0.1)
        if self.temperature is not None:
            real_number(self.temperature, "temperature", 1e-6, 1e6)
        if self.projector is not None:
            instance(self.projector, Projector, "the projector")
        if self.layout is not None:
            instance(self.layout, str, "the layout")
        instance(self.transposed, bool, "transposed")

    def resolved(self, config: Mapping[str, Any], **defaults: float) -> tuple[dict[str, Any], tuple[str, ...]]:
        """A checkpoint's configuration, the project's defaults -> what counts, and what of it was only assumed.

        What the project has no name for has no epsilon and temperature 1, unless it is asked for.

        >>> Settings(iterations=10).resolved({}, iterations=20, epsilon=1e-6)
        ({'epsilon': 1e-06, 'temperature': 1.0, 'iterations': 10}, ('epsilon 1e-06',))
        """
        values: dict[str, Any] = {"epsilon": 0.0, "temperature": 1.0}
        values |= {field: asked for field in values if (asked := getattr(self, field)) is not None}
        assumed = []
        for field, default in defaults.items():
            asked, found = getattr(self, field), _found(field, config)
            values[field] = asked if asked is not None else found if found is not None else default
            if asked is None and found is None:
                assumed.append(f"{field} {default:g}")
        return values, tuple(assumed)


def flat_config(given: Any) -> dict[str, Any]:
    """A model's configuration -> its settings, a nested text_config's included; ValueError unless a dictionary."""
    if not isinstance(given, Mapping):
        raise ValueError(f"a configuration must hold a dictionary, not {type(given).__name__}")
    inner = given.get("text_config")
    return {**(inner if isinstance(inner, Mapping) else {}), **given}


def _found(field: str, config: Mapping[str, Any]) -> Any:
    """What a configuration says of this, if it is sane; ValueError if it is not."""
    for name in NAMES[field]:
        value = config.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                whole = field == "iterations" and float(value).is_integer()
                said: dict[str, Any] = {field: int(value) if whole else value}
                return getattr(replace(Settings(), **said), field)
            except (ValueError, OverflowError) as error:
                raise ValueError(f"the checkpoint's configuration says {name} = {value!r}: {error}") from None
    return None
