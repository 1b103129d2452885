"""Sweeps and pins: every picture is that of its own link, on one colour scale, and hostile pins are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from figures.style import PAPER
from tests.pages.page import run, unpacked
from ui.link.settings import SETTINGS
from ui.take import Taken


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Taken]:
    taken: list[Taken] = []
    monkeypatch.setattr("ui.take.downloads.buttons", taken.append)
    return taken


def test_a_sweep_over_s_plays_every_rank_as_its_own_page_draws_it(offered: list[Taken]) -> None:
    at = run(n=3, matrices=1000, sweep="s")
    assert not at.exception
    spec = json.loads(at.get("plotly_chart")[1].proto.spec)
    assert [each["name"] for each in spec["frames"]] == [f"s = {s}" for s in range(1, 9)]
    assert len({len(each["data"]) for each in spec["frames"]}) == 1
    heats = [each["data"][0] for each in spec["frames"]]
    assert len({heat["zmax"] for heat in heats}) == 1
    alone = json.loads(run(n=3, s=5, matrices=1000).get("plotly_chart")[0].proto.spec)["data"][0]
    np.testing.assert_array_equal(unpacked(heats[4]["z"]), unpacked(alone["z"]))
    (series,) = [each for each in offered if each.name == "sweep"]
    assert len(list(series.frames(PAPER))) == 8
    assert len(series.moving(PAPER).frames) == 8


def test_what_has_no_rank_is_not_played_over_it() -> None:
    at = run(n=4, method="identity", matrices=1000, sweep="s")
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1
    assert any("identity has no rank s" in caption.value for caption in at.caption)
    at.session_state["sweep"] = "n"
    assert len(at.run().get("plotly_chart")) == 2


def test_a_sweep_over_n_has_the_sizes_at_which_the_method_exists() -> None:
    at = run(n=4, method="KromHC", matrices=1000, sweep="n")
    spec = json.loads(at.get("plotly_chart")[1].proto.spec)
    assert [each["name"] for each in spec["frames"]] == ["n = 4", "n = 6", "n = 8", "n = 9", "n = 10"]


def test_what_is_pinned_stands_side_by_side_and_the_oldest_goes(offered: list[Taken]) -> None:
    at = run(n=3, s=1, matrices=1000)
    for s in (1, 2, 3, 3, 4):
        at.slider(key="s").set_value(s).run()
        at.button(key="_pin").click().run()
    assert not at.exception
    assert at.session_state["pins"].split("~") == [f"go-mHC;3;{s};;20;edges;1000;0" for s in (2, 3, 4)]
    told = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert [alt for alt in told if alt.startswith("Pinned")] == [
        f"Pinned: go-mHC, n = 3, s = {s}, edges, seed 0" for s in (2, 3, 4)
    ]
    assert len(offered[-1].arrays) == 4
    again = run(n=5, matrices=1000, pins=at.session_state["pins"])
    assert sum(chart.proto.alt.startswith("Pinned") for chart in again.get("plotly_chart")) == 3
    at.button(key="_unpin").click().run()
    assert not at.session_state["pins"]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "~",
        ";;;;;;;",
        "go-mHC;99;2;;20;edges;1000;0",
        "go-mHC;4;2;;20;edges;1000;0;9",
        "x;4;2;;20;edges;1000;0",
        "~" * 500,
    ],
)
def test_pins_that_could_not_be_set_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|method"):
        SETTINGS["pins"][1](text)


@pytest.mark.parametrize(
    "pins", ["KromHC;7;2;;20;edges;1000;0", "mHC-lite;9;2;;20;edges;1000;0", "KromHC;8;2;2x3;20;edges;1000;0"]
)
def test_pins_that_exist_at_no_such_size_are_left_out(pins: str) -> None:
    at = run(n=3, matrices=1000, pins=pins)
    assert not at.exception
    assert not [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Pinned")]
