"""What a run told: as arrays and back, of files that strangers wrote, and what comes along."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from networks.language_model import PRESETS, LanguageModel, runs
from networks.language_model.compared import Comparison
from networks.language_model.history import History, history, lines
from networks.language_model.methods import names, projector
from networks.language_model.shipped import networks, shipped
from networks.language_model.text import in_memory, plays
from networks.language_model.training import Training
from tests.networks.language_model.small import NETWORK, SCHEDULE, network, text

LINE = {"iteration": 1, "loss": 2.0, "gradient": 1.0, "seconds": 0.1, "tokens": 32}
SITE = {
    "site": "blocks.0.0",
    "matrix": [[0.5, 0.5], [0.5, 0.5]],
    "row_error": 0.0,
    "column_error": 0.0,
    "from_identity": 1.0,
    "varies": 0.0,
    "gradient": 0.0,
}


def same(one: History, other: History) -> bool:
    return all(
        np.array_equal(np.asarray(getattr(one, field.name)), np.asarray(getattr(other, field.name)))
        for field in fields(History)
    )


@pytest.mark.parametrize("method", ["mHC", "residual"])
def test_it_is_what_the_steps_said(method: str, tmp_path: Path) -> None:
    corpus = in_memory(text(tmp_path).read_text())
    training = Training(network(method), SCHEDULE, corpus)
    steps = list(training.steps())
    told = history(map(runs.told, steps))
    assert told.losses.tolist() == [step.loss for step in steps]
    assert told.evaluated_at.tolist() == [step.iteration for step in steps if step.evaluated is not None]
    assert [at for at, _ in told.samples] == [1, 6, 12]
    assert told.samples[-1][1] == steps[-1].sample
    assert len(told.samples[-1][1]) == SCHEDULE.sample_tokens
    looked = [step for step in steps if step.sites]
    assert told.looked_at.tolist() == [step.iteration for step in looked]
    for row, step in enumerate(looked):
        assert told.matrices[row].tolist() == [[list(line) for line in site.matrix] for site in step.sites]
    assert (told.sums_off_by is None) == (method == "residual")
    assert same(History.of_arrays(told.arrays()), told)
    files = runs.files(training, steps)
    read = history(lines(files[runs.METRICS].decode()))
    np.testing.assert_allclose(read.seconds, told.seconds, atol=1e-6)
    assert same(replace(read, seconds=told.seconds), told)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    run = runs.opened(tmp_path)
    assert (run.architecture, run.schedule) == (network(method), SCHEDULE)
    assert same(run.history(), read)
    passage = torch.from_numpy(corpus.held_out[:9].astype(np.int64))[None]
    torch.testing.assert_close(run.model().loss(passage), training.model.eval().loss(passage))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "not one iteration"),
        ("no JSON\n{}", "line 1 of the metrics is no JSON: 'no JSON'"),
        ("[1]", "line 1 of the metrics must be an object"),
        ('{"loss": 1}', "'iteration' is missing"),
        (json.dumps(LINE | {"loss": "low"}), "loss must be a number, not 'low'"),
        (json.dumps(LINE | {"loss": True}), "loss must be a number, not True"),
        (json.dumps(LINE | {"loss": 10**400}), "none of a run"),
        (json.dumps(LINE | {"sites": [SITE | {"matrix": [[10**400, 0], [0, 1]]}]}), "none of a run"),
        (json.dumps(LINE | {"iteration": 0}), "the iteration must be"),
        (json.dumps(LINE) + "\n" + json.dumps(LINE), "line 2 of the metrics .* the iteration must be"),
        (json.dumps(LINE | {"sites": [SITE | {"matrix": [[1.0]]}]}), "n x n with n from 2 to 4096"),
        (json.dumps(LINE | {"sites": [SITE | {"matrix": [[1.0], [1.0, 2.0]]}]}), "none of a run"),
        (json.dumps(LINE | {"sites": [{"site": "a"}]}), "'matrix' is missing"),
        (
            "\n".join(json.dumps(LINE | {"iteration": k, "sites": [SITE | {"site": str(k)}]}) for k in (1, 2)),
            "sites must be the same ones",
        ),
        ("[" * 100_000 + "\n", "line 1 of the metrics is no JSON"),
    ],
)
def test_what_is_none_of_a_run_is_said_in_a_sentence(content: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        history(lines(content))


def test_a_last_line_that_was_cut_off_is_left_out_and_nan_is_a_loss() -> None:
    found = history(lines(json.dumps(LINE | {"loss": float("nan")}) + '\n{"iteration": 2, "lo'))
    assert found.iterations.tolist() == [1]
    assert np.isnan(found.losses).all()


def test_the_plays_come_along() -> None:
    corpus = in_memory(plays())
    assert len(corpus.training) + len(corpus.held_out) == len(plays()) > 1_000_000
    assert corpus.encoding.decode(corpus.training[:11].tolist()) == "AS YOU LIKE"
    assert corpus.bytes_per_token == 1
    assert 3.3 < corpus.unigram_entropy() < 3.4
    for wrong in ("", "aaaa" * 10, "abc"):
        with pytest.raises(ValueError, match=r"(a|the) text must have"):
            in_memory(wrong)


@pytest.mark.parametrize("n", networks())
def test_what_comes_along_is_the_preset_and_learned(n: int) -> None:
    """Every method below the entropy of single letters and below 2.0 nats; those with exact sums off by rounding."""
    found, entropy = shipped(n), in_memory(plays()).unigram_entropy()
    assert found.schedule == PRESETS["tiny"].schedule
    assert found.networks == networks()[n]
    assert list(found.rows) == list(found.networks)
    vocabulary = in_memory(plays()).encoding.size
    for label, row in found.rows.items():
        assert not row.refused
        assert row.loss is not None
        assert row.loss < 2.0 < entropy, label
        told = found.histories[label]
        assert told.iterations.tolist() == list(range(1, found.schedule.iterations + 1))
        assert len(told.samples) == 9
        assert row.parameters == LanguageModel(found.networks[label], vocabulary).parameter_count
        mixing = projector(found.networks[label])
        if mixing is not None and getattr(mixing, "exact", False):
            assert told.sums_off_by is not None
            assert told.sums_off_by < 1e-5, label
            sums = told.matrices.sum(-1)
            np.testing.assert_allclose(sums, np.ones_like(sums), atol=1e-5)


def test_every_method_comes_along_and_no_other_size_does() -> None:
    assert {network.method for network in networks()[4].values()} == set(names())
    with pytest.raises(ValueError, match="n = 4, 8, not n = 5"):
        shipped(5)


def test_a_comparison_keeps_its_runs_by_label(tmp_path: Path) -> None:
    corpus = in_memory(text(tmp_path).read_text())
    comparison = Comparison(tmp_path / "all", SCHEDULE, corpus, torch.device("cpu"), lambda steps, label: steps)
    ranks = {f"go-mHC, s = {s}": replace(NETWORK, method="go-mHC", s=s) for s in (1, 2)}
    rows = list(comparison.rows(ranks))
    assert [row.method for row in rows] == list(ranks)
    assert [comparison.run(label).architecture for label in ranks] == list(ranks.values())
    again = list(comparison.rows(ranks))  # nothing is trained again
    assert again == rows
