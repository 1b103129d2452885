"""Tables of numbers, as all pages draw them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

MISSING = "–"
"""What stands where there is no number; by itself Streamlit writes "None" there."""


MOST_ROWS = 10
"""Eigenvalues that are all to be seen at once; of more, the table scrolls."""

LETTER, AROUND, WIDEST = 7, 24, 240
"""Pixels of a letter of a name, of the room around it, and of the widest column of names."""


def draw_table(data: Any, **options: Any) -> None:
    """Draw rows or columns as a table without an index; options are those of `st.dataframe`.

    The names of methods are as wide as they are long: by itself Streamlit gives room to the columns of numbers.
    """
    names = [str(row["Method"]) for row in data if "Method" in row] if isinstance(data, list) else []
    if names:
        width = min(WIDEST, AROUND + LETTER * max(map(len, names)))
        methods = {"Method": st.column_config.Column(width=width)}
        options["column_config"] = methods | dict(options.get("column_config") or {})
    st.dataframe(data, hide_index=True, placeholder=MISSING, **options)


def draw_spectrum(values: NDArray[np.complex128]) -> None:
    """Draw eigenvalues (k,) as a table of six decimals, in which nothing is -0."""
    parts = {"Re λ": values.real, "Im λ": values.imag, "|λ|": np.abs(values)}
    number = st.column_config.NumberColumn(format="%.6f")
    draw_table(
        {name: part.round(6) + 0.0 for name, part in parts.items()},
        column_config=dict.fromkeys(parts, number),
        height="content" if len(values) <= MOST_ROWS else "auto",
    )
