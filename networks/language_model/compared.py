"""All methods with one network, one schedule and one text: what each comes down to, and what it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch

from networks.language_model import runs
from networks.language_model.answers import held_out
from networks.language_model.methods import projector
from networks.language_model.mixing import jitter
from networks.language_model.settings import Architecture, Schedule
from networks.language_model.text import Corpus
from networks.language_model.training import Step
from networks.whole_files import replaced

RESULTS = "compared.json"


@dataclass(frozen=True)
class Compared:
    """One method: parameters, loss of the held out text and its bits for a byte, speed, and the largest error of sums.

    `jitter` is the mean of Fig. A18b's over the second half of the run. Where the method does not exist at this n,
    `refused` says why, and there are no numbers.
    """

    method: str
    parameters: int | None = None
    loss: float | None = None
    bits_per_byte: float | None = None
    tokens_per_second: float | None = None
    sums_off_by: float | None = None
    jitter: float | None = None
    refused: str = ""


def compared(
    folder: Path,
    methods: Sequence[str],
    architecture: Architecture,
    schedule: Schedule,
    corpus: Corpus,
    told: Callable[[Iterator[Step], str], Iterator[Step]],
    device: torch.device,
    reseed: Callable[[int], object] | None = None,
) -> Iterator[Compared]:
    """Folder, methods, network, schedule, text -> one after the other; what is finished already is not trained again.

    `told` is handed the steps of each method, and its name. All rows lie in `compared.json`.
    """
    rows: list[Compared] = []
    for method in methods:
        rows.append(_one(folder, replace(architecture, method=method), schedule, corpus, told, device, reseed))
        written = {"schedule": asdict(schedule), "architecture": asdict(architecture), "rows": [*map(asdict, rows)]}
        folder.mkdir(parents=True, exist_ok=True)
        replaced(folder / RESULTS, json.dumps(written, indent=2, ensure_ascii=False))
        yield rows[-1]


def _one(
    folder: Path,
    architecture: Architecture,
    schedule: Schedule,
    corpus: Corpus,
    told: Callable[[Iterator[Step], str], Iterator[Step]],
    device: torch.device,
    reseed: Callable[[int], object] | None = None,
) -> Compared:
    try:
        projector(architecture)
    except ValueError as error:
        return Compared(architecture.method, refused=str(error))
    place = folder / re.sub(r"[^\w-]+", "-", architecture.method)
    steps = runs.trained(place, architecture, schedule, corpus, device=device, reseed=reseed)
    for _ in told(steps, architecture.method):
        pass
    run = runs.opened(place)
    model, metrics = run.model(), run.metrics()
    found, off = held_out(model, corpus), [_off(site) for line in metrics for site in line.get("sites", ())]
    rough = jitter([line["gradient"] for line in metrics])
    speeds = [line["tokens"] / line["seconds"] for line in metrics]
    return Compared(
        method=architecture.method,
        parameters=model.parameter_count,
        loss=found.loss,
        bits_per_byte=found.bits_per_byte,
        tokens_per_second=float(np.median(speeds)),
        sums_off_by=max(off, default=None),
        jitter=float(rough[len(rough) // 2 :].mean()) if len(rough) else None,
    )


def _off(site: dict[str, float]) -> float:
    return max(site["row_error"], site["column_error"])


def table(rows: Sequence[Compared]) -> str:
    """Rows -> a table in Markdown, the lowest loss first; the methods that were refused below it, with the reason."""
    heads = [field.name.replace("_", " ") for field in fields(Compared)][:-1]
    shown = sorted((row for row in rows if row.loss is not None), key=lambda row: row.loss or 0.0)
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in shown:
        cells = [
            row.method,
            f"{row.parameters:,}",
            f"{row.loss:.4f}",
            f"{row.bits_per_byte:.4f}",
            f"{row.tokens_per_second:,.0f}",
            "" if row.sums_off_by is None else f"{row.sums_off_by:.0e}",
            "" if row.jitter is None else f"{row.jitter:.3f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *(f"{row.method}: {row.refused}" for row in rows if row.refused)])
