"""The command line: a table for people, files for programs, a sentence and a status where there is nothing to show."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inspector.__main__ import main
from inspector.examples import DATA

TRAINED = str(DATA / "trained_mhc.json")


def test_the_table_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([TRAINED, "--ranks", "1", "2"]) == 0
    first, header, *lines = capsys.readouterr().out.splitlines()
    assert first == "trained_mhc.json: 12 sites, a JSON file; read as tokenbender"
    assert header.split()[:4] == ["site", "n", "|l2|", "turns"]
    assert [line.split()[0] for line in lines[:2]] == ["transformer.h.0.hc_attn", "transformer.h.0.hc_mlp"]
    assert [line.split()[0] for line in lines[:12] if "  yes  " in line] == ["transformer.h.4.hc_mlp"]
    assert "depth of transformer.h: 12 sites, mixed after 11; gains 1 forwards, 1.508 backwards" in lines
    (krom,) = (line for line in lines if line.startswith("KromHC"))
    assert krom.startswith("KromHC: holds 0 of 12")


def test_files_hold_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([TRAINED, "--temperature", "1", "--iterations", "1000", "--out", str(tmp_path / "new")]) == 0
    held = np.load(tmp_path / "new" / "sites_n4.npz")
    assert held["matrices"].shape == (12, 4, 4)
    assert (np.abs(held["eigenvalues"].imag).max(-1) > 1e-6).sum() == 4
    with (tmp_path / "new" / "sites_n4.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["entropy"]) for row in rows] == held["entropy"].tolist()
    page = (tmp_path / "new" / "spectra_n4.html").read_text(encoding="utf-8")
    assert "transformer.h.4.hc_mlp" in page
    assert "wrote spectra_n4.html" in capsys.readouterr().out


def test_pictures_are_left_out_where_nothing_draws(tmp_path: Path) -> None:
    """As where the library is installed alone."""
    program = f"""
import sys
sys.modules["plotly"] = None
from inspector.__main__ import main
sys.exit(main([{TRAINED!r}, "--out", {str(tmp_path)!r}]))
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "pictures need the checkout" in done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"sites_n4.csv", "sites_n4.npz"}


@pytest.mark.parametrize("arguments", [["/nonexistent"], [TRAINED, "--iterations", "0"], [TRAINED, "--ranks", "99"]])
def test_what_cannot_be_shown_is_a_sentence_and_a_status(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("inspector: ")
    assert told.count("\n") == 1


def test_names_cannot_write_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({"layers.0.\x1b[2Jmix": torch.eye(2)}, tmp_path / "a.safetensors")
    assert main([str(tmp_path / "a.safetensors")]) == 0
    assert "\x1b" not in capsys.readouterr().out
