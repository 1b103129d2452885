"""The page of language models, without a browser: what comes along, what is trained, brought, and judged."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from figures.style import LIGHT
from networks.judging.scores import from_csv
from networks.language_model import PRESETS, runs
from networks.language_model.shipped import shipped
from networks.language_model.text import in_memory
from networks.language_model.training import Training
from tests.networks.language_model.small import SCHEDULE, network, text
from tests.pages.page import opened, told, traces
from ui.language import choice, curves, judges
from ui.language.results import zipped
from ui.language.told import Told, brought, unpacked
from ui.take import Taken

run = opened("pages/language_model.py")
TRAIN = {"model": "train", "lm_iterations": 50, "n": 2, "s": 1}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is trained on the page be smaller still: a step in milliseconds."""
    tiny = PRESETS["tiny"]
    network_, schedule = replace(tiny.architecture, layers=1, width=64, context=32), replace(tiny.schedule, batch=4)
    small = replace(tiny, architecture=network_, schedule=replace(schedule, evaluation_batches=2))
    monkeypatch.setitem(PRESETS, "tiny", small)


def files(folder: Path, method: str = "go-mHC") -> dict[str, bytes]:
    """The files of a small run."""
    training = Training(network(method), SCHEDULE, in_memory(text(folder).read_text()))
    return runs.files(training, list(training.steps()))


@pytest.mark.parametrize("family", ["paper", "newer", "all"])
def test_it_opens_with_a_finished_comparison(family: str) -> None:
    at = run(family=family)
    assert not at.exception
    found = shipped(4)
    table = at.dataframe[0].value.set_index("Method")
    shown = set(table.index)
    assert "residual" in shown <= set(found.rows)
    assert ("TBP-mHC" in shown) == (family != "paper")
    assert ("KromHC" in shown) == (family != "newer")
    for label in shown:
        assert table.loc[label, "Held out, nats"] == pytest.approx(found.rows[label].loss)
    assert "What a small run can show" in " ".join(told(at))


@pytest.mark.parametrize("n", [4, 8])
def test_what_chance_makes_of_networks_is_said_of_those_that_it_is_known_of(n: int) -> None:
    words = " ".join(told(run(lm_streams=n)))
    assert shipped(4).seeds
    assert not shipped(8).seeds
    assert "of the finished ones with n = 4, each trained with three seeds" in words


def test_newer_methods_and_the_paper_s_are_all_of_them() -> None:
    labels = list(shipped(4).histories)
    both = [label for label in labels if choice.belongs(label, "paper") and choice.belongs(label, "newer")]
    assert both == ["residual"]
    assert all(choice.belongs(label, "paper") or choice.belongs(label, "newer") for label in labels)


@pytest.mark.parametrize("shows", choice.QUANTITIES)
@pytest.mark.parametrize("n", [4, 8])
def test_every_quantity_is_drawn(shows: str, n: int) -> None:
    at = run(lm_streams=n, lm_told=shows)
    assert not at.exception
    drawn = traces(at.get("plotly_chart")[0])
    of_mixing = ("error of sums", "distance from I", "rotation", "gradient of mixing")
    assert ("residual" in drawn) == (shows not in of_mixing)
    for trace in drawn.values():
        first, *others = np.isfinite(np.asarray(trace["y"], float))
        assert first or shows in ("gradient of mixing", "error of sums")  # they may be 0 before the first step
        assert all(others)


def test_the_n_of_other_pages_is_left_alone() -> None:
    at = run(n=5)
    assert not at.exception
    assert at.selectbox(key="lm_streams").value == 4
    assert at.session_state["n"] == 5


def test_one_looks_inside_at_any_iteration() -> None:
    at = run(lm_inside="KromHC", lm_after=100)
    assert not at.exception
    history = shipped(4).histories["KromHC"]
    row = history.looked_at.tolist().index(100)
    spectra = next(chart for chart in at.get("plotly_chart") if "Eigenvalues of the mean H_res" in chart.proto.alt)
    assert "KromHC after iteration 100" in spectra.proto.alt
    drawn = traces(spectra)
    parts = [drawn[part] for part in ("attn", "mlp")]
    values = np.concatenate([np.asarray(part["x"]) + 1j * np.asarray(part["y"]) for part in parts])
    expected = np.linalg.eigvals(history.matrices[row])
    distances = np.abs(values[:, None] - expected.ravel()).min(1)
    assert distances.max() < 1e-4
    at = run(lm_inside="nobody", lm_after=7)  # neither exists
    assert not at.exception
    assert at.session_state["lm_inside"] == "go-mHC, s = 2"


@pytest.mark.usefixtures("quick")
def test_two_methods_train_side_by_side_as_the_library_trains_them(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Taken] = []
    monkeypatch.setattr("ui.take.downloads.buttons", offered.append)
    at = run(**TRAIN, lm_first="mHC")
    assert not at.exception
    assert "can be cancelled" in at.info[0].value
    at.button(key="_start_language").click().run()
    assert not at.exception
    table = at.dataframe[0].value
    assert list(table["Method"]) == ["mHC", "residual"]
    assert list(table["Iterations"]) == [50, 50]
    made: dict[str, dict[str, np.ndarray]] = {}
    exec(compile(offered[-1].snippet, "snippet", "exec"), made)
    assert set(made["arrays"]) == set(offered[-1].arrays)
    for name, array in offered[-1].arrays.items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(made["arrays"][name], array, rtol=1e-3, atol=1e-5)
    assert at.get("download_button")  # of the runs as folders


def test_what_is_too_large_or_does_not_exist_gets_a_sentence() -> None:
    for query, sentence in (
        ({"lm_first": "KromHC", "n": 5}, "KromHC needs a composite n"),
        ({"lm_first": "mHC-lite", "n": 7}, "spends 5,040 numbers on a matrix at n = 7"),
        ({"n": 40}, "Trained here for n ≤ 16"),
    ):
        at = run(**(TRAIN | query))
        assert not at.exception
        assert any(sentence in each for each in told(at)), told(at)


def test_a_run_s_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = files(tmp_path)
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: content)
    at = run(model="run")
    assert not at.exception
    assert list(at.dataframe[0].value["Method"]) == ["go-mHC, s = 1"]
    assert any("Its weights" in button.label for button in at.button)


def test_what_a_run_is_given_away_as_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = files(tmp_path)
    packed = zipped(content)
    assert unpacked({"run.zip": packed}) == content
    assert list(brought(unpacked({"one.zip": packed, "two.zip": packed}))) == ["one", "two"]
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: {"run.zip": packed})
    at = run(model="run")
    assert not at.exception
    assert list(at.dataframe[0].value["Method"]) == ["go-mHC, s = 1"]


def test_archives_that_are_none_or_bombs_are_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metrics.jsonl", bytes(10**7))
    for content, sentence in ((bomb.getvalue(), "must not unpack to more than"), (b"PK hello", "intact zip archive")):
        with pytest.raises(ValueError, match=sentence):
            unpacked({"run.zip": content})


def test_weights_of_what_mixes_nothing_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: files(tmp_path, "residual"))
    at = run(model="run")
    assert not at.exception
    assert list(at.dataframe[0].value["Method"]) == ["residual"]
    assert not any("Its weights" in button.label for button in at.button)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("settings.json", b"{}", "A run has a metrics.jsonl"),
        ("metrics.jsonl", b"\xff", "not UTF-8 text"),
        ("metrics.jsonl", b"{}", "is none of a run"),
        ("metrics.jsonl", b"", "not one iteration"),
    ],
)
def test_files_of_no_run_get_a_sentence(
    name: str, content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: {name: content})
    at = run(model="run")
    assert not at.exception
    assert sentence in at.error[0].value


def test_several_metrics_are_drawn_together_and_settings_are_read(tmp_path: Path) -> None:
    content = files(tmp_path)
    several = brought({"one.jsonl": content[runs.METRICS], "two.jsonl": content[runs.METRICS]})
    assert list(several) == ["one", "two"]
    (alone,) = brought({runs.METRICS: content[runs.METRICS]}).values()
    assert alone.architecture is None
    assert alone.finished
    with pytest.raises(ValueError, match=r"settings\.json cannot be read"):
        brought(content | {runs.SETTINGS: b'{"architecture": []}'})
    short = content[runs.METRICS].splitlines(keepends=True)[:5]
    (part,) = brought(content | {runs.METRICS: b"".join(short)}).values()
    assert not part.finished
    assert (part.step, part.iterations) == (5, SCHEDULE.iterations)


def test_means_and_differences() -> None:
    x = np.arange(1.0, 101.0)
    _, flat = curves.smooth(x, np.full(100, 3.0))
    np.testing.assert_allclose(flat, 3.0)
    _, line = curves.smooth(x, x)
    assert line[0] == 1
    assert line[-1] == x[-curves.MEAN_OVER :].mean()
    found = shipped(4).histories
    assert not curves.difference(found["mHC"], found["mHC"]).y.any()
    forth, back = (curves.difference(found[a], found[b]).y for a, b in (("mHC", "HC"), ("HC", "mHC")))
    np.testing.assert_allclose(forth, -back)
    assert curves.curves({}, "difference") == {}
    empty = Told(replace(found["mHC"], evaluated_at=np.zeros(0, np.int64), evaluated=np.zeros(0)), 800)
    assert curves.curves({"mHC": empty}, "loss") == {}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"too short", "2,000 to 5,000,000 characters"),
        (b"a" * 3000, "not all alike"),
        (b"\xff" * 3000, "is not UTF-8 text"),
    ],
)
def test_a_text_that_cannot_be_learned_gets_a_sentence(
    content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: {"own.txt": content})
    at = run(**TRAIN, lm_text="own")
    assert not at.exception
    assert sentence in at.error[0].value


@pytest.mark.usefixtures("quick")
def test_a_text_of_one_s_own_is_offered_for_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = text(tmp_path).read_bytes()
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: {"own.txt": content})
    at = run(**TRAIN, lm_text="own", lm_second="")
    assert not at.exception
    at.button(key="_start_language").click().run()
    assert not at.exception
    assert at.dataframe[0].value["Held out, nats"][0] < in_memory(content.decode()).unigram_entropy()


def test_judges_agree_as_in_the_published_example() -> None:
    at = run(model="judges")
    assert not at.exception
    alts = " ".join(chart.proto.alt for chart in at.get("plotly_chart"))
    assert "four raters as trials: grammar 0.71 (0.34 to 0.95)" in alts
    assert "rater 1 and rater 3" in alts
    assert "No agreement with oneself is known of rater 1, rater 3" in at.main.caption[-1].value


def test_the_picture_of_judges_has_the_rows_of_the_page() -> None:
    found = judges.agreed(tuple(from_csv(judges.example(), "the example")))
    assert list(judges.known(found, "trials")) == ["four raters as trials"]
    assert judges.figure(found, "trials", LIGHT).layout.yaxis.ticktext == ("four raters as trials",)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"judge,model\nx,y\n", "has no story"),
        ("a.csv", b"", "holds no scores"),
        ("a.csv", b"\xff\xfe", "UTF-8"),
        ("a.jsonl", b"[1]\n", "must be an object"),
        ("a.jsonl", b"no\n", "is no JSON"),
        ("a.csv", judges.example().replace(",9", ",11").encode(), "from 1 to 10"),
    ],
)
def test_scores_that_are_none_get_a_sentence(
    name: str, content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "uploaded", lambda *_, **__: {name: content})
    at = run(model="judges")
    assert not at.exception
    assert sentence in at.error[0].value


def test_too_many_judges_and_no_pingouin_get_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    head = "judge,model,story,trial,grammar,creativity,consistency\n"
    many = head + "".join(f"judge {number},a,1,1,5,5,5\n" for number in range(13))
    monkeypatch.setattr(judges, "uploaded", lambda *_, **__: {"a.csv": many.encode()})
    at = run(model="judges")
    assert "at most 12 judges" in at.error[0].value.lower()
    monkeypatch.setitem(__import__("sys").modules, "pingouin", None)
    assert "pip install pingouin" in judges.agreed(()).why


def test_what_judges_said_in_json_is_what_they_said_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [line.split(",") for line in judges.example().splitlines()]
    lines = "\n".join(json.dumps(dict(zip(rows[0], row, strict=True))) for row in rows[1:])
    monkeypatch.setattr(judges, "uploaded", lambda *_, **__: {"a.jsonl": lines.encode()})
    at = run(model="judges")
    assert not at.exception
    assert "0.71 (0.34 to 0.95)" in " ".join(chart.proto.alt for chart in at.get("plotly_chart"))


def test_the_preset_is_what_the_page_trains() -> None:
    assert choice.LARGEST_TEXT > len(choice.plays().text) > choice.SHORTEST_TEXT
    assert max(choice.settings.LM_ITERATIONS) == PRESETS["tiny"].schedule.iterations


def test_thin_lines_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "uploaded", lambda *_, **__: files(tmp_path))
    drawn = traces(run(model="run", lm_told="loss").get("plotly_chart")[0])
    assert "thin: training loss, mean of 25" in drawn
    assert not any(name.startswith("thin") for name in traces(run().get("plotly_chart")[0]))  # of many runs, none
