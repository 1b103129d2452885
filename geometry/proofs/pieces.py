"""The rectangles that are tried: squares of the plane, and strips of the real axis."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, order=True)
class Piece:
    """A square above the axis, or a strip of a cell on it: row and column count from the corner.

    Cells of the map are of level 0, and each level halves the sides of squares, but the width of strips alone: where a
    pair of eigenvalues meets, the square of its distance bends, and a rectangle has to be narrow.
    """

    level: int
    row: int
    column: int
    strip: bool = False

    def children(self) -> list[Piece]:
        """The squares, or the strips, that it is made of."""
        return [
            Piece(self.level + 1, self.row if self.strip else 2 * self.row + i, 2 * self.column + j, self.strip)
            for i in range(1 if self.strip else 2)
            for j in range(2)
        ]

    @property
    def cell(self) -> Piece:
        """The cell that it is a part of."""
        return Piece(0, self.row if self.strip else self.row >> self.level, self.column >> self.level, self.strip)

    def area(self, cells: int, half: Fraction) -> Fraction:
        """Cells and half the side of the map -> the area of what of it is above the axis."""
        a, b, c, d = self.sides(cells, half)
        return (b - a) * (d - c)

    def sides(self, cells: int, half: Fraction) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """Cells and half the side of the map -> a, b, c, d: Re from a to b, Im from c to d, nothing below the axis."""
        width = 2 * half / (cells * 2**self.level)
        height = 2 * half / cells if self.strip else width
        a, c = self.column * width - half, self.row * height - half
        return a, a + width, max(c, Fraction(0)), c + height
