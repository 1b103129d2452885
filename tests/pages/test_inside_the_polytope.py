"""The page inside the polytope, without a browser: what it draws is what the library computes."""

from __future__ import annotations

import numpy as np
import pytest

from geometry.slices import cyclic_view, projection, slice_map
from projectors import Orthostochastic, methods, variants
from tests.pages.page import opened, traces
from ui.polytope import space

run = opened("pages/inside_the_polytope.py")
NAMES = {**methods(4), **variants(4)}


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """Searches come to their end, however busy the machine is."""
    monkeypatch.setattr("ui.work.limits.SHORT", 600.0)


@pytest.mark.parametrize("method", NAMES)
def test_every_method_casts_its_shadow(method: str) -> None:
    at = run(n=4, s=2, method=method, matrices=1000, measure="initial")
    assert not at.exception
    *_, expected = projection(NAMES[method], cyclic_view(4), 1000, "initial")
    drawn = traces(at.get("plotly_chart")[0])["density"]["customdata"][..., 0]
    np.testing.assert_array_equal(drawn, expected.density.counts)


@pytest.mark.parametrize("method", [name for name in NAMES if "Newton" not in name])  # which has none, after minutes
def test_every_method_has_a_certified_slice(method: str) -> None:
    at = run(n=4, s=1, method=method, layer="certified slice")
    assert not at.exception
    members = int((traces(at.get("plotly_chart")[0])["slice"]["z"] == 2).sum())
    assert f"{members:,} of 2,401 cells of the slice belong" in at.get("plotly_chart")[0].proto.alt
    whole = (
        "mHC",
        "mHC-lite",
        "mHC, linear",
        "TBP-mHC",
        "Euclidean projection",
        "C-mHC",
    )  # the last in this plane alone
    assert (members > 2390) == (method in whole)


def test_the_slice_is_the_library_s_and_the_exact_boundary_is_drawn_over_both() -> None:
    at = run(n=3, s=2, layer="both", matrices=1000)
    expected = slice_map(Orthostochastic(3, 2), cyclic_view(3))
    drawn = traces(at.get("plotly_chart")[0])
    assert {"density", "shadow of Bₙ", "exact boundary", "certified slice"} <= set(drawn)
    assert (
        next(metric.value for metric in at.metric if metric.label == "Slice filled") == f"{100 * expected.share:.1f} %"
    )


def test_a_slice_that_was_only_seen_is_not_called_certified() -> None:
    """At n = 3, s = 1 the set meets the plane in a curve, which fills no cell."""
    drawn = traces(run(n=3, s=1, layer="both", matrices=1000).get("plotly_chart")[0])
    assert "seen, not certified" in drawn
    assert "certified slice" not in drawn
    assert "seen, not certified" not in traces(run(n=3, s=2, layer="both", matrices=1000).get("plotly_chart")[0])


@pytest.mark.parametrize("n", [2, 3, 5, 8, 16, 40])
def test_every_size_is_drawn_or_its_limit_told(n: int, monkeypatch) -> None:
    monkeypatch.setattr("ui.work.limits.SHORT", 1.0)  # what is found until then is drawn, too
    at = run(n=n, s=1, layer="both", matrices=1000, x=0.1)
    assert not at.exception
    assert f"n = {n}, s = 1; shadows of 1,000 matrices" in at.get("plotly_chart")[0].proto.alt
    assert any("would take minutes" in info.value for info in at.info) == (n > 16)


def test_rivals_are_drawn_as_outlines_and_the_same_budget_is_no_larger() -> None:
    at = run(n=3, s=2, versus="same budget~mHC", layer="certified slice")
    assert not at.exception
    assert {"average, 12 parameters", "mHC"} <= set(traces(at.get("plotly_chart")[0]))


@pytest.mark.parametrize(
    ("n", "s", "x", "y", "told"),
    [
        (3, 2, 0.25, 0.4330127, "reaches it"),
        (3, 1, 0.0, 0.0, "is 0.47140"),  # sqrt(2)/3 = 0.47140452
        (4, 2, 0.9, 0.0, "No matrix of the section"),
    ],
)
def test_a_chosen_point_has_its_nearest_matrix_or_a_reason(n: int, s: int, x: float, y: float, told: str) -> None:
    at = run(n=n, s=s, x=x, y=y, matrices=1000)
    assert not at.exception
    assert any(told in text.value for text in (*at.markdown, *at.caption))


@pytest.mark.parametrize("query", [{"plane": "odd", "n": 3}, {"plane": "chosen", "n": 4}, {"frequency": 2, "n": 6}])
def test_other_planes_are_drawn(query: dict) -> None:
    at = run(**query, s=1, layer="both", matrices=1000)
    assert not at.exception
    assert not at.warning


def test_permutations_are_taken_from_the_field_and_nonsense_is_explained() -> None:
    at = run(n=3, plane="chosen", chosen="123 213 231", matrices=1000)
    assert not at.warning
    assert traces(at.get("plotly_chart")[0])["corners"]["text"] == ["123", "213", "231"]
    for nonsense in ("123 123 213", "12 21", "123 213 233", "1 2 3", "123"):
        at = run(n=3, plane="chosen", chosen=nonsense, matrices=1000)
        assert not at.exception
        assert nonsense in at.warning[0].value


SPACES = [(3, "order3"), (3, "diagonal"), (4, "klein"), (4, "cyclic"), (4, "chosen")]


@pytest.mark.parametrize(
    ("n", "space", "layer"),
    [(*each, layer) for each in SPACES for layer in ("projection", "certified slice")] + [(5, "cyclic", "projection")],
)
def test_spaces_are_drawn_with_their_corners(n: int, space: str, layer: str) -> None:
    at = run(n=n, s=1, aspect="space", space=space, layer=layer, points=500)
    assert not at.exception
    drawn = traces(at.get("plotly_chart")[0])
    assert len(drawn["matrices"]["x"]) > 300
    if space == "klein" and layer == "certified slice":  # all of it is orthostochastic
        assert next(metric.value for metric in at.metric if metric.label == "Grid points reached") == "100.0 %"


def test_order_2_has_no_space() -> None:
    at = run(n=2, aspect="space")
    assert not at.exception
    assert "segment" in at.info[0].value


@pytest.mark.parametrize("towards", ["edge", "sinkhorn"])
def test_real_and_complex_matrices_learn_the_same_targets(towards: str) -> None:
    at = run(n=3, s=2, aspect="real or complex", towards=towards, gap_iterations=300)
    assert not at.exception
    assert list(at.dataframe[0].value["Method"]) == ["real, s = 1", "complex, s = 1", "real, s = 2", "complex, s = 2"]
    gaps = at.dataframe[0].value["Gap"].astype(float).tolist()
    if (
        towards == "edge"
    ):  # sqrt(2)/6 is the distance of (I + P)/2 from the sets of odd s; the root mean square is a third
        assert min(gaps[:2]) >= 0.0785
        assert max(gaps[2:]) < 0.06


def test_every_bad_value_in_the_link_is_named_and_replaced() -> None:
    bad = {"aspect": "inside", "chosen": "9" * 70, "versus": "a~b", "x": "1e9", "turn": "400", "frequency": "0"}
    at = run(**{"n": 3, "matrices": 1000} | bad)
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == len(bad)
    for key, value in bad.items():
        assert any(f"{key} = `{value[:40]}" in text for text in told), key


def test_more_rivals_than_the_field_takes_are_cut_to_those_it_does() -> None:
    at = run(n=4, s=1, matrices=1000, versus="mHC~mHC~mHC-lite~KromHC~go-mHC~mHC, linear")
    assert not at.exception
    assert at.multiselect(key="_rivals").value == ["mHC", "mHC-lite", "KromHC", "go-mHC"]


def test_what_one_aspect_or_size_cannot_show_comes_back_with_the_next() -> None:
    at = run(n=3, s=1, layer="both", plane="odd", matrices=1000, points=500)
    at.segmented_control(key="aspect").set_value("space").run()
    assert at.segmented_control(key="_layer_shown").value == "projection"
    at.number_input(key="n").set_value(4).run()
    at.segmented_control(key="aspect").set_value("plane").run()
    assert at.selectbox(key="_plane_shown").value == "cyclic"
    at.number_input(key="n").set_value(3).run()
    assert not at.exception
    assert (at.query_params["layer"], at.query_params["plane"]) == ("both", "odd")
    assert at.selectbox(key="_plane_shown").value == "odd"
    at.selectbox(key="_plane_shown").set_value("cyclic").run()
    assert "plane" not in at.query_params


def test_a_frequency_too_high_for_n_waits_for_a_larger_one() -> None:
    at = run(n=8, s=1, frequency=3, matrices=1000)
    at.number_input(key="n").set_value(5).run()
    assert at.number_input(key="_frequency_shown").value == 2
    at.number_input(key="n").set_value(8).run()
    assert at.number_input(key="_frequency_shown").value == 3


@pytest.mark.parametrize(
    ("layer", "told"), {"projection": " matrices<br>0.33 0.33 0.33", "both": "from the set"}.items()
)
def test_every_place_that_answers_clicks_tells_its_cell_and_its_matrix(layer: str, told: str) -> None:
    cells = traces(run(n=3, s=1, layer=layer, matrices=1000).get("plotly_chart")[0])["cells"]
    middle = int(np.hypot(cells["x"], cells["y"]).argmin())
    assert told in cells["text"][middle]
    assert cells["text"][middle].endswith("<br>0.33 0.33 0.33" * 3)
    assert "λ" not in cells["hovertemplate"]


def test_a_search_in_space_is_drawn_while_it_grows(monkeypatch) -> None:
    drawn: list[bool] = []
    real = space.plot

    def plot(*arguments, finished: bool) -> None:
        drawn.append(finished)
        real(*arguments, finished=finished)

    monkeypatch.setattr(space, "plot", plot)
    at = run(n=4, s=3, aspect="space", space="klein", layer="certified slice", seed=78)
    assert not at.exception
    assert drawn[0] is False
    assert drawn[-1] is True
    assert not at.get("plotly_chart")[0].proto.alt.endswith("(partial)")


def test_a_long_search_in_space_is_cut_off_and_can_go_on(monkeypatch) -> None:
    monkeypatch.setattr("ui.work.limits.SHORT", 0.0)
    at = run(n=4, s=3, aspect="space", space="klein", layer="certified slice", seed=77)
    assert not at.exception
    assert "cut off" in at.info[0].value
    at.button(key="_go_on_space").click().run()
    assert not at.exception
    assert not at.info
    assert next(metric.value for metric in at.metric if metric.label == "Grid points reached") == "100.0 %"


@pytest.mark.parametrize(
    ("n", "x", "y", "outside"), [(2, 0.2, 0.3, True), (3, 1.0, 1.0, True), (4, 0.8, 0.1, False), (4, 0.8, 0.3, True)]
)
def test_outside_the_shadow_no_matrix_is_said_to_cast_one(n: int, x: float, y: float, outside: bool) -> None:
    """Bₙ's shadow is a segment at n = 2, a triangle at n = 3, and at n = 4 a square around that of the plane itself."""
    words = [caption.value for caption in run(n=n, s=1, x=x, y=y, matrices=1000).caption]
    (sentence,) = [text for text in words if "is doubly stochastic here" in text]
    assert ("outside the shadow" in sentence) == outside
    assert ("may cast their shadow" in sentence) != outside


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"n": 4, "plane": "odd"}, "The view *odd permutations* comes back at an n that has it."),
        ({"n": 4, "aspect": "space", "space": "order3"}, "The view *even plane, odd direction* comes back"),
        ({"n": 5, "frequency": 8}, "Frequency 8 comes back at an n that has it; here they end at 2."),
        ({"n": 3, "aspect": "space"}, ""),
        ({"n": 5, "frequency": 2}, ""),
    ],
)
def test_a_view_that_does_not_exist_at_this_n_is_missed_in_words(query: dict, sentence: str) -> None:
    told = " ".join(caption.value for caption in run(s=1, matrices=1000, points=500, **query).caption)
    assert sentence in told
    assert ("at an n that has it" in told) == bool(sentence)
