"""Pages without a browser: how tests open them, and what they read off them."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


def run(page: str = "app.py", **query: object) -> AppTest:
    """Page path and what its link says -> the page after its first run."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    if page != "app.py":
        at.switch_page(page)
    for key, value in query.items():
        at.query_params[key] = str(value)
    return at.run()


def opened(page: str) -> partial[AppTest]:
    """Page path -> `run` for that page."""
    return partial(run, page)


def traces(chart: Any) -> dict[str, dict[str, Any]]:
    """A chart element -> its traces by name, packed numbers unpacked."""
    spec = json.loads(chart.proto.spec)
    return {trace.get("name", ""): {key: unpacked(part) for key, part in trace.items()} for trace in spec["data"]}


def unpacked(part: Any) -> Any:
    """A value of a trace -> itself, or the array that it packs."""
    if not (isinstance(part, dict) and "bdata" in part):
        return part
    flat = np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])
    shape = str(part.get("shape", len(flat))).split(",")
    return flat.reshape([int(side) for side in shape])


def told(at: AppTest) -> list[str]:
    """A page -> its sentences: plain, small, and in boxes."""
    return [text.value for kind in (at.markdown, at.caption, at.info, at.warning) for text in kind]
