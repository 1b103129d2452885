"""A visitor of the app without a browser: speaks Streamlit's websocket protocol, moves sliders, looks at pictures."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

LOOKS = 2.0, 6.0
"""Seconds that a visitor looks at a picture."""
PATIENCE = 60.0
"""Seconds after which a visitor who sees nothing new counts as an error."""
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
        self.asked, self.running = 0.0, False
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
            if widget.endswith("-s"):
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
