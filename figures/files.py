"""A figure as the bytes of a file. Chrome draws PNG, SVG and PDF; HTML needs nothing."""

from __future__ import annotations

import atexit
import contextlib
import csv
import io
import json
import tempfile
import threading
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

MAGIC = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}
_LOCK = threading.Lock()
"""Kaleido's server answers concurrent requests with each other's formats."""


def chrome_missing() -> str | None:
    """Return why PNG, SVG and PDF cannot be made here, in one sentence, or None if they can."""
    from choreographer.browsers.chromium import Chromium

    if Chromium.find_browser(skip_local=False):
        return None
    return "PNG, SVG and PDF are drawn by Chrome or Chromium, and the server has neither; HTML works without."


@cache
def _server() -> None:
    """Start Chrome once per process; later figures take a third of a second instead of three."""
    import kaleido

    # What is registered last runs first at exit. Python begins to watch over temporary folders with the first of them:
    # were that Chrome's own, it would be removed under a Chrome that still runs.
    tempfile.TemporaryDirectory().cleanup()
    kaleido.start_sync_server(n=1, silence_warnings=True)
    atexit.unregister(_stop)
    atexit.register(_stop)


def image(figure: go.Figure, kind: str) -> bytes:
    """Figure, "png" | "svg" | "pdf" -> the file, in the figure's own size or 900 x 840.

    Raises RuntimeError if Chrome is missing or answers in another format.
    """
    if kind not in MAGIC:
        raise ValueError(f"an image is one of {', '.join(MAGIC)}, not {kind!r}")
    with _LOCK:
        try:
            data = _drawn(figure, kind)
        except Exception:  # whatever a Chrome that died leaves behind; a second failure is told
            _stop()
            data = _drawn(figure, kind)
    if not data.startswith(MAGIC[kind]):
        raise RuntimeError(f"Chrome answered something that is not {kind.upper()}")
    return data


def _drawn(figure: go.Figure, kind: str) -> bytes:
    _server()
    size = {"width": figure.layout.width or 900, "height": figure.layout.height or 840}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The kopts argument is ignored")
        return bytes(figure.to_image(format=kind, **size, scale=2 if kind == "png" else 1))


def _stop() -> None:
    """Forget Chrome: the next figure starts it anew."""
    import kaleido

    with contextlib.suppress(Exception):
        kaleido.stop_sync_server(silence_warnings=True)
    _server.cache_clear()


def html(figure: go.Figure) -> bytes:
    """Figure -> a page that opens without a network: plotly's script is inside."""
    return str(figure.to_html(include_plotlyjs=True, full_html=True)).encode()


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Column names and rows -> CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def cells(panels: Mapping[str, NDArray[np.int64]], centres: NDArray[np.float64]) -> bytes:
    """Counts (bins, bins) by name and cell centres (bins,) -> CSV of the cells that are not empty."""
    rows = (
        (name, f"{centres[column]:.6f}", f"{centres[row]:.6f}", counts[row, column])
        for name, counts in panels.items()
        for row, column in zip(*counts.nonzero(), strict=True)
    )
    return table(["method", "re", "im", "count"], rows)


def archive(arrays: Mapping[str, ArrayLike], recipe: Mapping[str, object]) -> bytes:
    """Named arrays -> NPZ, with the recipe they came from as JSON under "recipe"."""
    out = io.BytesIO()
    np.savez_compressed(out, **dict(arrays), recipe=np.array(json.dumps(recipe)))  # type: ignore[arg-type]
    return out.getvalue()
