"""What a file of a figure says about itself, where programs look for it: title, link, version and recipe."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape

from figures import fonts


def png(data: bytes, about: Mapping[str, str]) -> bytes:
    """PNG -> the same picture with texts about it."""
    from PIL import Image, PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    for name, text in about.items():
        texts.add_itxt(name, text)
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.save(out, "PNG", pnginfo=texts, dpi=(192, 192), optimize=True)
    return out.getvalue()


def svg(data: bytes, about: Mapping[str, str]) -> bytes:
    """SVG -> the same picture with a description, and with the letters of its font."""
    text = data.decode()
    end = text.index(">", text.index("<svg")) + 1
    told = escape("\n".join(f"{name}: {value}" for name, value in about.items()))
    title = escape(about.get("Title", ""))
    carried = f"<style>{fonts.face(text)}</style>" if fonts.FAMILY in text else ""
    return f"{text[:end]}<title>{title}</title><desc>{told}</desc>{carried}{text[end:]}".encode()


def pdf(data: bytes, about: Mapping[str, str]) -> bytes:
    """PDF -> the same page with a title and keywords."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.metadata = None
    writer.add_metadata({f"/{name}": value for name, value in about.items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


STAMPS = {"png": png, "svg": svg, "pdf": pdf}
"""What writes into a file of each kind."""
