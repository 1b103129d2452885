"""A figure as the bytes of a file. Chrome draws PNG, SVG and PDF; HTML needs nothing."""

from __future__ import annotations

import atexit
import io
import os
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape

import plotly.graph_objects as go

from figures import chrome
from figures.stamps import STAMPS
from figures.widths import NATURAL

MAGIC = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}
"""What the files that Chrome draws begin with."""

PATIENCE = 60.0
"""Seconds to wait for the pictures of others."""

_ONE_AT_A_TIME = threading.Lock()
"""Chrome has one page to draw on."""


def chrome_missing() -> str | None:
    """Return why PNG, SVG and PDF cannot be made here, in one sentence, or None if they can."""
    if chrome.executable():
        return None
    named = os.environ.get("BROWSER_PATH")
    why = f"there is none at {named}, which BROWSER_PATH names" if named else "the server has neither"
    return f"PNG, SVG and PDF are drawn by Chrome or Chromium, and {why}; HTML works without."


def image(figure: go.Figure, kind: str, about: Mapping[str, str] | None = None) -> bytes:
    """Figure, "png" | "svg" | "pdf" -> the file, in the figure's own size or 900 x 840, with what there is `about` it.

    Raises RuntimeError, with a sentence for readers, if Chrome is missing, busy, or fails twice.
    """
    if kind not in MAGIC:
        raise ValueError(f"an image is one of {', '.join(MAGIC)}, not {kind!r}")
    if missing := chrome_missing():
        raise RuntimeError(missing)
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE):
        raise RuntimeError("Chrome is busy with the pictures of others; try again in a minute, or take HTML.")
    try:
        return _stamped(figure, kind, about)
    except Exception:  # whatever a Chrome that died or hangs leaves behind; a second failure is told
        _forget()
        try:
            return _stamped(figure, kind, about)
        except Exception as error:
            _forget()
            reason = "did not answer in time" if isinstance(error, TimeoutError) else f"failed: {error}"
            raise RuntimeError(f"Chrome was started anew and {reason}; HTML works without it.") from error
    finally:
        _ONE_AT_A_TIME.release()


def gif(frames: Iterator[go.Figure], seconds: float = 0.9) -> bytes:
    """Figures of one size -> a film of them that begins anew when it ends, so many seconds a frame.

    Raises RuntimeError like `image`.
    """
    from PIL import Image

    pictures = [Image.open(io.BytesIO(image(frame, "png"))).convert("RGB") for frame in frames]
    reduced = [picture.resize((picture.width // 2, picture.height // 2)).quantize(128) for picture in pictures]
    out = io.BytesIO()
    reduced[0].save(
        out, "GIF", save_all=True, append_images=reduced[1:], duration=round(1000 * seconds), loop=0, optimize=True
    )
    return out.getvalue()


def html(figure: go.Figure, about: Mapping[str, str] | None = None) -> bytes:
    """Figure -> a page that opens without a network: plotly's script is inside, and what there is `about` it."""
    told = {name: escape(text, quote=True) for name, text in (about or {}).items()}
    head = f"<title>{told.get('Title', '')}</title>"
    head += "".join(f'<meta name="{name.lower()}" content="{text}">' for name, text in told.items())
    page = str(figure.to_html(include_plotlyjs=True, full_html=True))
    return page.replace("<head>", f"<head>{head}", 1).encode()


def _stamped(figure: go.Figure, kind: str, about: Mapping[str, str] | None) -> bytes:
    return STAMPS[kind](_drawn(figure, kind), about or {})


def _drawn(figure: go.Figure, kind: str) -> bytes:
    width, height = NATURAL
    size = {"width": figure.layout.width or width, "height": figure.layout.height or height}
    data = _running().draw(figure, format=kind, **size, scale=2 if kind == "png" else 1)
    if not data.startswith(MAGIC[kind]):
        raise RuntimeError(f"it answered something that is not {kind.upper()}")
    return data


@cache
def _running() -> chrome.Chrome:
    """Start Chrome once per process: later figures take a third of a second instead of three."""
    path = chrome.executable()
    if path is None:
        raise RuntimeError("it is gone")
    started = chrome.Chrome(path)
    atexit.register(started.close)  # not before it has started: its folders must outlive it, and exit works backwards
    return started


def _forget() -> None:
    """End Chrome, if it runs: the next figure starts it anew."""
    if _running.cache_info().currsize:
        atexit.unregister(_running().close)
        _running().close(kill=True)
    _running.cache_clear()
