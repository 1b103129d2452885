"""The command line: train, sample, evaluate and compare; a wrong argument gets a sentence."""

from __future__ import annotations

import json
from math import log
from pathlib import Path

import pytest
import torch

from networks.language_model import Architecture, Schedule, runs
from networks.language_model.__main__ import HELP, main
from networks.language_model.answers import sampled, score
from tests.networks.language_model.small import NETWORK, SCHEDULE, corpus, text
from tests.networks.language_model.test_training import OPTIONS

SHORT = [*OPTIONS, "--iterations", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, its text beside it."""
    place = tmp_path_factory.mktemp("run")
    assert main(["train", *SHORT, "--text", str(text(place)), "--out", str(place / "run"), "--method", "KromHC"]) == 0
    return place


def test_a_trained_network_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for seed in ("1", "1", "2"):
        assert main(["sample", str(folder / "run"), "--tokens", "40", "--prompt", "be", "--seed", seed]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2]
    assert said[0].startswith("be")
    assert len(said[0]) == 2 + 40 + 1


def test_it_is_evaluated_on_what_was_held_out_and_on_any_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder / "run")]) == 0
    held = json.loads(capsys.readouterr().out)
    assert held["bits_per_byte"] == pytest.approx(held["loss"] / log(2))  # a character is a byte there
    other = folder / "other.txt"
    other.write_text("to be or not", encoding="utf-8")
    assert main(["evaluate", str(folder / "run"), "--text", str(other)]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == 12
    other.write_text("ZZZ", encoding="utf-8")
    assert main(["evaluate", str(folder / "run"), "--text", str(other)]) == 2
    assert "'Z' is none of them" in capsys.readouterr().err


def test_methods_are_compared_in_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", *SHORT, "--n", "3", "--text", str(text(tmp_path)), "--out", str(tmp_path / "all")]
    arguments += ["--methods", "residual", "mHC", "KromHC"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    last = said[said.rindex("| method |") :]
    assert last.count("\n| ") == 2
    assert "KromHC: KromHC needs a composite n" in last
    rows = json.loads((tmp_path / "all" / "compared.json").read_text())["rows"]
    assert [row["method"] for row in rows] == ["residual", "mHC", "KromHC"]
    assert rows[1]["sums_off_by"] < 1e-2
    assert rows[0]["sums_off_by"] is None
    assert main(["evaluate", str(tmp_path / "all" / "mHC")]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == pytest.approx(rows[1]["loss"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--text", "no.txt", "--out", "x"], "there is no file or folder no.txt"),
        (["train", "--text", "no.txt", "--out", "x", "--method", "KromHC", "--n", "3"], "KromHC needs a composite n"),
        (["train", "--text", "no.txt", "--out", "x", "--heads", "3"], "multiple of the 3 heads"),
        (["train", "--text", "no.txt", "--out", "x", "--device", "abacus"], "must be one that torch has here"),
        (["train", "--text", "no.txt", "--out", "x", "--precision", "int8"], "precision"),
        (["sample", "no"], "holds no run"),
        (["evaluate", "no"], "holds no run"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["train", "compare"])
def test_another_text_is_refused_before_the_run_s_own_is_gone(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, place = text(tmp_path), tmp_path / "out"
    (other := tmp_path / "other.txt").write_text(mine.read_text()[::-1], encoding="utf-8")
    (same := tmp_path / "same.txt").write_text(mine.read_text(), encoding="utf-8")
    which = ["--method", "residual"] if command == "train" else ["--methods", "residual"]
    start = [command, *SHORT, *which, "--out", str(place), "--text"]
    assert main([*start, str(mine)]) == 0
    before = (place / "tokens" / "tokens.bin").read_bytes()
    assert main([*start, str(other)]) == 2
    assert "another text than the one trained on so far" in capsys.readouterr().err
    assert (place / "tokens" / "tokens.bin").read_bytes() == before
    assert main([*start, str(same)]) == 0


def test_an_unfinished_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = runs.trained(tmp_path / "run", NETWORK, SCHEDULE, corpus(tmp_path))
    next(steps)
    steps.close()
    assert main(["sample", str(tmp_path / "run")]) == 2
    assert "the run is not finished" in capsys.readouterr().err


def test_a_score_is_the_mean_over_all_tokens_whatever_the_batch(folder: Path) -> None:
    model = runs.opened(folder / "run").model()
    tokens = corpus(folder).held_out[:50]
    scores = [score(model, tokens, 1.0, batch).loss for batch in (1, 3, 32)]
    assert scores == pytest.approx([scores[0]] * 3, rel=1e-5)
    assert score(model, tokens, 1.0).tokens == 49


def test_without_chance_the_likeliest_is_taken(folder: Path) -> None:
    model = runs.opened(folder / "run").model()
    chance, prompt = torch.Generator().manual_seed(0), torch.tensor([1, 2])
    ways = ({"temperature": 0}, {"top": 1}, {"temperature": 1e-40}, {"temperature": 1e-300})
    cold, *others = (list(sampled(model, prompt, 20, generator=chance, **how)) for how in ways)
    assert others == [cold] * 3
    with pytest.raises(ValueError, match="one token at least"):
        next(sampled(model, prompt[:0], 1, generator=chance))


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    said = capsys.readouterr().out
    fields = {*Architecture.__dataclass_fields__, *Schedule.__dataclass_fields__}
    assert all(f"--{name.replace('_', '-')}" in said for name in fields)
    assert set(HELP) == fields - {"method"}
