"""One Chrome on a thread of its own, which draws figures; everything asked of it has a deadline.

Kaleido's own server is not used: without a browser it waits for ever, and so it does for one that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from figures.fonts import CONFIGURATION

if TYPE_CHECKING:
    import plotly.graph_objects as go

DEADLINE = 20.0
"""Seconds that Chrome has to start, and to draw one figure."""

Answer = TypeVar("Answer")


def executable() -> str | None:
    """Return where the Chrome or Chromium is that draws, None if there is none."""
    from choreographer.browsers.chromium import Chromium

    found = Chromium.find_browser(skip_local=False)  # also where BROWSER_PATH says, though nothing be there
    return found if found and Path(found).is_file() else None


@contextlib.contextmanager
def _own_fonts() -> Iterator[None]:
    """Within, what is started finds our fonts besides the system's, unless it is told where to look already."""
    if "FONTCONFIG_FILE" in os.environ:
        yield
        return
    os.environ["FONTCONFIG_FILE"] = str(CONFIGURATION)
    try:
        yield
    finally:
        del os.environ["FONTCONFIG_FILE"]


class Chrome:
    """A running Chrome. Raises TimeoutError if it does not start, or draw, within the deadline."""

    def __init__(self, path: str) -> None:
        from kaleido import Kaleido

        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="chrome", daemon=True)
        self._thread.start()
        self._browser = Kaleido(n=1, path=path, timeout=None, mathjax=False)  # the deadline here covers more
        try:
            with _own_fonts():
                self._answer(self._browser.open())
        except BaseException:
            self.close(kill=True)
            raise

    def draw(self, figure: go.Figure, **options: Any) -> bytes:
        """Figure, and `format`, `width`, `height`, `scale` -> the file."""
        return bytes(self._answer(self._browser.calc_fig(figure, opts=options)))

    def close(self, *, kill: bool = False) -> None:
        """End Chrome and its thread, and leave no folder behind; `kill`: without asking it, for it may hang."""
        with contextlib.suppress(Exception):  # whatever is wrong with it, it is to go
            self._answer(self._closed(kill=kill))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE)
        if not self._thread.is_alive():
            self._loop.close()

    async def _closed(self, *, kill: bool) -> None:
        process = getattr(self._browser, "subprocess", None)
        if kill and process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # it leads a group, with all that it has started
            process.wait()
        await self._browser.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _answer(self, question: Coroutine[Any, Any, Answer]) -> Answer:
        asked = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return asked.result(DEADLINE)
        except TimeoutError:
            asked.cancel()
            raise
