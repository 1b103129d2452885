"""Tables of numbers, as all pages draw them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

MISSING = "–"
"""What stands where there is no number; by itself Streamlit writes "None" there."""

ROUNDED = 12
"""Decimals of an eigenvalue that LAPACK knows, more or less."""

FEW = 16
"""Eigenvalues that are all shown; more scroll."""


def draw_table(data: Any, **options: Any) -> None:
    """Draw rows or columns as a table without an index; options are those of `st.dataframe`."""
    st.dataframe(data, hide_index=True, placeholder=MISSING, **options)


def draw_spectrum(values: NDArray[np.complex128]) -> None:
    """Draw eigenvalues (k,) as a table; what is 0 to rounding is 0, without a sign."""
    number = st.column_config.NumberColumn(format="%.6f")
    columns = {"Re λ": values.real, "Im λ": values.imag, "|λ|": np.abs(values)}
    rounded = {name: column.round(ROUNDED) + 0.0 for name, column in columns.items()}
    height = "content" if len(values) <= FEW else "auto"
    draw_table(rounded, column_config=dict.fromkeys(columns, number), height=height)
