"""The main page with every method, without a browser: its chart holds what the library computes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from figures.spectrum.plane import CORNERS
from geometry.grid import density
from geometry.sampling import sample
from geometry.spectra import unordered_eigenvalues
from geometry.survey import survey
from projectors import methods, variants
from tests.pages.page import run, traces
from ui.examples import EXAMPLES, Example
from ui.link import links
from ui.link.settings import SETTINGS
from ui.outlines import outlines
from ui.spectrum.surveys import survey_work
from ui.take import Taken
from ui.work.session import Left

SIZES = (2, 3, 4, 9)
"""The smallest, a prime, one at which every method exists, and one beyond permutation mixtures."""
CASES = [(n, name) for n in SIZES for name in {**methods(n), **variants(n)}]


@pytest.mark.parametrize(("n", "method"), CASES)
def test_every_method_at_every_size_draws_what_the_library_computes(n: int, method: str) -> None:
    at = run(n=n, s=2, method=method, measure="initial", matrices=1000, seed=3)
    assert not at.exception
    assert not at.warning
    chart = at.get("plotly_chart")[0]
    assert f"{method}, n = {n}" in chart.proto.alt
    projector = {**methods(n, 2), **variants(n, 2)}[method]
    expected = density(unordered_eigenvalues(sample(projector, 1000, "initial", seed=3))).counts
    drawn = traces(chart)["density"]
    np.testing.assert_array_equal(drawn["customdata"][..., 0], expected)
    np.testing.assert_array_equal(np.isnan(drawn["z"]), expected == 0)
    inside = expected.sum() == 1000 * (n - 1)
    assert inside or method == "orthostochastic, Newton–Schulz"  # whose sums are so far from 1 that some lie outside


def notes(chart: Any) -> list[str]:
    """A chart element -> the texts written into it."""
    return [note["text"] for note in json.loads(chart.proto.spec)["layout"].get("annotations", [])]


def test_every_line_is_named_in_a_corner_of_its_own() -> None:
    at = run(n=5, matrices=1000)
    names = notes(at.get("plotly_chart")[0])
    assert len(names) == 4
    assert [name for name in names if name.endswith(("Θ₅", "PM₅", "H₅"))] == names
    assert len({CORNERS[role] for role in outlines(5)}) == 4
    assert len({CORNERS[role] for role in outlines(3, methods(3, 1)["go-mHC"])}) == 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.label)
def test_an_example_leads_to_what_it_says(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.work.limits.UNASKED", 0.5)
    for key, text in example.query.items():
        assert str(SETTINGS[key][1](text)) == text
    if example.page != "app.py":
        assert not run(example.page, **example.query).exception
        return
    at = run(n=9, s=5, seed=3, matrices=1000)
    next(button for button in at.button if button.label == example.label).click().run()
    assert not at.exception
    chosen = {key: str(value) for key, value in at.session_state["_settings"].items()}
    chosen["factors"] = ""  # KromHC fills them in
    assert chosen == {key: str(default) for key, default in links.DEFAULTS.items()} | example.query
    said = {key: text for key, text in example.query.items() if text != str(links.DEFAULTS[key])}
    assert {key: at.query_params[key] for key in said} == said


def test_what_has_no_doubly_stochastic_matrix_has_no_reach_rather_than_none_of_the_region() -> None:
    at = run(n=4, method="orthostochastic, Newton–Schulz", show="both", matrices=1000)
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["PM₄ certified"] == "none"
    assert "PM₄ seen by the search" not in at.table[0].value.index
    assert any("none can be a witness" in caption.value for caption in at.caption)
    assert "certified reach" not in traces(at.get("plotly_chart")[0])
    assert not any("0.0 %" in text for text in shown.values())


@pytest.mark.parametrize("page", ["app.py", "pages/inside_the_polytope.py"])
def test_an_error_of_nothing_has_no_sign_and_one_of_something_says_whose(page: str) -> None:
    errors = [
        run(page, n=4, method=method, matrices=1000).table[0].value.loc["Row or column error"].iloc[0]
        for method in ("identity", "mHC")
    ]
    assert errors[0] == "0"
    assert errors[1].endswith("(not exact)")


def test_an_empty_window_is_said_to_be_empty() -> None:
    for corner, empty in {"0.99~0.99~0.0005": True, "0.2~0.2~0.05": False}.items():
        at = run(n=4, s=1, show="density", matrices=1000, window=corner)
        assert any("No eigenvalue was found in this window" in caption.value for caption in at.caption) == empty
        assert "Largest |λ|, anywhere" in [metric.label for metric in at.metric]


def test_order_2_explains_itself() -> None:
    assert any("2t − 1" in caption.value for caption in run(n=2, s=1, matrices=1000).caption)
    assert not any("2t − 1" in caption.value for caption in run(n=3, s=1, matrices=1000).caption)


def test_sliding_n_and_s_changes_the_picture_and_the_numbers() -> None:
    at = run(matrices=1000)
    assert "go-mHC, n = 4, s = 2" in at.get("plotly_chart")[0].proto.alt
    before = [metric.value for metric in at.metric]
    at.slider(key="_n_slid").set_value(7).run()
    assert "go-mHC, n = 7, s = 2" in at.get("plotly_chart")[0].proto.alt
    assert at.number_input(key="n").value == 7
    at.slider(key="s").set_value(5).run()
    assert "go-mHC, n = 7, s = 5" in at.get("plotly_chart")[0].proto.alt
    at.number_input(key="n").set_value(30).run()
    assert "go-mHC, n = 30, s = 5" in at.get("plotly_chart")[0].proto.alt
    assert at.slider(key="_n_slid").value == 16
    assert not at.exception
    assert [metric.value for metric in at.metric] != before


BAD_VALUES = {
    "n": "65",
    "s": "0",
    "method": "mhc'; drop",
    "measure": "uniform",
    "matrices": "10000000",
    "each": "-1",
    "seed": "1e3",
    "factors": "1000000x1000000",
    "iterations": "100000000000000000000000",
}


@pytest.mark.parametrize("page", ["app.py", "pages/compare_methods.py"])
def test_every_bad_value_in_the_link_is_named_and_replaced(page: str) -> None:
    at = run(page, **BAD_VALUES)
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == len(BAD_VALUES)
    for key, value in BAD_VALUES.items():
        assert any(f"{key} = `{value}`"[:40] in text and "must" in text for text in told), key


def test_a_method_or_factors_that_do_not_exist_at_n_are_explained() -> None:
    at = run(n=9, method="mHC-lite", matrices=1000)
    assert "needs n ≤ 8" in at.info[0].value
    at = run(n=7, method="KromHC", matrices=1000)
    assert "composite" in at.info[0].value
    at = run(n=8, method="KromHC", factors="2x3", matrices=1000)
    assert "do not multiply to n = 8" in at.info[0].value
    assert not at.exception


@pytest.mark.parametrize(("n", "method"), [(2, "go-mHC"), (3, "go-mHC"), (4, "KromHC"), (4, "mHC"), (5, "mHC-lite")])
@pytest.mark.parametrize("show", ["certified reach", "both"])
def test_certified_reach_is_drawn_for_every_kind(n: int, method: str, show: str) -> None:
    at = run(n=n, s=1, method=method, show=show, matrices=1000)
    assert not at.exception
    chart = at.get("plotly_chart")[0]
    assert "cells certified" in chart.proto.alt
    drawn = traces(chart)
    assert ("certified reach" if show == "both" else "certified") in drawn
    assert ("ε = 1/6" in drawn) == (n == 3)


def test_a_shipped_map_has_nobody_s_seconds_and_no_device() -> None:
    rows = dict(run(n=3, s=1, show="certified reach").table[0].value.iloc[:, -1].items())
    assert rows["Mapped in"] == "shipped with the project"
    assert "Device" not in rows
    rows = dict(run(n=3, s=1, show="certified reach", seed=5).table[0].value.iloc[:, -1].items())
    assert rows["Mapped in"].endswith(" s")
    assert "Device" in rows


def test_the_archive_holds_the_lines_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Taken] = []
    monkeypatch.setattr("ui.take.downloads.buttons", offered.append)
    for method in ("go-mHC", "mHC"):
        drawn = traces(run(n=3, s=2, method=method, matrices=1000).get("plotly_chart")[0])
        arrays = offered.pop().arrays
        exact = method == "go-mHC"
        assert ("exact" in arrays, "hypocycloid" in arrays) == (exact, not exact)
        name = next(name for name in drawn if name.startswith("Orthostochastic region" if exact else "Hypocycloid"))
        boundary = np.asarray(arrays["exact" if exact else "hypocycloid"])
        np.testing.assert_allclose(drawn[name]["x"] + 1j * drawn[name]["y"], boundary, atol=1e-6)


def test_a_sample_that_was_cancelled_is_partial_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Taken] = []
    monkeypatch.setattr("ui.take.downloads.buttons", offered.append)
    at = run(n=3, s=1, matrices=100_000, seed=7)
    projector = methods(3, 1)["go-mHC"]
    first = next(survey(projector, 100_000, "edges", 8))
    assert first.matrices < 100_000
    key = (("", survey_work(projector, 100_000, "edges", 8).key),)
    at.session_state["_left_sample"] = Left(key, {"": first}, "cancelled")
    at.number_input(key="seed").set_value(8).run()
    assert not at.exception
    assert at.info[0].value == "Partial. Cancelled: the sample is smaller than asked for."
    chart = at.get("plotly_chart")[0]
    assert chart.proto.alt.endswith("(partial)")
    assert "partial" in notes(chart)
    assert "partial" in at.table[0].value.iloc[0, -1]
    assert offered[-1].stem.endswith("_partial")
    at.button(key="_go_on_sample").click().run()
    assert not at.info
    assert "partial" not in notes(at.get("plotly_chart")[0])
    assert not offered[-1].partial


def test_long_samples_and_maps_wait_for_a_button() -> None:
    at = run(n=64, s=4, show="both", matrices=1_000_000)
    assert not at.exception
    assert [button.key for button in at.button if button.key.startswith("_start")] == ["_start_sample", "_start_map"]
    assert not at.get("plotly_chart")


def test_the_tour_leads_through_three_pictures_and_ends() -> None:
    at = run(n=4, s=2, matrices=1000)
    at.button(key="_tour_begin").click().run()
    assert "n = 3, s = 1" in at.get("plotly_chart")[0].proto.alt
    at.button(key="_tour_next").click().run()
    assert "n = 3, s = 2" in at.get("plotly_chart")[0].proto.alt
    at.button(key="_tour_next").click().run()
    assert "Certified reach" in at.get("plotly_chart")[0].proto.alt
    assert any("The matrix at λ" in header.value for header in at.header)
    at.button(key="_tour_end").click().run()
    assert not at.exception
    assert not [button for button in at.button if button.key == "_tour_next"]
