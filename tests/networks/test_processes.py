"""Two processes that share a batch train the network that one would."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.networks.process import network, trained

ROOT = Path(__file__).parents[2]


def test_two_processes_train_as_one(tmp_path):
    command = [sys.executable, "-m", "tests.networks.process", str(tmp_path)]
    processes = [subprocess.Popen([*command, str(rank), "2"], cwd=ROOT) for rank in range(2)]
    try:
        assert [process.wait(timeout=300) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    found = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    alone = network()
    losses = trained(alone, 0, 1)
    together = [sum(pair) / 2 for pair in zip(*(each["losses"] for each in found), strict=True)]
    assert together == pytest.approx(losses, rel=1e-4)
    for name, value in alone.state_dict().items():
        for each in found:
            assert torch.allclose(each["state"][name].double(), value.double(), atol=1e-5), name
