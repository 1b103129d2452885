"""What a server for strangers is made of agrees with what the app installs and with what it is run on."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.local import served
from deploy.lock import ACCELERATORS, LOCK, ROOT
from inspector.uploads import LARGEST

DEPLOY = ROOT / "deploy"


def locked() -> dict[str, tuple[str, int]]:
    """The lock -> version and number of hashes by name."""
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"))
    found = (re.match(r"([a-z0-9-]+)==(\S+) \\\n", entry) for entry in entries)
    return {match[1]: (match[2], match.string.count("--hash=sha256:")) for match in found if match}


def named(line: str) -> tuple[str, Requirement]:
    requirement = Requirement(line)
    return re.sub("[-_.]+", "-", requirement.name).lower(), requirement


def wanted() -> list[tuple[str, Requirement]]:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    return [named(line) for line in lines if line]


def test_the_lock_satisfies_what_the_app_asks_for_with_a_hash_for_everything() -> None:
    lock = locked()
    assert len(lock) > 30
    assert all(hashes for _, hashes in lock.values())
    for name, requirement in wanted():
        assert name == "torch" or requirement.specifier.contains(lock[name][0]), requirement


def test_the_lock_holds_all_that_is_installed_for_the_app_but_torch_and_cuda() -> None:
    waiting, seen = [name for name, _ in wanted()], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name.startswith(ACCELERATORS):
            continue
        seen.add(name)
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # what a marker leaves out on this machine
        waiting += [
            other for other, need in map(named, needs) if need.marker is None or need.marker.evaluate({"extra": ""})
        ]
    assert seen - {"torch"} <= set(locked())


def test_the_image_holds_all_that_the_app_imports_and_reads_and_pins_the_same_torch() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert kept >= {".streamlit", "app.py", "assets", "requirements.lock"}
    assert kept >= {folder.name for folder in ROOT.iterdir() if any(folder.glob("*.py"))} - {
        *("benchmarks", "deploy", "docs", "examples", "tests", "build")
    }
    (pinned,) = (str(requirement) for name, requirement in wanted() if name == "torch")
    assert pinned in (DEPLOY / "Dockerfile").read_text()


def test_the_server_answers_its_own_machine_only_and_watches_no_files() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "localhost"
    assert config["server"]["fileWatcherType"] == "none"
    assert config["server"]["maxUploadSize"] * 2**20 == LARGEST
    assert f"client_max_body_size {config['server']['maxUploadSize'] + 1}m;" in (DEPLOY / "nginx.conf").read_text()


def test_the_proxy_knows_the_inline_script_of_this_streamlit() -> None:
    import base64
    import hashlib

    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_an_app_that_does_not_start_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended before it answered"), served(tmp_path):
        pass
