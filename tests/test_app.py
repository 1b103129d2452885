"""Every page with every method, without a browser: the script runs, and its chart holds what the library computes."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from geometry.grid import density
from geometry.sampling import sample
from geometry.spectra import eigenvalues
from projectors import methods, variants

ROOT = Path(__file__).parents[1]
SIZES = (2, 3, 4, 9)
"""The smallest, a prime, one at which every method exists, and one beyond permutation mixtures."""
CASES = [(n, name) for n in SIZES for name in {**methods(n), **variants(n)}]


def run(page: str = "app.py", **query: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if page != "app.py":
        at.switch_page(page)
    for key, value in query.items():
        at.query_params[key] = str(value)
    return at.run()


def heatmap(chart) -> dict[str, np.ndarray]:
    """A chart element -> the arrays of its heat map."""
    trace = next(trace for trace in json.loads(chart.proto.spec)["data"] if trace["type"] == "heatmap")

    def array(packed: dict) -> np.ndarray:
        flat = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
        return flat.reshape([int(side) for side in str(packed["shape"]).split(",")])

    return {"levels": array(trace["z"]), "details": array(trace["customdata"])}


@pytest.mark.parametrize(("n", "method"), CASES)
def test_every_method_at_every_size_draws_what_the_library_computes(n: int, method: str) -> None:
    at = run(n=n, s=2, method=method, measure="initial", matrices=1000, seed=3)
    assert not at.exception
    assert not at.warning
    chart = at.get("plotly_chart")[0]
    assert f"{method}, n = {n}" in chart.proto.alt
    projector = {**methods(n, 2), **variants(n, 2)}[method]
    expected = density(eigenvalues(sample(projector, 1000, "initial", seed=3))).counts
    drawn = heatmap(chart)
    np.testing.assert_array_equal(drawn["details"][..., 0], expected)
    np.testing.assert_array_equal(np.isnan(drawn["levels"]), expected == 0)
    assert expected.sum() == 1000 * (n - 1)


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
        assert heatmap(chart)["details"][..., 0].sum() == 1000 * (n - 1)


def test_long_comparisons_wait_for_a_button() -> None:
    at = run("pages/compare_methods.py", n=64, s=1, each=300_000)
    assert not at.exception
    assert [button.key for button in at.button] == ["start"]
    assert not at.get("plotly_chart")


def test_sliding_n_and_s_changes_the_picture_and_the_numbers() -> None:
    at = run(matrices=1000)
    assert "go-mHC, n = 4, s = 2" in at.get("plotly_chart")[0].proto.alt
    before = [metric.value for metric in at.metric]
    at.slider(key="n_slid").set_value(7).run()
    assert "go-mHC, n = 7, s = 2" in at.get("plotly_chart")[0].proto.alt
    assert at.number_input(key="n").value == 7
    at.slider(key="s").set_value(5).run()
    assert "go-mHC, n = 7, s = 5" in at.get("plotly_chart")[0].proto.alt
    at.number_input(key="n").set_value(30).run()
    assert "go-mHC, n = 30, s = 5" in at.get("plotly_chart")[0].proto.alt
    assert at.slider(key="n_slid").value == 16
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
    traces = {trace.get("name"): trace for trace in json.loads(chart.proto.spec)["data"]}
    assert ("certified reach" if show == "both" else "certified") in traces
    assert ("ε = 1/6" in traces) == (n == 3)


@pytest.mark.parametrize(
    ("n", "method", "re", "im", "reached"),
    [
        (4, "go-mHC", 0.3, 0.4, True),
        (3, "go-mHC", 0.25, 0.43, False),
        (4, "KromHC", 0.2, 0.3, False),
        (2, "mHC", 0.5, 0.0, True),
    ],
)
def test_a_target_is_reached_or_its_nearest_point_told(
    n: int, method: str, re: float, im: float, reached: bool
) -> None:
    at = run("pages/target_eigenvalue.py", n=n, s=1, method=method, re=re, im=im)
    assert not at.exception
    told = next(text.value for text in at.markdown if "reach it" in text.value or "reaches it" in text.value)
    assert ("**" + method + " reaches it**" in told) == reached
    matrix = next(chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Witness matrix"))
    entries = json.loads(matrix.proto.spec)["data"][0]["z"]
    packed = np.frombuffer(base64.b64decode(entries["bdata"]), entries["dtype"]).reshape(n, n)
    np.testing.assert_allclose(packed.sum(0), 1, atol=1e-8)
    np.testing.assert_allclose(packed.sum(1), 1, atol=1e-8)
    values = np.linalg.eigvals(packed)
    assert (np.abs(values - complex(re, im)).min() <= 1e-7) == reached


def test_bad_targets_in_the_link_are_replaced() -> None:
    at = run("pages/target_eigenvalue.py", n=3, re="2", im="nan", show="everything")
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == 3
    assert all(any(f"`{value}`" in text for text in told) for value in ("2", "nan", "everything"))
