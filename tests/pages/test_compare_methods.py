"""The page that compares methods, without a browser."""

from __future__ import annotations

import pytest

from projectors import methods
from tests.pages.page import run, traces


@pytest.mark.parametrize(("n", "measure"), [(2, "edges"), (3, "initial"), (5, "target"), (9, "edges")])
def test_the_comparison_shows_every_method_that_exists(n: int, measure: str) -> None:
    at = run("pages/compare_methods.py", n=n, s=3, measure=measure, each=1000)
    assert not at.exception
    names = [name for name in methods(n) if name != "go-mHC"] + [f"go-mHC, s = {s}" for s in (1, 2, 3)]
    assert list(at.dataframe[0].value["Method"]) == names
    charts = at.get("plotly_chart")
    assert len(charts) == len(names) + (2 < n <= 8)
    for name, chart in zip(names, charts, strict=False):
        assert chart.proto.alt.startswith(f"Eigenvalue density of {name} at n = {n}")
        assert traces(chart)["density"]["customdata"][..., 0].sum() == 1000 * (n - 1)


def test_long_comparisons_wait_for_a_button() -> None:
    at = run("pages/compare_methods.py", n=64, s=1, each=300_000)
    assert not at.exception
    assert [button.key for button in at.button] == ["_start_samples", "_start_coverage"]
    assert not at.get("plotly_chart")


def test_what_was_started_stays_started_while_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.work.limits.UNASKED", 0.0)
    monkeypatch.setattr("ui.spectrum.comparison.RANKS", (5,))  # one size and rank, of which no map is shipped
    monkeypatch.setattr("ui.spectrum.comparison.SIZES", (3,))
    at = run("pages/compare_methods.py", n=3, s=5, each=1000, seed=3)
    assert [button.key for button in at.button] == ["_start_samples", "_start_coverage"]
    at.button(key="_start_samples").click().run()
    assert [button.key for button in at.button] == ["_start_coverage"]
    drawn = len(at.get("plotly_chart"))
    assert drawn == len(methods(3)) + 2
    at.button(key="_start_coverage").click().run()
    assert not at.exception
    assert not at.button
    assert len(at.get("plotly_chart")) == drawn + 1


@pytest.mark.parametrize("family", ["paper", "newer", "all"])
def test_newer_methods_stand_beside_the_papers_when_asked(family: str) -> None:
    at = run("pages/compare_methods.py", n=4, s=1, each=1000, family=family)
    assert not at.exception
    names = list(at.dataframe[0].value["Method"])
    assert ("TBP-mHC" in names) == (family != "paper")
    assert ("KromHC" in names) == (family != "newer")
    contrast = [element.value for element in at.header if "Outside the polytope" in element.value]
    assert bool(contrast) == (family != "paper")
    assert sum("lie outside" in caption.value for caption in at.caption) == (3 if contrast else 0)
