"""The page on stream mixing, without a browser: presets, own experiments, kept runs, laws."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from geometry.distances import divergence, exactness_residual, geodesic_angle
from learning.cost import candidates
from learning.stream_mixing import StreamMixing, trained
from learning.stream_mixing import run as stream
from learning.stream_mixing.presets import PRESETS
from tests.pages.page import opened, told, traces
from ui import frame
from ui.mixing.curves import from_target
from ui.mixing.laws import LAWS
from ui.mixing.training import convergence, loss_curve
from ui.take import Taken
from ui.work.session import Left

run = opened("pages/stream_mixing.py")
SMALL = {"preset": "your own", "n": 3, "mix_iterations": 100, "mix_count": 4}


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
    assert {"mHC-lite", "go-mHC, s = 2"} <= set(traces(at.get("plotly_chart")[0]))


def test_what_never_left_its_start_has_not_converged() -> None:
    """Gradient descent within 0.001 of a vertex: the loss of mHC is that of its start, hence within 5 % of its end."""
    near = replace(dict(PRESETS["B.10"].experiments)["distance 0.001"], iterations=200, count=2)
    found = trained(near)
    place = found.names.index("mHC")
    assert found.final_losses[place] == pytest.approx(float(found.mean_losses[place, 0]), rel=0.01)
    assert convergence(found, place) == "has hardly fallen"
    assert loss_curve(found, place).converged is None
    met = trained(StreamMixing(n=2, count=2, iterations=2000))
    assert all(convergence(met, place) != "has hardly fallen" for place in range(len(met.names)))


def test_what_falls_steadily_has_not_converged() -> None:
    """A hundred iterations, each as good as the one before: all losses are within 5 % of the last one's by then."""
    found = trained(StreamMixing(n=2, iterations=100, count=2, samples=10, objective="eigenvalue"))
    for place in range(len(found.names)):
        assert convergence(found, place) == "still falling"
        assert loss_curve(found, place).converged is None


def test_what_is_not_doubly_stochastic_has_no_angle_and_no_divergence() -> None:
    at = run(**(SMALL | {"n": 4, "mix_count": 2, "mix_samples": 10, "mix_methods": "orthostochastic, Newton–Schulz"}))
    assert not at.exception
    assert {metric.label: metric.value for metric in at.metric}["Geodesic angle"] == "–"
    assert any("there is no divergence, and no angle" in text for text in told(at))
    assert at.get("download_button")  # what follows is there, too
    for projector in candidates(3).values():
        theta = 10 * torch.randn(8, projector.parameter_count, generator=torch.Generator().manual_seed(0))
        matrices = projector(theta.double())
        for distance in (divergence, geodesic_angle):
            found = from_target(distance, matrices, torch.eye(3, dtype=torch.float64))
            assert (found.isnan() == (exactness_residual(matrices) > 1e-3)).all()
            assert not projector.exact or not found.isnan().any()


def test_runs_are_kept_side_by_side_and_forgotten() -> None:
    at = run(**SMALL)
    at.button(key="_keep").click().run()
    at.number_input(key="seed").set_value(1).run()
    assert not at.exception
    kept = [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Kept runs")]
    assert len(kept) == 1
    at.button(key="_forget").click().run()
    assert not [chart for chart in at.get("plotly_chart") if chart.proto.alt.startswith("Kept runs")]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [2, 5])
def test_laws_are_drawn(law: str, n: int) -> None:
    at = run(preset=law, n=n, s=1)
    assert not at.exception
    assert f"{law} at n = {n}" in at.get("plotly_chart")[0].proto.alt


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
    warned = [warning.value for warning in at.warning]
    assert len(warned) == len(bad)
    for key, value in bad.items():
        assert any(value in text for text in warned), key


def test_two_own_experiments_of_one_size_are_kept_side_by_side() -> None:
    at = run(**SMALL)
    at.button(key="_keep").click().run()
    assert at.button(key="_keep").disabled
    at.number_input(key="mix_noise").set_value(0.3).run()
    at.button(key="_keep").click().run()
    assert not at.exception
    (curves,) = (field.options for field in at.multiselect if field.label == "Curves")
    assert {"own experiment, n = 3: go-mHC, s = 1", "own experiment, n = 3 #2: go-mHC, s = 1"} <= set(curves)


def test_no_method_stays_no_method() -> None:
    at = run(**SMALL)
    at.multiselect(key="_mix_chosen").set_value([]).run()
    assert "at least one" in at.info[0].value
    at.multiselect(key="_mix_chosen").set_value(["mHC"]).run()
    assert list(at.dataframe[0].value["Method"]) == ["mHC"]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_waits_for_a_button_where_it_is_long(preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.work.limits.UNASKED", 0.0)
    at = run(preset=preset)
    assert not at.exception
    assert [button.key for button in at.button] == ["_start_training"]
    assert not at.get("plotly_chart")
    assert "This takes about" in at.info[0].value


def test_what_was_cancelled_is_shown_as_partial_until_it_is_started_again() -> None:
    at = run(**SMALL)
    experiment = StreamMixing(n=3, count=4, iterations=100, seed=9)
    key = (("n = 3", ("run", experiment)),)
    at.session_state["_left_training"] = Left(key, {"n = 3": next(iter(stream(experiment)))}, "cancelled")
    at.number_input(key="seed").set_value(9).run()
    assert not at.exception
    assert "Partial. Cancelled: the curves end where training stopped." in at.info[0].value
    assert frame.PARTIAL in [text.value for text in at.markdown]
    assert "0 of 100 iterations" in at.get("plotly_chart")[0].proto.alt
    at.button(key="_go_on_training").click().run()
    assert not at.info
    assert frame.PARTIAL not in [text.value for text in at.markdown]
    assert "100 of 100 iterations" in at.get("plotly_chart")[0].proto.alt


def test_what_other_work_left_is_dropped() -> None:
    at = run(**SMALL)
    at.session_state["_left_training"] = Left(("another",), {"n = 7": None}, "cancelled")
    at.number_input(key="seed").set_value(9).run()
    assert not at.exception
    assert "100 of 100 iterations" in at.get("plotly_chart")[0].proto.alt
    assert "_left_training" not in at.session_state


@pytest.mark.parametrize("law", LAWS)
def test_laws_are_drawn_for_newer_methods(law: str) -> None:
    at = run(preset=law, n=3, family="newer")
    assert not at.exception
    drawn = at.get("plotly_chart")[0].proto.alt
    assert "TBP-mHC" in drawn
    assert "identity" in drawn
    assert ("Newton" in drawn) == (law != "B.8, equal layers")  # whose sums are not 1


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_taken_home_with_its_abscissae_and_all_it_depends_on(law: str, monkeypatch) -> None:
    offered: list[Taken] = []
    monkeypatch.setattr("ui.take.downloads.buttons", offered.append)
    for query in ({"n": 3, "s": 1}, {"n": 3, "s": 3}, {"n": 4, "s": 1}):
        run(preset=law, **query)
        taken = offered[-1]
        x = taken.arrays[LAWS[law].along]
        assert tuple(x) == LAWS[law].x
        assert all(len(values) == len(x) for values in taken.arrays.values())
        assert (taken.recipe["n"], taken.recipe["s"], taken.recipe["seed"]) == (query["n"], query["s"], 0)
    assert len({taken.stem for taken in offered}) == 3
