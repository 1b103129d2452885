"""What a browser sends of a hand on a chart is a click or a look, or nothing; a window is kept within bounds."""

from __future__ import annotations

from math import inf, nan
from types import SimpleNamespace

import pytest

from ui import windows
from ui.link.settings import SETTINGS
from ui.pointer import Click, Look
from ui.pointer.pointer import _click, _look

CHARTS = ["plane", "panel_1"]
HOSTILE = [
    *(None, 3, "x", [], {}, {"chart": "other", "x": 1, "y": 1}, {"chart": ["plane"], "x": 1, "y": 1}),
    *({"chart": "plane", "x": value, "y": 0.5} for value in (nan, inf, 1e300, "1", None, True, [1, 2, 3, 4], [2, 1])),
    *({"chart": "plane", "eye": value} for value in (1, {}, {"x": 1, "y": nan, "z": 0}, [1, 2, 3])),
    *({"chart": "plane", "x": [0, 1], "y": value} for value in ([0], [1, 0], "01", None, [0, 1, 2])),
]


@pytest.mark.parametrize("sent", HOSTILE, ids=repr)
def test_what_is_no_click_and_no_look_is_nothing(sent: object) -> None:
    assert _click(sent, CHARTS) is None
    assert _look(sent, CHARTS) is None


def test_clicks_and_looks_are_read() -> None:
    assert _click({"chart": "panel_1", "x": 0.5, "y": -1}, CHARTS) == Click("panel_1", 0.5, -1)
    assert _look({"chart": "plane", "x": [0, 1], "y": [2, 3]}, CHARTS) == Look("plane", (0, 1), (2, 3))
    assert _look({"chart": "plane", "eye": {"x": 1, "y": 2, "z": 3}}, CHARTS) == Look("plane", eye=(1, 2, 3))
    assert _look({"chart": "plane", "whole": True}, CHARTS) == Look("plane")


@pytest.mark.parametrize(
    ("x", "y", "kept"),
    [
        ((0.25, 0.35), (0.35, 0.45), "0.3~0.4~0.05"),
        ((0.1, 0.1 + 1e-9), (0.2, 0.2 + 1e-9), "0.1~0.2~0.0005"),
        ((-1.09, 1.09), (-1.09, 1.09), ""),
        ((-9, 9), (0.1, 0.2), ""),
        ((5, 5.1), (-7.1, -7), "1~-1~0.05"),
        ((0, 1 / 3), (0, 1 / 3), "0.1667~0.1667~0.1667"),
    ],
)
def test_a_look_becomes_a_window_within_bounds(
    monkeypatch: pytest.MonkeyPatch, x: tuple[float, float], y: tuple[float, float], kept: str
) -> None:
    state: dict[str, str] = {}
    monkeypatch.setattr(windows, "st", SimpleNamespace(session_state=state))
    windows.SPECTRUM.look(Look("plane", x, y))
    assert state == {"window": kept}
    if kept:
        assert SETTINGS["window"][1](kept) == kept
        window = windows.SPECTRUM.chosen()
        assert abs(window.half - (x[1] - x[0]) / 2) < 1e-3 or window.half == 5e-4
    windows.SPECTRUM.show_all()
    assert state == {"window": ""}
