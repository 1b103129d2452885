"""What is proved of a map: which cells, how large an area, and the certificate that anybody can check."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.grid import cell_centres
from geometry.proofs.kinds import kind
from geometry.proofs.pieces import Piece
from geometry.reach.known import not_excluded
from geometry.regions import Region
from projectors import Projector

WHY = ("proved", "in part", "not proved", "not reached")


@dataclass(frozen=True, eq=False)
class Proof:
    """Rectangles of the plane of which every point is an eigenvalue of a matrix that the projector makes, as theorems.

    `reached` (cells, cells) is what the map certifies, row = Im ascending, `half` half its side. `pieces` are what is
    proved of the upper half of the plane, which the lower mirrors, `numbers` the exact parameters of each, with `bits`
    binary digits. `within` is the smaller set whose matrices these are, where it is not the projector's own.
    """

    projector: Projector
    half: Fraction
    reached: NDArray[np.bool_]
    pieces: tuple[Piece, ...]
    numbers: tuple[tuple[int, ...], ...]
    bits: int
    within: Projector | None = None

    @property
    def cells(self) -> int:
        """The cells of the map in either direction."""
        return len(self.reached)

    @property
    def centres(self) -> NDArray[np.float64]:
        """The centres (cells,) of the cells in either direction."""
        return cell_centres(self.cells, float(self.half))

    @property
    def share(self) -> NDArray[np.float64]:
        """Which part of each cell (cells, cells) is proved."""
        found = np.zeros((self.cells, self.cells))
        middle = self.cells // 2
        for piece in self.pieces:  # of a cell on the real axis the half above stands for the whole
            whole = piece.cell
            found[whole.row, whole.column] += 0.5 ** (piece.level if piece.strip else 2 * piece.level)
        for row in range(middle + 1, self.cells):
            found[2 * middle - row] = found[row]
        return found

    @property
    def proved(self) -> NDArray[np.bool_]:
        """Which cells (cells, cells) are proved as a whole."""
        return self.share > 1 - 1e-9

    @property
    def area(self) -> Fraction:
        """The area that is proved, of both halves of the plane: exact, and a lower bound of what is reached."""
        one = {(piece.level, piece.strip): piece for piece in self.pieces}  # pieces of a level are of one size
        count = Counter((piece.level, piece.strip) for piece in self.pieces)
        return 2 * sum((count[size] * one[size].area(self.cells, self.half) for size in one), Fraction(0))

    def bracket(self, region: Region) -> tuple[float, float]:
        """Region -> the share of its area that is proved to be reached, and that no theorem excludes.

        Both as shares of the region's area, nan where it has none; the second is above 1 where less is known than that
        region.
        """
        if not region.area:
            return float("nan"), float("nan")
        return float(self.area) / region.area, not_excluded(self.projector).area / region.area

    def why(self) -> NDArray[np.str_]:
        """For each cell (cells, cells): proved, in part, not proved though its centre is reached, or not reached."""
        share = self.share
        conditions = [share > 1 - 1e-9, share > 0, self.reached]
        return np.select(conditions, WHY[:3], WHY[3])

    def outline(self) -> NDArray[np.complex128]:
        """The lines (m,) around what is proved, in both halves of the plane, nan between one and the next."""
        return self._outline

    @cached_property
    def _outline(self) -> NDArray[np.complex128]:
        """They are drawn again and again, and take a tenth of a second."""
        across = max((piece.level for piece in self.pieces), default=0)
        along = max((piece.level for piece in self.pieces if not piece.strip), default=0)
        fine, rows = self.cells << across, self.cells << along
        inside = np.zeros((rows, fine), dtype=bool)
        for piece in self.pieces:
            width = 1 << (across - piece.level)
            height = 1 << (along - (0 if piece.strip else piece.level))
            top, left = piece.row * height, piece.column * width
            inside[top : top + height, left : left + width] = True
        inside |= inside[::-1]
        x, y = (float(self.half) * np.linspace(-1, 1, count + 1) for count in (fine, rows))
        return np.concatenate([_edges(inside, x, y), 1j * _edges(inside.T, y, x).conj()])

    def certificate(self) -> dict[str, Any]:
        """Return everything that a checker needs, for JSON."""
        return {
            "claim": "every point of these rectangles and of their mirror images is an eigenvalue",
            "projector": repr(self.within or self.projector),
            **kind(self.within or self.projector, self.bits).about,
            "cells": self.cells,
            "half": [self.half.numerator, self.half.denominator],
            "pieces": [
                [piece.level, piece.row, piece.column, list(numbers)]
                for piece, numbers in zip(self.pieces, self.numbers, strict=True)
            ],
        }

    def save(self, path: str | Path) -> None:
        """Write the certificate, packed where the name ends in .gz, for `python geometry/proofs/check.py PATH`."""
        text = json.dumps(self.certificate(), separators=(",", ":"))
        if str(path).endswith(".gz"):
            Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))
        else:
            Path(path).write_text(text, encoding="utf-8")


def _edges(inside: NDArray[np.bool_], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Squares (rows, columns), sides x (columns + 1,), y (rows + 1,) -> the horizontal lines around them, then nan."""
    edges = np.diff(np.pad(inside, ((1, 1), (0, 0))).astype(np.int8), axis=0) != 0
    ends = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (row, first), (_, last) = np.nonzero(ends == 1), np.nonzero(ends == -1)
    lines = [x[first] + 1j * y[row], x[last] + 1j * y[row], np.full(len(row), complex("nan"))]
    return np.stack(lines, -1).ravel()


def read(path: str | Path, projector: Projector, reached: NDArray[np.bool_]) -> Proof:
    """File of a certificate of this projector, what its map certifies (cells, cells) -> the proof, not checked again.

    Raises ValueError for a certificate of something else; other files raise what their reading does.
    """
    raw = Path(path).read_bytes()
    told = json.loads(gzip.decompress(raw) if str(path).endswith(".gz") else raw)
    about = {"projector": repr(projector), **kind(projector, told["bits"]).about, "cells": len(reached)}
    if wrong := [name for name, wanted in about.items() if told[name] != wanted]:
        found = f"{told['projector']} with {told['cells']} cells"
        raise ValueError(f"{path} is of {found}: its {wrong[0]} is not that of {projector} with {len(reached)}")
    middle = len(reached) // 2
    pieces = tuple(Piece(level, row, column, strip=row == middle) for level, row, column, _ in told["pieces"])
    numbers = tuple(tuple(each[3]) for each in told["pieces"])
    return Proof(projector, Fraction(*told["half"]), reached, pieces, numbers, told["bits"])
