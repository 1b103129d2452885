"""The app on a free port of this machine, and this machine's Chromium to visit it: browser tests, benchmarks and
`make pictures` use both.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parents[1]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
"""The selector of a page whose script has ended."""
PATIENCE = 60.0
"""Seconds that the app has to answer for the first time."""


class Served(NamedTuple):
    """An app that runs: its process, and its port on 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        """Where it is visited."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def answers(self) -> bool:
        """Whether it is up by now."""
        with suppress(OSError), urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as answer:
            return answer.read() == b"ok"
        return False


@contextmanager
def served(root: Path = ROOT) -> Iterator[Served]:
    """Run the app of a checkout, this one by default -> the app, once it answers. It ends with the context.

    Raises:
        RuntimeError: if it ends by itself, or does not answer within PATIENCE.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    flags = [f"--server.{key}={value}" for key, value in options.items()]
    app = Served(subprocess.Popen([sys.executable, "-m", "streamlit", "run", "app.py", *flags], cwd=root), port)
    try:
        until = time.monotonic() + PATIENCE
        while not app.answers:
            if app.process.poll() is not None:
                raise RuntimeError(f"the app in {root} ended before it answered")
            if time.monotonic() > until:
                raise RuntimeError(f"the app in {root} did not answer within {PATIENCE:.0f} s")
            time.sleep(0.1)
        yield app
    finally:
        app.process.terminate()
        app.process.wait(30)


def chromium(playwright: Playwright) -> Browser:
    """Launch the system's own Chromium, not one that playwright would download."""
    found = next((path for path in map(shutil.which, CHROMIUMS) if path), None)
    return playwright.chromium.launch(executable_path=found, args=FLAGS)
