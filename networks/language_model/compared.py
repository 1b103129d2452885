"""Several methods with one schedule and one text: what each comes down to, and what it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch

from networks.language_model import runs
from networks.language_model.answers import held_out
from networks.language_model.methods import projector
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


@dataclass(frozen=True, eq=False)
class Comparison:
    """Networks with one schedule and one text, in a folder, each in one of its own.

    `told` is handed the steps of each network, and its label; `reseed` is that of `Training`.
    """

    folder: Path
    schedule: Schedule
    corpus: Corpus
    device: torch.device
    told: Callable[[Iterator[Step], str], Iterator[Step]]
    reseed: Callable[[int], object] | None = None

    def rows(self, networks: Mapping[str, Architecture]) -> Iterator[Compared]:
        """Networks by label -> one after the other, of which what is finished already is not trained again.

        All rows so far lie in `compared.json`.
        """
        rows: list[Compared] = []
        for label, architecture in networks.items():
            rows.append(self._row(label, architecture))
            written = {
                "schedule": asdict(self.schedule),
                "networks": {name: asdict(network) for name, network in networks.items()},
                "rows": [asdict(row) for row in rows],
            }
            self.folder.mkdir(parents=True, exist_ok=True)
            replaced(self.folder / RESULTS, json.dumps(written, indent=2, ensure_ascii=False))
            yield rows[-1]

    def run(self, label: str) -> runs.Run:
        """Label of a network that was trained -> its run. Raises ValueError where there is none."""
        return runs.opened(self._place(label))

    def _place(self, label: str) -> Path:
        return self.folder / re.sub(r"[^\w-]+", "-", label)

    def _row(self, label: str, architecture: Architecture) -> Compared:
        try:
            projector(architecture)
        except ValueError as error:
            return Compared(label, refused=str(error))
        place = self._place(label)
        steps = runs.trained(place, architecture, self.schedule, self.corpus, device=self.device, reseed=self.reseed)
        for _ in self.told(steps, label):
            pass
        run = self.run(label)
        model, told = run.model(), run.history()
        found, rough = held_out(model, self.corpus), told.jitter()
        return Compared(
            method=label,
            parameters=model.parameter_count,
            loss=found.loss,
            bits_per_byte=found.bits_per_byte,
            tokens_per_second=told.tokens_per_second,
            sums_off_by=told.sums_off_by,
            jitter=float(rough[len(rough) // 2 :].mean()) if len(rough) else None,
        )


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
