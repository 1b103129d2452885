"""What is proved of a map: which cells, how large an area, and the certificate that anybody can check."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.proofs.pieces import BITS, Piece, kind
from projectors import Projector

WHY = ("proved", "in part", "not proved", "not reached")


@dataclass(frozen=True, eq=False)
class Proof:
    """Squares of the plane of which every point is an eigenvalue of a matrix that the projector makes, as theorems.

    `centres` (bins,) are those of a map's cells, `half` half its side, `reached` (bins, bins) what the map certifies.
    `pieces` are the proved squares of the upper half of the plane, which the lower mirrors, `numbers` the exact
    parameters of each.
    """

    projector: Projector
    centres: NDArray[np.float64]
    half: Fraction
    reached: NDArray[np.bool_]
    pieces: tuple[Piece, ...]
    numbers: tuple[tuple[int, ...], ...]

    @property
    def share(self) -> NDArray[np.float64]:
        """Which part of each cell (bins, bins) is proved."""
        cells = len(self.centres)
        found = np.zeros((cells, cells))
        middle = cells // 2
        for piece in self.pieces:  # of a cell on the real axis the half above stands for the whole
            whole = piece.cell
            found[whole.row, whole.column] += float(piece.area(cells, self.half) / whole.area(cells, self.half))
        for row in range(middle + 1, cells):
            found[2 * middle - row] = found[row]
        return found

    @property
    def proved(self) -> NDArray[np.bool_]:
        """Which cells (bins, bins) are proved as a whole."""
        return self.share > 1 - 1e-9

    @property
    def area(self) -> Fraction:
        """The area that is proved, of both halves of the plane: exact, and a lower bound of what is reached."""
        return 2 * sum((piece.area(len(self.centres), self.half) for piece in self.pieces), Fraction(0))

    def why(self) -> NDArray[np.str_]:
        """For each cell (bins, bins): proved, in part, not proved though its centre is reached, or not reached."""
        share = self.share
        conditions = [share > 1 - 1e-9, share > 0, self.reached]
        return np.select(conditions, WHY[:3], WHY[3])

    def certificate(self) -> dict[str, Any]:
        """Return everything that a checker needs, for JSON."""
        return {
            "claim": "every point of these squares and of their mirror images is an eigenvalue",
            "projector": repr(self.projector),
            **kind(self.projector).about,
            "cells": len(self.centres),
            "half": [self.half.numerator, self.half.denominator],
            "bits": BITS,
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
