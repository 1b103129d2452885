"""The page on stream mixing, without a browser: presets, own experiments, kept runs, laws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from learning.stream_mixing import StreamMixing, trained
from learning.stream_mixing.presets import PRESETS
from ui.mixing_laws import LAWS

ROOT = Path(__file__).parents[2]
SMALL = {"preset": "your own", "n": 3, "mix_iterations": 100, "mix_count": 4}


def run(**query: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.switch_page("pages/stream_mixing.py")
    for key, value in query.items():
        at.query_params[key] = str(value)
    return at.run()


def names(at: AppTest, place: int = 0) -> list[str]:
    return [trace["name"] for trace in json.loads(at.get("plotly_chart")[place].proto.spec)["data"]]


def test_an_own_experiment_is_the_library_s() -> None:
    at = run(**SMALL, mix_noise=0.2, mix_rate=0.01, seed=5)
    assert not at.exception
    expected = trained(StreamMixing(n=3, noise=0.2, rate=0.01, count=4, iterations=100, seed=5))
    table = at.dataframe[0].value
    assert list(table["Method"]) == list(expected.names)
    assert [float(loss) for loss in table["Final loss"]] == pytest.approx(expected.final_losses.tolist(), rel=1e-3)
    assert "100 of 100 iterations" in at.get("plotly_chart")[0].proto.alt


@pytest.mark.parametrize(
    "query",
    [
        {"mix_objective": "matrix", "mix_targets": "permutations"},
        {"mix_objective": "learned read-out", "mix_targets": "unistochastic"},
        {"mix_objective": "read-out", "mix_optimizer": "sgd"},
        {"mix_objective": "eigenvalue"},
        {"mix_targets": "vertex", "mix_sparsity": 0.5, "mix_features": "notebook", "mix_projector_noise": 0.01},
        {"n": 4, "mix_methods": "mHC~KromHC~go-mHC, unitary~weighted KromHC"},
        {"n": 16, "mix_count": 2},
    ],
)
def test_every_kind_of_experiment_is_drawn(query: dict) -> None:
    at = run(**(SMALL | query))
    assert not at.exception
    assert not at.warning
    if "mix_methods" in query:
        assert list(at.dataframe[0].value["Method"]) == query["mix_methods"].split("~")


def test_an_experiment_that_is_too_large_is_refused_with_a_sentence() -> None:
    at = run(**(SMALL | {"n": 8, "s": 8, "mix_count": 256, "mix_methods": "mHC-lite~go-mHC, s = 8"}))
    assert not at.exception
    assert "parameters of all methods" in at.warning[0].value


@pytest.mark.parametrize("preset", ["Fig. 6", "Fig. A3"])
def test_a_preset_is_trained_at_the_chosen_length(preset: str) -> None:
    at = run(preset=preset, length="tenth")
    assert not at.exception
    assert PRESETS[preset].question in at.selectbox(key="preset").format_func(preset)
    assert "1,000 of 1,000 iterations" in at.get("plotly_chart")[0].proto.alt
    assert {"mHC-lite", "go-mHC, s = 2"} <= set(names(at))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_starts_or_waits_for_a_button(preset: str) -> None:
    from ui.mixing import expected_seconds

    experiments = dict(PRESETS[preset].experiments)
    if expected_seconds(experiments) > 45:
        at = run(preset=preset)
        assert not at.exception
        assert [button.key for button in at.button] == ["start"]
        assert not at.get("plotly_chart")


def test_runs_are_kept_side_by_side_and_forgotten() -> None:
    at = run(**SMALL)
    at.button(key="keep").click().run()
    at.number_input(key="seed").set_value(1).run()
    assert not at.exception
    kept = [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Kept runs")]
    assert len(kept) == 1
    at.button(key="forget").click().run()
    assert not [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Kept runs")]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [2, 5])
def test_laws_are_drawn(law: str, n: int) -> None:
    at = run(preset=law, n=n, s=1)
    assert not at.exception
    assert f"{law} at n = {n}" in at.get("plotly_chart")[0].proto.alt
    (code,) = [block.value for block in at.code]
    exec(compile(code, "snippet", "exec"), {})


def test_the_python_on_the_page_runs() -> None:
    (code,) = [block.value for block in run(**SMALL, mix_methods="mHC~go-mHC, unitary").code]
    made: dict = {}
    exec(compile(code, "snippet", "exec"), made)
    assert made["result"].names == ("mHC", "go-mHC, unitary")


@pytest.mark.parametrize(
    ("query", "bad"),
    [
        (SMALL, {"length": "double", "mix_noise": "nan", "mix_count": "100000", "mix_methods": "x"}),
        ({"n": 3, "length": "tenth"}, {"preset": "Fig. 99"}),
    ],
)
def test_every_bad_value_in_the_link_is_named_and_replaced(query: dict, bad: dict[str, str]) -> None:
    at = run(**(query | bad))
    assert not at.exception
    told = [warning.value for warning in at.warning]
    assert len(told) == len(bad)
    for key, value in bad.items():
        assert any(value in text for text in told), key


def test_two_own_experiments_of_one_size_are_kept_side_by_side() -> None:
    at = run(**SMALL)
    at.button(key="keep").click().run()
    assert at.button(key="keep").disabled
    at.number_input(key="mix_noise").set_value(0.3).run()
    at.button(key="keep").click().run()
    assert not at.exception
    (curves,) = (field.options for field in at.multiselect if field.label == "Curves")
    assert {"own experiment, n = 3: go-mHC, s = 1", "own experiment, n = 3 #2: go-mHC, s = 1"} <= set(curves)


def test_no_method_stays_no_method() -> None:
    at = run(**SMALL)
    at.multiselect(key="mix_chosen").set_value([]).run()
    assert "at least one" in at.info[0].value
    at.multiselect(key="mix_chosen").set_value(["mHC"]).run()
    assert list(at.dataframe[0].value["Method"]) == ["mHC"]


def test_what_was_cancelled_is_not_taken_for_another_run() -> None:
    at = run(**SMALL)
    at.session_state["under_way"] = at.session_state["cancelled"] = (("runs", ()), {"n = 7": None})
    at.number_input(key="seed").set_value(9).run()
    assert not at.exception
    assert "100 of 100 iterations" in at.get("plotly_chart")[0].proto.alt


def test_a_map_cancelled_on_another_page_does_not_disturb_training() -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.query_params["n"], at.query_params["show"], at.query_params["matrices"] = "3", "certified reach", "1000"
    at.run()
    at.session_state["under_way"] = at.session_state["cancelled"] = (("map", "another", 0), None)
    at.switch_page("pages/stream_mixing.py")
    for key, value in SMALL.items():
        at.query_params[key] = str(value)
    at.run()
    assert not at.exception
    assert "100 of 100 iterations" in at.get("plotly_chart")[0].proto.alt
