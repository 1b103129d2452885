"""A matrix as text that goes into a program or a paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ui.take.files import csv


def numpy(matrix: NDArray[np.float64]) -> str:
    """Matrix (n, n) -> Python for it, with every digit."""
    rows = ",\n    ".join("[" + ", ".join(map(repr, row)) + "]" for row in matrix.tolist())
    return f"np.array([\n    {rows},\n])"


def latex(matrix: NDArray[np.float64]) -> str:
    r"""Matrix (n, n) -> a pmatrix of amsmath, to six decimals.

    >>> print(latex(np.eye(2)))
    \begin{pmatrix}
      1.000000 & 0.000000 \\
      0.000000 & 1.000000
    \end{pmatrix}
    """
    rows = " \\\\\n  ".join(" & ".join(f"{entry + 0.0:.6f}" for entry in row) for row in matrix.tolist())
    return f"\\begin{{pmatrix}}\n  {rows}\n\\end{{pmatrix}}"


def table(matrix: NDArray[np.float64]) -> str:
    """Matrix (n, n) -> CSV with every digit, a row a line, without a header."""
    lines = csv({str(place): column for place, column in enumerate(matrix.T)}).decode().splitlines()
    return "\n".join(lines[1:])
