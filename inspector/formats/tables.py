"""Rows of numbers in lines, with what programs write around them: names, counts, quotes and decimal commas."""

from __future__ import annotations

import re

from inspector.formats.factors import NUMBER, number

MOST_COLUMNS = 4096
"""Numbers that a row may have: fewer than what somebody once took for a table, more than any matrix here."""

LONGEST_CELL = 400
"""Letters of a number: float64 at its smallest has 330 in the longest notation."""

DECIMAL = re.compile(r"[+-]?\d+(?:,\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
"""A number whose comma may be decimal."""

CELL, SEPARATORS = re.compile(r'"([^"]*)"'), re.compile(r"[,;&|\t]")


def tables(text: str, kind: str) -> list[list[list[float]]]:
    """Lines of numbers -> the matrices that they make."""
    matrices: list[list[list[float]]] = []
    matrix: list[list[float]] = []
    commas: list[list[float]] = []
    lines = text.strip().splitlines()
    for line in lines[0].split(";") if len(lines) == 1 else text.splitlines():
        row = entries(line, kind)
        if row:
            matrix.append(row)
            if (decimal := _with_decimal_commas(line)) is not None:
                commas.append(decimal)
        if (not row and matrix) or len(matrix) > MOST_COLUMNS:
            matrices.append(_table(matrix, commas, kind))
            matrix, commas = [], []
    return [*matrices, _table(matrix, commas, kind)] if matrix else matrices


def _with_decimal_commas(line: str) -> list[float] | None:
    """A line -> its numbers between semicolons or tabs, behind a name or none, if all commas may be decimal."""
    first, *others = (cell.strip().strip('"').strip() for cell in re.split(r"[;\t]", line.strip(" ;\t")))
    cells = [first, *others] if DECIMAL.fullmatch(first) else others
    if not others or not all(DECIMAL.fullmatch(cell) for cell in cells):
        return None
    return [float(cell.replace(",", ".")) for cell in cells]


def _table(matrix: list[list[float]], commas: list[list[float]], kind: str) -> list[list[float]]:
    """Rows, and the same with decimal commas where all lines allow that -> those of the two that are square.

    Of both, numbers that only count rows and columns are left out where the rest is square.
    """
    for rows in (matrix, commas if len(commas) == len(matrix) else matrix):
        if (found := _without_counts(rows)) is not None:
            return found
    return even(matrix, kind)


def _without_counts(rows: list[list[float]]) -> list[list[float]] | None:
    """Rows -> a square matrix: as they are, or without 0, 1, ... or 1, 2, ... above or beside it; None for others."""
    below, beside = rows[1:], [row[1:] for row in rows]
    named = [len(rows[0]) == len(below) and _count(rows[0]), _count([row[0] for row in rows])]
    both = named[0] and len(below) > 0 and _count([row[0] for row in below])
    tried = [(True, rows), (named[0], below), (named[1], beside), (both, beside[1:])]
    square = (found for allowed, found in tried if allowed and {len(row) for row in found} == {len(found)} != {1})
    return next(square, None)


def _count(numbers: list[float]) -> bool:
    """Whether numbers only count."""
    first = numbers[0]
    return first in (0, 1) and numbers == [first + place for place in range(len(numbers))]


def entries(line: str, kind: str) -> list[float]:
    """A line -> its numbers; none if it is a comment, or has no numbers beside names."""
    plain = line.split("#")[0].split("%")[0]
    if '"' in plain:
        plain = CELL.sub(_unquoted, plain)
    plain = plain.strip().strip("|;,()").strip()
    if not plain:
        return []
    if plain.count(",") + plain.count("\t") + plain.count(" ") > 8 * MOST_COLUMNS:
        raise ValueError(f"{kind} must have at most {MOST_COLUMNS:,} numbers in a row")
    cells = re.split(r"\s*[,;&|\t]\s*|\s+", re.sub(r"\s?/\s?", "/", plain))
    if len(cells) > MOST_COLUMNS:
        raise ValueError(f"{kind} must have at most {MOST_COLUMNS:,} numbers in a row, not {len(cells):,}")
    if max(map(len, cells)) > LONGEST_CELL:
        raise ValueError(f"{kind} must hold numbers; one word in it has {max(map(len, cells)):,} letters")
    numbers = [NUMBER.fullmatch(cell) is not None for cell in cells]
    if not any(numbers):
        return []
    if not numbers[0]:  # the name of the row, of several words where something else than blanks separates
        wide = SEPARATORS.split(plain)
        if len(wide) > 1 and all(_is_name(cell) for cell in wide):
            return []  # names of columns, with numbers in them
        words = max(1, len(wide[0].split())) if len(wide) > 1 else 1
        named = next((place for place, found in enumerate(numbers[:words]) if found), words)
        cells, numbers = cells[named:], numbers[named:]
    if cells and not cells[-1]:
        cells, numbers = cells[:-1], numbers[:-1]
    if not all(numbers):
        wrong = cells[numbers.index(False)]
        raise ValueError(f"{kind} must hold numbers; {wrong[:40]!r} in the line {line.strip()[:60]!r} is none")
    return [number(cell) for cell in cells]


def _is_name(cell: str) -> bool:
    return cell.strip()[:1].isalpha() and NUMBER.fullmatch(cell.strip()) is None


def _unquoted(found: re.Match[str]) -> str:
    """A cell in quotes -> its number, with a point, or its name in one word."""
    inner = found[1].strip()
    if re.fullmatch(r"[+\-−]?\d+,\d+", inner):
        return inner.replace(",", ".")
    return inner if NUMBER.fullmatch(inner) else re.sub(r"[\s,;&|]+", "~", inner)


def even(matrix: list[list[float]], kind: str) -> list[list[float]]:
    """Rows -> themselves, or ValueError if they differ in length."""
    lengths = [len(row) for row in matrix]
    if len(set(lengths)) > 1:
        odd = next(number for number, length in enumerate(lengths) if length != lengths[0])
        raise ValueError(
            f"{kind} must have rows of one length; row 0 has {lengths[0]:,} numbers and row {odd} has {lengths[odd]:,}"
        )
    return matrix
