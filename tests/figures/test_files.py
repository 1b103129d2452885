"""Files that figures become: of the kind that was asked for, without a network, and never waited for without end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest

from figures import chrome, files

ROOT = Path(__file__).parents[2]


def small() -> go.Figure:
    return go.Figure(go.Scatter(x=[0, 1], y=[0, 1]), layout={"template": "none", "width": 200, "height": 200})


@pytest.mark.browser
def test_concurrent_images_have_their_own_formats() -> None:
    kinds = ["png", "svg", "pdf"] * 4
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda kind: files.image(small(), kind), kinds))
    for kind, data in zip(kinds, made, strict=True):
        assert data.startswith(files.MAGIC[kind])


@pytest.mark.browser
def test_a_chrome_that_died_is_started_anew() -> None:
    first = files.image(small(), "svg")
    os.killpg(files._running()._browser.subprocess.pid, signal.SIGKILL)
    assert files.image(small(), "svg").startswith(b"<svg")
    assert first.startswith(b"<svg")


@pytest.fixture
def short_path() -> Iterator[Path]:
    """An empty folder under a short path: in one of pytest's, Chrome's socket has a longer name than sockets may."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.browser
def test_a_process_that_drew_leaves_without_a_word_and_without_folders(short_path: Path) -> None:
    program = "import plotly.graph_objects as go\nfrom figures import files\nfiles.image(go.Figure(), 'svg')"
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", program],
        env=os.environ | {"TMPDIR": str(short_path)},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(short_path.iterdir())


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A browser of our own, which writes down its number and what the test adds; none is started before or after."""
    files._forget()
    path = tmp_path / "browser"
    monkeypatch.setattr(chrome, "executable", lambda: str(path))
    yield path
    files._forget()


def plant(path: Path, behaviour: str) -> None:
    path.write_text(f"#!/bin/sh\necho $$ >> {path}.started\n{behaviour}\n", encoding="utf-8")
    path.chmod(0o755)


def started(path: Path) -> list[int]:
    """Path of a planted browser -> the numbers of the processes that it was."""
    return [int(line) for line in Path(f"{path}.started").read_text(encoding="utf-8").split()]


def alive(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes where Linux lists them")
def test_a_chrome_that_hangs_is_killed_and_told_in_a_sentence(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(planted, "sleep 1000")
    monkeypatch.setattr(chrome, "DEADLINE", 2.0)
    with pytest.raises(RuntimeError, match="did not answer in time; HTML works"):
        files.image(small(), "svg")
    assert len(started(planted)) == 2
    assert not any(alive(process) for process in started(planted))
    assert not files._ONE_AT_A_TIME.locked()


def test_a_chrome_that_ends_at_once_is_told_in_a_sentence(planted: Path) -> None:
    plant(planted, "exit 1")
    with pytest.raises(RuntimeError, match="started anew"):
        files.image(small(), "svg")


def test_who_waits_for_others_is_told_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.01)
    monkeypatch.setattr(files, "chrome_missing", lambda: None)
    with files._ONE_AT_A_TIME, pytest.raises(RuntimeError, match="busy"):
        files.image(small(), "svg")


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="png, svg, pdf, not 'exe'"):
        files.image(go.Figure(), "exe")


class Needs(HTMLParser):
    """What a page would load."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.scripts = 0
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.loads += [f"{tag} {value}" for name, value in attrs if name in {"src", "href"}]


def test_html_needs_no_network() -> None:
    page = files.html(go.Figure(go.Scatter(y=[1])))
    needs = Needs(page)
    assert needs.scripts >= 2
    assert needs.loads == []
    assert b"Plotly.newPlot" in page


def test_a_page_that_needs_a_network_is_seen() -> None:
    assert Needs(go.Figure().to_html(include_plotlyjs="cdn").encode()).loads


def test_missing_chrome_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `chrome_missing` looks, the exporter does: with this path, it raises as well."""
    from choreographer.browsers import chromium

    monkeypatch.setattr(chromium, "get_chrome_download_path", lambda **_: None)
    monkeypatch.setattr(chromium, "get_old_chrome_download_path", lambda: None)
    monkeypatch.setenv("BROWSER_PATH", "/nonexistent/chrome")
    reason = files.chrome_missing()
    assert reason is not None
    assert "Chrome" in reason
    assert "/nonexistent/chrome" in reason
    with pytest.raises(RuntimeError, match="BROWSER_PATH"):
        files.image(small(), "png")
    monkeypatch.setenv("BROWSER_PATH", sys.executable)
    assert files.chrome_missing() is None
    monkeypatch.delenv("BROWSER_PATH")
    monkeypatch.setattr(chromium, "chromium_based_browsers", {})
    assert "neither" in (files.chrome_missing() or "")
