"""What the benchmarks share: pairs timed in turn, a table, and a JSON file that says where and when it was measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch

RESULTS = Path(__file__).parent.parent / "results"
THREADS = 2


def seconds(work: Callable[[], object]) -> float:
    """Work -> wall time of one call."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def pair(
    ours: Callable[[], object], plain: Callable[[], object], repeats: int = 15, patience: float = 3
) -> dict[str, Any]:
    """Two formulations -> their times in ms and the ratio plain / ours; a pair runs in turn and shares its load.

    After one warm-up each, at most `repeats` pairs and at least 3, for about `patience` seconds.
    """
    ours(), plain()
    times: list[tuple[float, float]] = []
    begun = perf_counter()
    while len(times) < repeats and (len(times) < 3 or perf_counter() - begun < patience):
        times.append((seconds(ours), seconds(plain)))
    ratios = sorted(b / a for a, b in times)
    return {
        "pairs": len(times),
        "ours_ms": 1e3 * median(a for a, _ in times),
        "plain_ms": 1e3 * median(b for _, b in times),
        "ratio_min": ratios[0],
        "ratio": median(ratios),
        "ratio_max": ratios[-1],
        "ratio_of_minima": min(b for _, b in times) / min(a for a, _ in times),
    }


def machine() -> dict[str, Any]:
    """Where, when and with what the numbers came about; `load` is the one-minute average of waiting processes."""
    described = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in described.splitlines() if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
    }


def report(name: str, baselines: dict[str, str], rows: list[dict[str, Any]]) -> None:
    """Print rows as a table and write them, with machine and baselines, to results/NAME.json."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns] + [[_cell(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    RESULTS.mkdir(exist_ok=True)
    record = {"machine": machine(), "baselines": baselines, "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
