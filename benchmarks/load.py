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
import re
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from benchmarks.harness import report
from benchmarks.harness.visitor import Seen, Visitor
from deploy.local import served

BASELINES = {"load": "none: seconds from a visitor's change to the first new picture, not ratios"}


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
        except (OSError, WebSocketException) as error:
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
