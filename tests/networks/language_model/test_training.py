"""Training: stopped and gone on is uninterrupted, two processes are one, and what is told is so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

import inspector
from deploy.local import ROOT
from networks import HyperConnection
from networks.language_model import runs
from networks.language_model.methods import names
from networks.language_model.mixing import jitter
from networks.language_model.training import Step, Training, drawn, rate
from projectors import Sinkhorn
from tests.networks.language_model.small import NETWORK, SCHEDULE, corpus, network, text

COMMAND = [sys.executable, "-m", "networks.language_model"]
NUMBERS = {"layers": 1, "heads": 2, "width": 16, "context": 8, "batch": 4, "record-every": 6, "evaluate-every": 6}
OPTIONS = [f"--{name}={number}" for name, number in NUMBERS.items()]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def losses(folder: Path) -> list[float]:
    return [line["loss"] for line in runs.opened(folder).metrics()]


@pytest.mark.parametrize("method", names())
def test_every_method_learns_to_spell(method: str, tmp_path: Path) -> None:
    """From the entropy of characters, which needs no context, to well below it; exact methods stay exact."""
    found = corpus(tmp_path)
    schedule = replace(SCHEDULE, iterations=100, batch=16, accumulation=1, evaluate_every=100)
    training = Training(network(method, n=4, width=32, layers=2), schedule, found)
    steps = list(training.steps())
    assert steps[-1].evaluated is not None
    assert steps[-1].evaluated < 0.6 * found.unigram_entropy()
    sites = [site for step in steps for site in step.sites]
    assert bool(sites) == (method != "residual")
    still = method in ("residual", "identity", "Euclidean projection")  # which leaves the interior and is stuck
    # Before the first site all streams are equal, and after the last one only their mean is read, which mixing keeps.
    assert all(site.gradient > 0 for step in steps[1:] for site in step.sites[1:-1]) or still
    for module in training.model.modules():
        if isinstance(module, HyperConnection) and getattr(module.projector, "exact", False):
            assert max(max(site.row_error, site.column_error) for site in sites) < 1e-5


def test_a_stopped_run_goes_on_as_if_it_never_had_been(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    whole = list(runs.trained(tmp_path / "whole", NETWORK, SCHEDULE, found))
    first = runs.trained(tmp_path / "parts", NETWORK, SCHEDULE, found)
    before = [next(first) for _ in range(8)]  # three beyond the last checkpoint
    first.close()
    after = list(runs.trained(tmp_path / "parts", NETWORK, SCHEDULE, found))
    assert after[0].iteration == 6
    assert [step.loss for step in before] == pytest.approx([step.loss for step in whole[:8]], rel=1e-6)
    assert losses(tmp_path / "parts") == pytest.approx([step.loss for step in whole], rel=1e-6)
    assert [step.gradient for step in after] == pytest.approx([step.gradient for step in whole[5:]], rel=1e-5)
    assert after[-1].evaluated == pytest.approx(whole[-1].evaluated, rel=1e-6)
    assert not list(runs.trained(tmp_path / "parts", NETWORK, SCHEDULE, found))  # nothing is left to do


def test_a_killed_run_goes_on_as_if_it_never_had_been(tmp_path: Path) -> None:
    """With dropout, in processes of their own, and killed wherever it happens to be."""
    options = [*OPTIONS, "--dropout", "0.2", "--iterations", "60", "--checkpoint-every", "7", "--method", "go-mHC"]
    train = [*COMMAND, "train", "--text", str(text(tmp_path)), *options]

    def start(folder: str) -> subprocess.Popen[bytes]:
        command = [*train, "--out", str(tmp_path / folder)]
        return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    with start("killed") as process:
        metrics = tmp_path / "killed" / runs.METRICS
        while process.poll() is None and (not metrics.exists() or len(metrics.read_bytes().splitlines()) < 20):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    metrics.write_bytes(metrics.read_bytes() + b'{"iteration": 99, "lo')  # and in the middle of a line
    (tmp_path / "killed" / f"{runs.CHECKPOINT}.1.partial").write_bytes(b"half of a file")
    assert not runs.opened(tmp_path / "killed").finished
    for folder in ("killed", "whole"):
        with start(folder) as process:
            said = process.communicate()[1].decode()
        assert process.returncode == 0, said
    assert len(losses(tmp_path / "whole")) == 60
    assert losses(tmp_path / "killed") == pytest.approx(losses(tmp_path / "whole"), rel=1e-4)
    assert not list(tmp_path.rglob("*.partial"))


def test_two_processes_see_what_one_does(tmp_path: Path) -> None:
    options = [*OPTIONS, "--accumulation", "2", "--iterations", "12", "--text", str(text(tmp_path)), "--method", "mHC"]
    one = [*COMMAND, "train", *options, "--out", str(tmp_path / "one")]
    two = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    two += ["networks.language_model", "train", *options, "--out", str(tmp_path / "two")]
    for command in (one, two):
        done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    flat = [
        torch.cat([parameter.detach().flatten() for parameter in runs.opened(tmp_path / folder).model().parameters()])
        for folder in ("one", "two")
    ]
    # As a whole: where a gradient is 0 but for rounding, Adam makes of it what it likes.
    assert float((flat[0] - flat[1]).norm() / flat[0].norm()) < 1e-2


def test_accumulated_batches_are_one_large_one(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    one = next(Training(NETWORK, replace(SCHEDULE, batch=4, accumulation=1), found).steps())
    parts = [drawn(found.training, 8, 4, 0, number) for number in range(2)]
    assert not torch.equal(*parts)
    both = Training(NETWORK, SCHEDULE, found)
    mean = torch.stack([both.model.loss(part) for part in parts]).mean()
    step = next(both.steps())
    assert step.loss == pytest.approx(mean.item(), rel=1e-5)
    assert step.tokens == 2 * one.tokens == 64


def test_another_run_s_folder_is_left_alone(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    list(runs.trained(tmp_path / "run", NETWORK, SCHEDULE, found))
    with pytest.raises(ValueError, match="holds a run with other settings"):
        next(runs.trained(tmp_path / "run", network("KromHC", n=4), SCHEDULE, found))
    with pytest.raises(ValueError, match=r"holds no run: settings\.json is not there"):
        runs.opened(tmp_path)
    (tmp_path / "run" / runs.CHECKPOINT).write_bytes(b"\x08\0\0\0\0\0\0\0 spoiled")
    with pytest.raises(ValueError, match="cannot be read"):
        next(runs.trained(tmp_path / "run", NETWORK, SCHEDULE, found))


def test_a_damaged_run_is_said_to_be(tmp_path: Path) -> None:
    found, folder = corpus(tmp_path), tmp_path / "run"
    list(runs.trained(folder, NETWORK, SCHEDULE, found))
    tensors, about = runs._tensors(folder / runs.CHECKPOINT)
    first = next(name for name in tensors if name.startswith("first."))
    for changed, said, sentence in (
        ({}, {"done": "soon"}, "must say how many of 12 iterations are done, not 'soon'"),
        ({}, {"done": "-5"}, "must say how many"),
        ({}, {"done": "13"}, "must say how many"),
        ({first: torch.zeros(1)}, about, "are of another shape"),
    ):
        runs._written(tensors | changed, folder / runs.CHECKPOINT, said)
        with pytest.raises(ValueError, match=sentence):
            list(runs.trained(folder, NETWORK, SCHEDULE, found))
    runs._written(tensors, folder / runs.CHECKPOINT, about)
    (folder / runs.METRICS).write_text('{"loss": 1}\n')
    with pytest.raises(ValueError, match="must say in every line which iteration"):
        list(runs.trained(folder, NETWORK, SCHEDULE, found))


def test_settings_are_what_they_stand_for() -> None:
    """Numbers of NumPy's are written as others are, and words are no yes or no."""
    architecture = replace(NETWORK, n=np.int64(3), dropout=np.float32(0.5))
    schedule = replace(SCHEDULE, batch=np.int32(4), decay=0)
    assert json.loads(json.dumps([asdict(architecture), asdict(schedule)]))[0]["n"] == 3
    with pytest.raises(ValueError, match="compile must be of type bool"):
        replace(SCHEDULE, compile="no")
    with pytest.raises(ValueError, match="dynamic must be of type bool"):
        HyperConnection(4, Sinkhorn(3), dynamic="no")  # type: ignore[arg-type]


def test_a_run_of_another_text_is_left_alone(tmp_path: Path) -> None:
    """Of the same letters, so that nothing else tells them apart."""
    found = corpus(tmp_path)
    for step in runs.trained(tmp_path / "run", NETWORK, SCHEDULE, found):
        if step.iteration == 6:
            break
    with pytest.raises(ValueError, match="holds a run of another text"):
        next(runs.trained(tmp_path / "run", NETWORK, SCHEDULE, replace(found, training=found.training[::-1])))
    path = tmp_path / "run" / runs.SETTINGS
    told = json.loads(path.read_text())
    path.write_text(json.dumps({name: each for name, each in told.items() if name != "text"}))  # of a version before
    assert [step.iteration for step in runs.trained(tmp_path / "run", NETWORK, SCHEDULE, found)][-1] == 12
    assert runs.opened(tmp_path / "run").text == found.digest


def test_the_inspector_reads_what_was_trained(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    *_, last = runs.trained(tmp_path / "run", network("go-mHC", layers=2), replace(SCHEDULE, record_every=1), found)
    sites = inspector.open(tmp_path / "run" / runs.WEIGHTS).sites
    assert [site.n for site in sites] == [3] * 4
    assert len(last.sites) == 4
    assert all(len(site.spectrum) == 2 for site in last.sites)
    lines = runs.opened(tmp_path / "run").metrics()
    assert lines[-1]["sites"][0]["row_error"] < 1e-5


def test_the_rate_warms_up_and_falls_to_the_least() -> None:
    rates = [rate(SCHEDULE, iteration) for iteration in range(SCHEDULE.iterations + 1)]
    assert rates[:3] == pytest.approx([1e-2 / 3, 2e-2 / 3, 1e-2])
    assert rates[3] == pytest.approx(1e-2)
    assert np.all(np.diff(rates[3:]) < 0)
    assert rates[-1] == pytest.approx(1e-3)


def test_jitter_is_none_of_equal_gradients_and_has_no_scale() -> None:
    norms = np.random.default_rng(0).uniform(1, 2, 300)
    assert jitter(np.ones(300)).max() < 1e-12
    assert len(jitter(norms)) == 201
    np.testing.assert_allclose(jitter(5 * norms), jitter(norms), rtol=1e-6)
    assert jitter(norms[:99]).size == 0


def test_what_cannot_be_trained_is_refused_in_a_sentence(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    with pytest.raises(ValueError, match="the context is 4,096"):
        Training(network("mHC", context=4096), SCHEDULE, found)
    with pytest.raises(ValueError, match="least"):
        replace(SCHEDULE, least=1.0)
    with pytest.raises(ValueError, match="batch"):
        replace(SCHEDULE, batch=0)


def test_a_step_as_json_comes_back(tmp_path: Path) -> None:
    steps = list(runs.trained(tmp_path / "run", NETWORK, SCHEDULE, corpus(tmp_path)))
    lines = [json.loads(line) for line in (tmp_path / "run" / runs.METRICS).read_text().splitlines()]
    assert [line["iteration"] for line in lines] == list(range(1, 13))
    assert [line.get("evaluated") for line in lines] == [step.evaluated for step in steps]
    assert {field for line in lines for field in line} == set(Step.__dataclass_fields__)


def test_half_precision_leaves_the_mixing_exact(tmp_path: Path) -> None:
    schedule = replace(SCHEDULE, precision="bfloat16", iterations=30)
    *_, last = Training(network("go-mHC", layers=2), schedule, corpus(tmp_path)).steps()
    assert last.evaluated is not None
    assert last.evaluated < 2.5
    assert max(max(site.row_error, site.column_error) for site in last.sites) < 1e-5
