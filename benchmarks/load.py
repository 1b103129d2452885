"""A server with many visitors: 20 sessions over websockets move sliders on all pages for two minutes.

    python benchmarks/load.py [sessions [seconds]]

A visitor opens a page, changes n, s or the seed, waits for the first new picture, looks at it for 2 to 6 seconds, and
changes something again; after four changes it goes on to another page. Reported are errors, pictures that show
something else than was asked for, the time from the change to the first new picture, the server's largest resident
set, and the cores it keeps busy once everybody has left. Visitors run on the same machine as the server and take of its
time, which makes the latencies too large; browsers' own drawing is left out, which makes them too small.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.harness import report

ROOT = Path(__file__).parent.parent
LOOKS = 2.0, 6.0
"""Seconds that a visitor looks at a picture."""
PATIENCE = 60.0
"""Seconds after which a visitor who sees nothing new counts as an error."""
BASELINES = {"load": "none: seconds from a visitor's change to the first new picture, not ratios"}
MOVES = 4
"""Changes before a visitor goes on to another page."""


@dataclass
class Seen:
    """What all visitors saw: seconds to the first new picture by page, wrong pictures, errors."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One session: knows its widgets by key, its address, and the pages there are."""

    def __init__(self, connection: ClientConnection, seen: Seen, seed: int) -> None:
        self.connection, self.seen, self.random = connection, seen, random.Random(seed)
        self.widgets: dict[str, str] = {}
        self.pages: dict[str, str] = {}  # names by hash
        self.menu: dict[str, str] = {}  # the addresses that the menu's links lead to, by hash
        self.page, self.query = "", ""
        self.settings = {"n": 4, "s": 2, "seed": 0}

    async def visit(self, until: float) -> None:
        """Open the first page, and go on moving until the time is over."""
        await self.ask({})
        await self.picture("first")
        while monotonic() < until:
            for _ in range(MOVES):
                await self.look(until)
                if monotonic() >= until:
                    return
                await self.change()
                await self.picture(self.name)
            self.page, self.query = self.random.choice([link for link in self.menu.items() if link[0] != self.page])
            await self.ask({})
            await self.picture(f"to {self.name}")

    @property
    def name(self) -> str:
        """The page's name."""
        return self.pages.get(self.page) or "spectral_reach"

    async def change(self) -> None:
        """Move one of the page's sliders."""
        keys = [key for key in self.settings if key in self.widgets]
        key = self.random.choice([key for key in keys if key != "seed"] or keys)
        ranges = {"n": range(3, 9), "s": range(1, 5), "seed": range(1000)}
        self.settings[key] = self.random.choice([value for value in ranges[key] if value != self.settings[key]])
        await self.ask({self.widgets[key]: self.settings[key]})

    async def ask(self, changed: dict[str, int]) -> None:
        """Ask for a run of the page, as the browser does, with changed widgets by their identity."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self.query, self.page
        for widget, value in changed.items():
            state = rerun.widget_states.widgets.add(id=widget)
            if "-s" in widget[-2:]:
                state.double_array_value.data.append(value)
            else:
                state.double_value = value
        self.asked, self.running = monotonic(), False  # what still comes of the run before does not count
        await self.connection.send(message.SerializeToString())

    async def picture(self, kind: str) -> None:
        """Wait for the first new picture of the run, and check what it shows."""
        try:
            async with asyncio.timeout(PATIENCE):
                async for told in self.charts():
                    self.seen.latencies.setdefault(kind, []).append(monotonic() - self.asked)
                    self.check(told)
                    return
        except TimeoutError:
            self.seen.errors.append(f"{kind}: nothing new for {PATIENCE:.0f} s, {self.settings}")

    async def look(self, until: float) -> None:
        """Look at the picture, and check those that follow."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self.random.uniform(*LOOKS), max(0.0, until - monotonic()))):
                async for told in self.charts():
                    self.check(told)

    def check(self, told: str) -> None:
        """Compare what a picture says of itself with what was asked for."""
        for value in re.findall(r"\bn = (\d+)", told):
            if "n" in self.widgets and int(value) != self.settings["n"]:
                self.seen.wrong.append(f"{told}, where n = {self.settings['n']}")

    async def charts(self) -> AsyncIterator[str]:
        """What every chart of the run that was asked for says of itself, as they come."""
        async for data in self.connection:
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.widgets, self.running = {}, True
            elif kind == "navigation":
                self.pages = {page.page_script_hash: page.url_pathname for page in message.navigation.app_pages}
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.HasField("new_element"):
                element = message.delta.new_element
                which = element.WhichOneof("type")
                if which in ("slider", "number_input"):
                    widget = getattr(element, which).id
                    self.widgets[widget.rsplit("-", 1)[-1]] = widget
                elif which == "page_link":
                    self.menu[element.page_link.page_script_hash] = element.page_link.query_string
                elif which == "exception":
                    self.seen.errors.append(f"{self.name}: {element.exception.message}")
                elif which == "plotly_chart" and self.running:
                    yield element.plotly_chart.alt
            elif kind == "script_finished":
                self.running = False


@contextmanager
def served() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the app on a free port -> its process and the port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                break
            sleep(0.1)
        yield server, port
    finally:
        server.terminate()
        server.wait(30)


def processor_seconds(pid: int) -> float:
    """Process -> seconds of processor time that it has taken so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / 100


def largest_resident(pid: int) -> int:
    """Process -> the largest resident set it has had, in MiB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) // 1024  # type: ignore[index]


async def crowd(port: int, sessions: int, seconds: float) -> Seen:
    """Let everybody in, one every quarter of a second, and out again when the time is over."""
    seen, until = Seen(), monotonic() + seconds

    async def visitor(number: int) -> None:
        await asyncio.sleep(number / 4)
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        try:
            async with connect(address, max_size=None, subprotocols=[Subprotocol("streamlit")]) as connection:
                await Visitor(connection, seen, number).visit(until)
        except Exception as error:
            seen.errors.append(repr(error))

    await asyncio.gather(*[visitor(number) for number in range(sessions)])
    return seen


def main(sessions: int = 20, seconds: float = 120.0) -> None:
    """Run the server, the visitors, and tell."""
    with served() as (server, port):
        begun = processor_seconds(server.pid)
        seen = asyncio.run(crowd(port, sessions, seconds))
        spent = processor_seconds(server.pid) - begun
        sleep(3)
        before = processor_seconds(server.pid)
        sleep(5)
        after = (processor_seconds(server.pid) - before) / 5
        resident = largest_resident(server.pid)
    every = [value for values in seen.latencies.values() for value in values]
    table = [timed(kind, values) for kind, values in [*sorted(seen.latencies.items()), ("all", every)]]
    table[-1] |= {"sessions": sessions, "seconds": seconds, "errors": len(seen.errors), "wrong": len(seen.wrong)}
    table[-1] |= {"MiB": resident, "cores": spent / seconds, "cores_afterwards": after}
    report("load", BASELINES, table)
    print(*[*seen.errors, *seen.wrong][:20], sep="\n")


def timed(kind: str, values: list[float]) -> dict[str, Any]:
    """What was waited for, seconds -> a row of the table."""
    middle, late = np.percentile(values, [50, 95])
    return {"picture": kind, "count": len(values), "median_s": float(middle), "p95_s": float(late)}


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
