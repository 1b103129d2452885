"""A plan: which quantities of which methods at which n and s, as a TOML file says it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from projectors.checks import whole_number
from projectors.sizes import LARGEST_SIZE
from projectors.table import METHODS
from sweeps.quantities import QUANTITIES
from sweeps.tasks import Task

MOST_TASKS = 100_000
NUMBERS = {"n": 2, "s": 1, "seeds": 0}
"""What a plan lists of whole numbers, and the least that each may be."""

EXAMPLE = """
[[sweep]]
quantities = ["map", "proof"]
methods = ["go-mHC", "averaged orthostochastic"]
n = [3, 4]
s = [1, 2]

[[sweep]]
quantities = ["survey", "cost"]
methods = ["go-mHC", "mHC", "mHC-lite", "KromHC"]
n = [2, 3, 4, 5, 6]
s = [1, 2, 4]
seeds = [0, 1]

[survey]
matrices = 100_000
"""
"""A plan, for a start."""


@dataclass(frozen=True)
class Plan:
    """The tasks of a plan, each once, those that take the shortest first."""

    tasks: tuple[Task, ...]

    @property
    def seconds(self) -> float:
        """About how long a core is busy with all of them."""
        return sum(QUANTITIES[task.quantity].seconds(task) for task in self.tasks)

    def without(self, there: Set[str]) -> Plan:
        """The tasks whose keys are not there."""
        return Plan(tuple(task for task in self.tasks if task.key not in there))

    @property
    def memory(self) -> float:
        """About how many bytes a worker needs for the task that needs most, 0 without any."""
        return max((QUANTITIES[task.quantity].memory(task) for task in self.tasks), default=0.0)


def plan(given: str | Path | Mapping[str, Any]) -> Plan:
    """Path of a TOML file, or what is in it -> its plan.

    Every `[[sweep]]` is a product of `quantities`, `methods` (names of `projectors.table`), `n`, `s` and `seeds`; a
    table with a quantity's name sets its options. Methods without a rank are asked once for all s, and sizes at which a
    method does not exist, or has none of the quantity, are left out. Raises ValueError for what cannot be understood,
    or is too large to be computed, in a sentence that names it.
    """
    told = given if isinstance(given, Mapping) else _read(Path(given))
    if unknown := set(told) - {"sweep", *QUANTITIES}:
        raise ValueError(f"a plan has [[sweep]] and tables of {', '.join(QUANTITIES)}, not {sorted(unknown)}")
    sweeps = told.get("sweep")
    if not isinstance(sweeps, list) or not sweeps or not all(isinstance(each, Mapping) for each in sweeps):
        raise ValueError("a plan has at least one table [[sweep]]")
    found: dict[Task, None] = {}
    for sweep in sweeps:
        for task in _tasks(sweep, told):
            found[task] = None
            if len(found) > MOST_TASKS:
                raise ValueError(f"a plan has at most {MOST_TASKS:,} tasks")
    tasks = sorted(found, key=lambda task: QUANTITIES[task.quantity].seconds(task))
    return Plan(tuple(tasks))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"no plan can be read at {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from error


def _tasks(sweep: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Task]:
    known = {"quantities": list(QUANTITIES), "methods": [row.name for row in METHODS]}
    if unknown := set(sweep) - {*known, *NUMBERS}:
        raise ValueError(f"a sweep has {', '.join([*known, *NUMBERS])}, not {sorted(unknown)}")
    chosen = {key: _names(key, sweep.get(key), names) for key, names in known.items()}
    n, s, seeds = (_numbers(key, sweep.get(key, [1 if key == "s" else 0])) for key in NUMBERS)
    for name, method, size, rank, seed in product(chosen["quantities"], chosen["methods"], n, s, seeds):
        quantity = QUANTITIES[name]
        (row,) = (row for row in METHODS if row.name == method)
        if not row.exists(size) or size * (rank if row.ranked else 1) > LARGEST_SIZE:
            continue
        task = Task(
            name,
            method,
            size,
            rank if row.ranked else None,
            seed if quantity.seeded else 0,
            quantity.options(told.get(name, {})),
        )
        if quantity.exists(task):
            yield task


def _names(key: str, given: object, known: list[str]) -> list[str]:
    if not isinstance(given, list) or not given or not all(name in known for name in given):
        raise ValueError(f"{key} must be some of {', '.join(known)}, not {given!r}")
    return given


def _numbers(key: str, given: object) -> list[int]:
    if not isinstance(given, list) or not given:
        raise ValueError(f"{key} must be a list of whole numbers, not {given!r}")
    most = 2**63 - 1 if key == "seeds" else LARGEST_SIZE
    return [whole_number(each, f"each of {key}", NUMBERS[key], most) for each in given]
