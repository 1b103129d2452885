"""Columns and arrays as the bytes of a file."""

from __future__ import annotations

import csv as comma_separated
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Columns: TypeAlias = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Values under their name: rows or entries of an array."""


def csv(columns: Columns) -> bytes:
    """Columns by header -> CSV, numbers with all their digits. Raises ValueError for columns of different length."""
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(column)}" for name, column in columns.items())
        raise ValueError(f"columns must be of one length, not {lengths}")
    out = io.StringIO()
    writer = comma_separated.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_plain(column) for column in columns.values()), strict=True))
    return out.getvalue().encode()


def stacked(tables: Sequence[Columns]) -> Columns:
    """Tables, the columns of each of one length -> one below the other; None where a table lacks another's column."""
    lengths = [max(map(len, table.values()), default=0) for table in tables]
    names = dict.fromkeys(name for table in tables for name in table)
    return {
        name: [
            value
            for table, length in zip(tables, lengths, strict=True)
            for value in (_plain(table[name]) if name in table else [None] * length)
        ]
        for name in names
    }


def _plain(column: Sequence[Any] | NDArray[Any]) -> Sequence[Any]:
    """A column -> its values as Python's own numbers, which are written so that they can be read back."""
    return list(column.tolist()) if isinstance(column, np.ndarray) else column


def npz(arrays: Columns, recipe: Mapping[str, object]) -> bytes:
    """Named arrays -> NPZ, with the recipe they came from as JSON under "recipe".

    Raises ValueError for an array of that name.
    """
    if "recipe" in arrays:
        raise ValueError('an array needs another name than "recipe", under which the archive keeps where it came from')
    out = io.BytesIO()
    packed: dict[str, Any] = {**arrays, "recipe": np.array(json.dumps(recipe))}
    np.savez_compressed(out, **packed)
    return out.getvalue()
