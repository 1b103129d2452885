"""The open font of figures for paper: STIX Two Text, beside the app, so that they look alike wherever they are made."""

from __future__ import annotations

import base64
import io
import logging
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "fonts"
FAMILY = "STIX Two Text"
FILE, CONFIGURATION = FOLDER / "STIXTwoText-Regular.ttf", FOLDER / "fonts.conf"


def face(text: str) -> str:
    """Text -> a CSS rule that holds the font with the letters of that text alone, for an SVG to carry along."""
    from fontTools import subset

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    options = subset.Options(flavor="woff", layout_features=["kern"], notdef_outline=True)
    chosen, out = subset.Subsetter(options), io.BytesIO()
    chosen.populate(text=text)
    with subset.load_font(str(FILE), options) as font:
        chosen.subset(font)
        subset.save_font(font, out, options)
    data = base64.b64encode(out.getvalue()).decode()
    return f'@font-face{{font-family:"{FAMILY}";src:url(data:font/woff;base64,{data}) format("woff")}}'
