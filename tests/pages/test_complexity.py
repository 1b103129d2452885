"""The complexity page: the paper's integers in its tables, a budget that ranks, a clock that waits for a click."""

from __future__ import annotations

import numpy as np
import pytest

from learning.cost import Timing, affordable, candidates, language_model_parameters, shipped_shares
from projectors import Kronecker, Orthostochastic, PermutationMixture
from tests.pages.page import opened, traces
from ui.cost import families

run = opened("pages/complexity.py")
LAYER, MODEL = 1, 2
"""Places of the tables on the page; the first one is what the budget buys."""


def curves(chart) -> dict[str, tuple[list[float], list[float]]]:
    """A chart element -> its curves by name."""
    return {
        name: (np.asarray(trace["x"]).tolist(), np.asarray(trace["y"]).tolist())
        for name, trace in traces(chart).items()
    }


@pytest.mark.parametrize(
    ("n", "added"),
    {
        4: {"mHC-lite": 608_676, "KromHC": 239_796, "go-mHC, s = 1": 461_124, "go-mHC, s = 2": 1_346_436},
        8: {"mHC-lite": 1_487_467_236, "KromHC": 848_172, "go-mHC, s = 1": 2_986_980, "go-mHC, s = 2": 10_067_172},
    }.items(),
)
def test_the_paper_s_table_9_stands_on_the_page(n: int, added: dict[str, int]) -> None:
    at = run(n=n)
    assert not at.exception
    table = at.dataframe[MODEL].value.set_index("Model")
    assert table.loc["Residual baseline", "All parameters"] == 30_135_168
    for name, count in added.items():
        assert table.loc[name, "Added"] == count
        assert table.loc[name, "All parameters"] == 30_135_168 + count
    least = language_model_parameters(Orthostochastic(n, 2), coefficients="minimal")
    assert table.loc["go-mHC, s = 2", "All, with fewest"] == least


def test_the_model_s_sizes_come_from_the_link_and_from_the_widgets() -> None:
    at = run(n=4, lm_layers=2, lm_width=64, lm_vocabulary=1000, lm_context=128, lm_bytes=2)
    projector = Kronecker((PermutationMixture(2),) * 2)
    row = at.dataframe[MODEL].value.set_index("Model").loc["KromHC"]
    assert row["All parameters"] == language_model_parameters(projector, 2, 64, 1000, 128)
    assert row["Parameters, MB"] == pytest.approx(2e-6 * row["All parameters"])
    assert row["Streams of a token, kB"] == pytest.approx(2e-3 * 5 * 4 * 64)
    at.number_input(key="lm_layers").set_value(3).run()
    row = at.dataframe[MODEL].value.set_index("Model").loc["KromHC"]
    assert row["All parameters"] == language_model_parameters(projector, 3, 64, 1000, 128)
    assert at.query_params["lm_layers"] == "3"
    assert not at.exception


@pytest.mark.parametrize(("predicted", "numbers"), {"minimal": 28, "implemented": 64}.items())
def test_the_numbers_predicted_are_those_chosen_in_every_part_but_the_model(predicted: str, numbers: int) -> None:
    at = run(n=4, s=3, predicted=predicted, afford=64)
    assert not at.exception
    streams, counts = curves(at.get("plotly_chart")[0])["go-mHC, s = 2"]
    assert counts[streams.index(4)] == numbers
    assert at.dataframe[LAYER].value.set_index("Method").loc["go-mHC, s = 2", "Numbers R"] == numbers
    assert at.dataframe[0].value.set_index("Method").loc["go-mHC, s = 2", "Numbers R"] == numbers
    table = at.dataframe[MODEL].value.set_index("Model").loc["go-mHC, s = 2"]
    assert (table["R in the paper's code"], table["R, fewest"]) == (64, 28)


def test_growth_is_that_of_the_projectors() -> None:
    at = run(s=5)
    numbers, operations = (curves(chart) for chart in at.get("plotly_chart")[:2])
    assert list(numbers) == list(operations) == list(families.families(5))
    assert numbers["mHC"] == (list(families.SIZES), [n**2 for n in families.SIZES])
    assert numbers["mHC-lite"] == ([2, 3, 4, 5, 6, 7, 8], [2, 6, 24, 120, 720, 5040, 40320])
    assert numbers["KromHC"] == ([4, 8, 16, 32, 64], [4, 6, 8, 10, 12])
    assert operations["go-mHC, s = 5"][1] == [Orthostochastic(n, 5).flops for n in families.SIZES]


@pytest.mark.parametrize(("n", "budget", "operations"), [(4, 20, 10**6), (4, 10**6, 1000), (6, 100, 10**6)])
def test_a_budget_is_ranked_by_the_certified_share(n: int, budget: int, operations: int) -> None:
    at = run(n=n, afford=budget, afford_flops=operations)
    entries = candidates(n)
    wanted = affordable(entries, shipped_shares(entries), budget, operations)
    table = at.dataframe[0].value
    assert list(table["Method"]) == [offer.name for offer in wanted]
    known = [offer for offer in wanted if offer.certified is not None]
    assert list(table["Certified"].dropna()) == pytest.approx([100 * offer.certified for offer in known])
    assert table["Certified"].dropna().is_monotonic_decreasing
    assert table["Certified"].notna().is_monotonic_decreasing  # what is not known comes last
    chart = at.get("plotly_chart")[2]
    assert f"n = {n}" in chart.proto.alt
    hollow = {name for name, trace in traces(chart).items() if trace["marker"]["symbol"].endswith("-open")}
    drawn = {name for name, share in shipped_shares(entries).items() if share is not None}
    assert hollow == drawn - set(table["Method"])


@pytest.mark.parametrize(("n", "why"), {2: "every eigenvalue is real", 17: "maps are shipped"}.items())
def test_where_no_reach_is_known_the_page_says_so_and_lists_prices(n: int, why: str) -> None:
    at = run(n=n, afford=100)
    assert not at.exception
    assert why in at.info[0].value
    assert "Certified" not in at.dataframe[0].value
    assert at.dataframe[0].value["Numbers R"].is_monotonic_increasing
    assert len(at.get("plotly_chart")) == 2


def test_a_budget_for_nothing_is_told() -> None:
    at = run(n=8, afford=1)  # which not to mix still is
    assert any("1 of 15 candidates" in text.value for text in at.markdown)
    at = run(n=8, afford=1, afford_time=1e-6)
    assert not at.exception
    assert any(text.value == "Nothing is that cheap." for text in at.markdown)


def test_the_clock_waits_for_a_click_and_names_the_device(monkeypatch) -> None:
    monkeypatch.setattr("learning.cost.measured", lambda projector, repeats: Timing(1e-6, 3e-6, 7, 5, "an abacus"))
    at = run(s=7)
    assert len(at.get("plotly_chart")) == 3
    at.button(key="_start_timing").click().run()
    assert not at.exception
    forward, training = (curves(chart) for chart in at.get("plotly_chart")[3:])
    assert forward["go-mHC, s = 7"] == ([2, 4, 8, 16, 32], [1, 1, 1, 1, 1])
    assert training["mHC-lite"] == ([2, 4, 8], pytest.approx([3, 3, 3]))
    assert list(forward) == list(families.families(7))
    assert any("an abacus" in text.value for text in at.caption)
    at.number_input(key="lm_layers").set_value(3).run()
    assert len(at.get("plotly_chart")) == 5


def test_every_bad_value_in_the_link_is_named_and_replaced() -> None:
    bad = {
        "predicted": "few",
        "lm_layers": "0",
        "lm_width": "1e3",
        "lm_vocabulary": "99999999",
        "lm_context": "-1",
        "lm_bytes": "3",
        "afford": "0",
        "afford_flops": "1000000001",
    }
    at = run(**bad)
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == len(bad)
    for key, value in bad.items():
        assert any(f"{key} = `{value}`" in text and "must" in text for text in told), key


def test_the_python_of_the_clock_measures_the_same_methods(monkeypatch) -> None:
    monkeypatch.setattr("learning.cost.measured", lambda projector, repeats: Timing(1e-6, 3e-6, 7, 5, "an abacus"))
    at = run(s=6)
    at.button(key="_start_timing").click().run()
    code = next(block.value for block in at.code if "measured(" in block.value)
    made: dict = {}
    exec(compile(code, "snippet", "exec"), made)
    names = {name for name, _ in zip(made["arrays"]["method"], made["arrays"]["n"], strict=True)}
    assert names == set(families.families(6))


def test_a_budget_of_time_is_measured_and_kept_to() -> None:
    at = run(n=3, afford=1000, afford_time=1_000_000)
    everything = list(at.dataframe[0].value["Method"])
    times = dict(zip(everything, at.dataframe[0].value["Measured, µs"], strict=True))
    assert len(everything) == len(candidates(3))
    assert all(time > 0 for time in times.values())
    middle = sorted(times.values())[4]
    at.number_input(key="afford_time").set_value(middle).run()
    assert not at.exception
    assert set(at.dataframe[0].value["Method"]) == {name for name, time in times.items() if time <= middle}


def test_a_bound_in_force_is_shown_and_not_rounded_to_no_bound() -> None:
    """On every page: what a link sets far below 1 is not written as 0."""
    field = run(n=4, afford_time=0.001, afford=1000).number_input(key="afford_time")
    fields = [field]
    at = opened("pages/stream_mixing.py")(preset="your own", mix_noise=1e-5, mix_iterations=1, mix_count=1, n=2)
    fields += [each for each in at.number_input if each.key in ("mix_noise", "mix_rate", "mix_projector_noise")]
    assert [each.key for each in fields if each.value and float(each.proto.format % each.value) == 0] == []


def test_captions_speak_of_what_is_drawn() -> None:
    for family, told in {"paper": True, "newer": False}.items():
        caption = next(text.value for text in run(n=4, family=family).caption if "Dotted line" in text.value)
        assert ("KromHC" in caption) == ("mHC-lite" in caption) == told
        assert ("identity" in caption) != told
