"""Tables of numbers, as all pages draw them."""

from __future__ import annotations

from typing import Any

import streamlit as st

MISSING = "–"
"""What stands where there is no number; by itself Streamlit writes "None" there."""


def draw_table(data: Any, **options: Any) -> None:
    """Draw rows or columns as a table without an index; options are those of `st.dataframe`."""
    st.dataframe(data, hide_index=True, placeholder=MISSING, **options)
