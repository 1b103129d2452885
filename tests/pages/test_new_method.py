"""A new method costs a file and a row of the table: every page shows it, and none needs to know it."""

from __future__ import annotations

import pytest

from projectors import Method, table
from tests.newcomer import Circulant
from tests.pages.page import run, traces


@pytest.fixture(autouse=True)
def new_row(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Method("circulant", "mixtures of the powers of a cycle", lambda given: Circulant(given.n))
    monkeypatch.setattr(table, "METHODS", (*table.METHODS, row))


@pytest.mark.parametrize("measure", ["edges", "initial", "target"])
@pytest.mark.parametrize("show", ["density", "both"])
def test_the_main_page_draws_it(measure: str, show: str) -> None:
    at = run(n=3, method="circulant", measure=measure, show=show, matrices=1000)
    assert not at.exception
    assert not at.warning
    assert "circulant, n = 3" in at.get("plotly_chart")[0].proto.alt


def test_it_is_compared_with_the_others() -> None:
    at = run("pages/compare_methods.py", n=3, s=1, each=1000)
    assert not at.exception
    assert "circulant" in list(at.dataframe[0].value["Method"])


def test_it_is_steered_to_a_target() -> None:
    at = run("pages/target_eigenvalue.py", n=3, method="circulant", re=0.25, im=0.2)
    assert not at.exception
    assert any("circulant reaches it" in text.value for text in at.markdown)


@pytest.mark.parametrize("query", [{"layer": "both"}, {"aspect": "space", "space": "diagonal", "points": 500}])
def test_it_is_looked_at_inside_the_polytope(query: dict) -> None:
    at = run("pages/inside_the_polytope.py", n=3, method="circulant", matrices=1000, **query)
    assert not at.exception
    if query.get("layer") == "both":  # circulants are the whole plane
        assert next(metric.value for metric in at.metric if metric.label == "Slice filled") == "100.0 %"


@pytest.mark.parametrize("distance", [0.0, 0.1])
def test_it_learns(distance: float) -> None:
    query = {"n": 3, "mix_iterations": 100, "mix_count": 2, "mix_methods": "circulant~mHC"}
    at = run("pages/stream_mixing.py", preset="your own", mix_start_distance=distance, **query)
    assert not at.exception
    assert list(at.dataframe[0].value["Method"]) == ["circulant", "mHC"]


@pytest.mark.parametrize("law", ["Fig. A9", "B.10, gradients"])
def test_it_obeys_laws(law: str) -> None:
    at = run("pages/stream_mixing.py", preset=law, n=3)
    assert not at.exception
    assert "circulant" in traces(at.get("plotly_chart")[0])


def test_it_has_a_price() -> None:
    at = run("pages/complexity.py", n=3)
    assert not at.exception
    assert any("circulant" in list(frame.value.iloc[:, 0]) for frame in at.dataframe)
