"""Tables: what stands in them, and how wide and how high they are."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def spectrum(count: int) -> None:
    import numpy as np

    from ui.tables import draw_spectrum

    draw_spectrum(np.array([0.3 + 0.4j, -1e-17 - 1e-12j, *np.zeros(count - 2)]))


def methods() -> None:
    from ui.tables import draw_table

    draw_table([{"Method": "orthostochastic, Newton–Schulz", "R": 1}, {"Method": "mHC", "R": 2}])


@pytest.mark.parametrize("count", [3, 64])
def test_a_spectrum_has_six_decimals_and_no_negative_nothing(count: int) -> None:
    at = AppTest.from_function(spectrum, kwargs={"count": count}).run()
    assert not at.exception
    (table,) = at.dataframe
    written = [f"{number:.6f}" for number in table.value.iloc[1]]
    assert written == ["0.000000"] * 3
    assert "%.6f" in table.proto.columns


def test_the_names_of_methods_are_not_cut() -> None:
    (table,) = AppTest.from_function(methods).run().dataframe
    assert '"Method": {"width": 234' in table.proto.columns
