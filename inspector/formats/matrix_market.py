"""Matrix Market files of small real matrices.

Read here because scipy's reader crashes the process on coordinate files that are cut short, and these come from anyone.

Source: the format's description, https://math.nist.gov/MatrixMarket/formats.html.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.formats.stored import Stored, Tensors

MAGIC = b"%%MatrixMarket"
KIND = "a Matrix Market file"
FIELDS, SYMMETRIES = ("real", "double", "integer", "pattern"), ("general", "symmetric", "skew-symmetric")


def read(data: bytes, largest: int) -> Tensors:
    """Contents of a Matrix Market file -> its matrix, dense; ValueError for more than `largest` rows or columns."""
    try:
        first, *lines = data.decode("ascii", "replace").splitlines()
        _, kind, layout, field, symmetry = first.lower().split()
    except ValueError:
        raise ValueError(f"{KIND} must begin with five words; this one begins with {data[:60]!r}") from None
    if kind != "matrix" or layout not in {"coordinate", "array"} or field not in FIELDS or symmetry not in SYMMETRIES:
        raise ValueError(f"{KIND} must hold a real matrix, by coordinates or whole; this one is {first[:80]!r}")
    told = [line.split() for line in lines if line.strip() and not line.startswith("%")]
    if not told:
        raise ValueError(f"{KIND} must say how large its matrix is; this one ends before")
    try:
        rows, columns, *count = map(int, told[0])
        if not 1 <= min(rows, columns) <= max(rows, columns) <= largest:
            raise ValueError(f"its matrix is {rows:,} x {columns:,}, and from 1 x 1 to {largest} x {largest} are taken")
        if symmetry != "general" and rows != columns:
            raise ValueError(f"its matrix is {symmetry} and {rows:,} x {columns:,}")
        matrix = np.zeros((rows, columns))
        if layout == "coordinate":
            _place(matrix, told[1:], count[0] if count else -1, field == "pattern")
        else:
            _fill(matrix, [word for line in told[1:] for word in line], symmetry)
    except (ValueError, OverflowError, IndexError) as error:
        raise ValueError(f"{KIND} must hold what its header says: {error}") from None
    if symmetry != "general":
        if np.triu(matrix, 1).any():
            raise ValueError(f"{KIND} must give the lower triangle of a {symmetry} matrix; this one gives the upper")
        strict = np.tril(matrix, -1)
        matrix = matrix + (strict.T if symmetry == "symmetric" else -strict.T)
    return Tensors({"matrix": Stored.of(torch.from_numpy(matrix))}, KIND, loose=True)


def _place(matrix: NDArray[np.float64], lines: list[list[str]], count: int, ones: bool) -> None:
    """Add entries given as row, column and value, both counted from 1; several of one place count together."""
    if len(lines) != count:
        raise ValueError(f"it announces {count:,} entries and holds {len(lines):,}")
    for words in lines:
        row, column = int(words[0]), int(words[1])
        if not (1 <= row <= matrix.shape[0] and 1 <= column <= matrix.shape[1]):
            raise ValueError(f"entry ({row}, {column}) is outside")
        matrix[row - 1, column - 1] += 1.0 if ones else float(words[2])


def _fill(matrix: NDArray[np.float64], words: list[str], symmetry: str) -> None:
    """Write entries given column by column, of symmetric matrices the lower triangle."""
    size = len(matrix)
    first = {"general": 0, "symmetric": 0, "skew-symmetric": 1}[symmetry]
    places = [
        (row, column)
        for column in range(matrix.shape[1])
        for row in range(0 if symmetry == "general" else column + first, size)
    ]
    if len(words) != len(places):
        raise ValueError(f"it announces {len(places):,} entries and holds {len(words):,}")
    for place, word in zip(places, words, strict=True):
        matrix[place] = float(word)
