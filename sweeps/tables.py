"""A store as one tidy table: a row a result, its recipe and its numbers in columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from math import nan
from pathlib import Path
from typing import Any

from sweeps.store import Store

FIRST = ("quantity", "method", "n", "s", "seed")

BEST = {"map": ("resolution", ("certified", "touched")), "proof": ("proved", ("proved", "not excluded"))}
"""What an atlas takes of which quantity: of several results that with the most of the first, and these numbers."""


def columns(store: Store, quantities: Iterable[str] | None = None) -> dict[str, list[Any]]:
    """Store, names of quantities or None for all -> columns, None where a row has no such value.

    Rows are in the order of quantity, method, n, s and seed.
    """
    wanted = None if quantities is None else set(quantities)
    rows = []
    for key in sorted(store.keys()):
        result = store.read(key, arrays=False)
        if result is not None and (wanted is None or result.recipe["quantity"] in wanted):
            recipe = {name: value for name, value in result.recipe.items() if name != "format"}
            rows.append({**recipe, **result.numbers, "seconds": result.seconds, "key": key})
    rows.sort(key=lambda row: tuple((row[name] is not None, row[name]) for name in FIRST))
    names = list(dict.fromkeys([*FIRST, *(name for row in rows for name in row)]))
    return {name: [row.get(name) for row in rows] for name in names}


def atlas(store: Store) -> dict[str, list[Any]]:
    """Store -> columns of what is reached: a row for every method, n and s that has a map or a proof in it.

    Shares of the Perfect-Mirsky region, nan where the store has none: certified and touched, of the finest map;
    proved and not excluded, of the proof with most proved. s is 0 where it does not matter.
    """
    table = columns(store, BEST)
    best: dict[tuple[str, int, int], dict[str, float]] = {}
    for quantity, (order, names) in BEST.items():
        rows = [row for row, name in enumerate(table["quantity"]) if name == quantity]
        for row in sorted(rows, key=lambda row: table[order][row]):
            place = table["method"][row], table["n"][row], table["s"][row] or 0
            best.setdefault(place, {}).update({name: table[name][row] for name in names})
    places, shares = sorted(best), [name for _, names in BEST.values() for name in names]
    return {
        "method": [place[0] for place in places],
        "n": [place[1] for place in places],
        "s": [place[2] for place in places],
        **{name: [best[place].get(name, nan) for place in places] for name in shares},
    }


def export(store: Store, path: Path) -> int:
    """Write all results of a store as one table -> how many rows. By its name, .parquet or .csv; else ValueError."""
    table = columns(store)
    count = len(table["quantity"])
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(table)
            writer.writerows(zip(*table.values(), strict=True))
    elif path.suffix == ".parquet":
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise ValueError("parquet needs pyarrow: pip install pyarrow, or export to .csv") from error
        pyarrow.parquet.write_table(pyarrow.table(table), path)
    else:
        raise ValueError(f"a table is written to a file that ends in .parquet or .csv, not to {path.name}")
    return count
