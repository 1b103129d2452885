"""The page that compares methods, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from geometry.proofs.shipped import named
from projectors import methods
from sweeps import Store, plan
from sweeps.running import work
from tests.pages.page import run, traces
from ui.spectrum.atlas import ATLAS


@pytest.mark.parametrize(("n", "measure"), [(2, "edges"), (3, "initial"), (5, "target"), (9, "edges")])
def test_the_comparison_shows_every_method_that_exists(n: int, measure: str) -> None:
    at = run("pages/compare_methods.py", n=n, s=3, measure=measure, each=1000)
    assert not at.exception
    names = [name for name in methods(n) if name != "go-mHC"] + [f"go-mHC, s = {s}" for s in (1, 2, 3)]
    assert list(at.dataframe[0].value["Method"]) == names
    charts = at.get("plotly_chart")
    assert len(charts) == len(names) + (n > 2)
    assert any(header.value.startswith("Proved area") for header in at.header) == (n in (3, 4, 5))
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
    monkeypatch.setattr("ui.spectrum.comparison.sizes", lambda s: [3])
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


@pytest.mark.parametrize("n", [3, 4, 5])
def test_what_is_proved_stands_in_a_table(n: int) -> None:
    at = run("pages/compare_methods.py", n=n, s=1, each=1000)
    assert not at.exception
    table = at.dataframe[1].value
    assert list(table["Method"]) == list(named(n))
    assert (table["Proved"] < table["Not excluded"]).all()
    assert ("Exact" in table) == (n == 3)


def test_an_atlas_is_shown_where_the_owner_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, sizes = Store(str(tmp_path / "store")), [3, 4]
    store.create()
    wanted = plan(
        {
            "sweep": [{"quantities": ["map", "proof"], "methods": ["go-mHC", "mHC"], "n": sizes, "s": [1, 2]}],
            "map": {"resolution": 21},
            "proof": {"resolution": 21, "depth": 0},
        }
    )
    for task in wanted.tasks:
        work(task, store.url)
    monkeypatch.setenv(ATLAS, store.url)
    at = run("pages/compare_methods.py", n=3, s=2, each=1000)
    assert not at.exception
    assert "Atlas" in [header.value for header in at.header]
    table = at.dataframe[2].value
    assert list(zip(table["Method"], table["N"], table["S"], strict=True)) == [
        *(("go-mHC", n, s) for n in sizes for s in (1, 2)),
        *(("mHC", n, 0) for n in sizes),
    ]
    ranked = table[table["Method"] == "go-mHC"]
    assert (ranked["Proved"] > 0).all()
    assert (ranked["Proved"] < ranked["Not excluded"]).all()
    assert table[table["Method"] == "mHC"]["Proved"].isna().all()
    assert at.get("plotly_chart")[-1].proto.alt.startswith("Certified coverage against s at n = 3")


@pytest.mark.parametrize("kind", ["nowhere", "empty", "unknown"])
def test_an_atlas_that_is_none_is_said(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "nosuchprotocol://somewhere" if kind == "unknown" else str(tmp_path / kind)
    if kind == "empty":
        Store(url).create()
    monkeypatch.setenv(ATLAS, url)
    at = run("pages/compare_methods.py", n=2, s=1, each=1000)
    assert not at.exception
    (said,) = [*at.warning, *at.error]
    assert ATLAS in said.value


def test_what_has_no_doubly_stochastic_matrix_has_a_sentence_and_no_curve() -> None:
    for family, none in {"newer": True, "paper": False}.items():
        at = run("pages/compare_methods.py", n=3, s=1, each=1000, family=family)
        assert any("no curve, has orthostochastic, Newton–Schulz" in text.value for text in at.caption) == none
        charts = [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Certified coverage")]
        assert "orthostochastic, Newton–Schulz" not in traces(charts[0])
