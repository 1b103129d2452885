"""The preset "tiny" trained with every method, as it comes along: what *Language model* opens with.

`python -m networks.language_model.shipped FOLDER` trains all of it anew, in about an hour on two cores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from networks.language_model.compared import Compared, Comparison
from networks.language_model.history import History
from networks.language_model.methods import names
from networks.language_model.settings import PRESETS, Architecture, Schedule
from networks.language_model.text import PLAYS, Corpus, prepared
from networks.whole_files import replacing

RESULTS = Path(__file__).parent / "results"


CHANCE, SEEDS = ("residual", "go-mHC, s = 2"), (0, 1, 2)
"""The networks that are trained with several seeds, and these."""


def networks() -> dict[int, dict[str, Architecture]]:
    """Return the networks that are trained, by n and by label; at n = 8 those of Fig. A20, and the one it left out."""
    tiny = PRESETS["tiny"].architecture
    every = {f"{name}, s = 2" if name == "go-mHC" else name: replace(tiny, method=name) for name in names()}
    at_8 = {name: replace(each, n=8) for name, each in every.items() if name in ("residual", "mHC", "KromHC")}
    ranks = {f"go-mHC, s = {s}": replace(tiny, method="go-mHC", s=s) for s in (1, 2)}
    return {4: every | ranks, 8: at_8 | {label: replace(each, n=8) for label, each in ranks.items()}}


@dataclass(frozen=True, eq=False)
class Shipped:
    """A finished comparison: its schedule, and by label the networks, their results, and what they told on the way.

    `seeds` has the losses of some networks with seeds 0, 1 and 2: what chance makes of them. How fast the networks were
    is left out: the machine did other things meanwhile, and `benchmarks/language_model.py` compares that.
    """

    schedule: Schedule
    networks: dict[str, Architecture]
    rows: dict[str, Compared]
    histories: dict[str, History]
    seeds: dict[str, tuple[float, ...]]


@cache
def shipped(n: int) -> Shipped:
    """Streams -> the comparison that comes along. Raises ValueError where there is none."""
    path = _path(n)
    if not path.is_file():
        sizes = ", ".join(str(size) for size in networks())
        raise ValueError(f"the language model comes along for n = {sizes}, not n = {n}")
    with np.load(path) as kept:
        about = json.loads(str(kept["about"]))
        histories = {}
        for number, label in enumerate(about["rows"]):
            if about["rows"][label]["loss"] is not None:
                arrays = {name: kept[f"{number}.{name}"] for name in about["arrays"]}
                histories[label] = History.of_arrays(arrays)
    return Shipped(
        Schedule(**about["schedule"]),
        {label: Architecture(**each) for label, each in about["networks"].items()},
        {label: Compared(**each) for label, each in about["rows"].items()},
        histories,
        {label: tuple(losses) for label, losses in about["seeds"].items()},
    )


def written(
    n: int,
    comparison: Comparison,
    of: dict[str, Architecture],
    rows: Iterable[Compared],
    seeds: dict[str, list[float | None]],
) -> None:
    """Write a comparison where `shipped` finds it."""
    kept: dict[str, Any] = {}
    by_label = {row.method: replace(row, tokens_per_second=None) for row in rows}
    names_of_arrays: list[str] = []
    for number, (label, row) in enumerate(by_label.items()):
        if row.loss is None:
            continue
        told = comparison.run(label).history()
        arrays = replace(told, seconds=np.full_like(told.seconds, np.nan)).arrays()
        names_of_arrays = list(arrays)
        for name, array in arrays.items():
            kept[f"{number}.{name}"] = array.astype(np.float32) if array.dtype == np.float64 else array
    about = {
        "schedule": asdict(comparison.schedule),
        "networks": {label: asdict(each) for label, each in of.items()},
        "rows": {label: asdict(row) for label, row in by_label.items()},
        "arrays": names_of_arrays,
        "seeds": seeds,
    }
    RESULTS.mkdir(exist_ok=True)
    with replacing(_path(n)) as partial, partial.open("wb") as file:
        np.savez_compressed(file, about=np.array(json.dumps(about, ensure_ascii=False)), **kept)


def _path(n: int) -> Path:
    return RESULTS / f"tiny_{n}.npz"


def main(folder: Path) -> None:
    """Train everything, or what is not trained yet, and write it."""
    corpus = prepared(PLAYS, PRESETS["tiny"].tokens, folder / "tokens")
    for n, of in networks().items():
        comparison = _comparison(folder / str(n), corpus)
        rows = list(_all(comparison, of))
        losses = {label: [row.loss for row in rows if row.method == label] for label in CHANCE if n == min(networks())}
        for seed in SEEDS[1:]:
            others = {label: of[label] for label in losses}
            for row in _all(_comparison(folder / f"{n}, seed {seed}", corpus, seed), others):
                losses[row.method].append(row.loss)
        written(n, comparison, of, rows, losses)


def _comparison(folder: Path, corpus: Corpus, seed: int = 0) -> Comparison:
    from networks.language_model.__main__ import progress

    schedule = replace(PRESETS["tiny"].schedule, seed=seed)
    return Comparison(folder, schedule, corpus, torch.device("cpu"), progress)


def _all(comparison: Comparison, of: dict[str, Architecture]) -> Iterator[Compared]:
    for row in comparison.rows(of):
        print(f"\n{row}", flush=True)
        yield row


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/shipped"))
