"""The app of a checkout on a free port, for benchmarks that visit it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]


@contextmanager
def served(root: Path = ROOT) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the app of a checkout, this one by default -> its process and its port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                break
            sleep(0.1)
        yield server, port
    finally:
        server.terminate()
        server.wait(30)
