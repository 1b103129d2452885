"""The first picture, shipped: it stands where the live one will, while a browser that is here for the first time loads
what draws pictures, and a server that has just started loads torch.

`make first-picture` makes it anew, in the light and in the dark.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

FOLDER = Path(__file__).parents[1] / "assets" / "first"

COLOURS = 128
"""Of the files: enough for the picture, and a third of the bytes."""


def show(page: str, waiting: DeltaGenerator) -> None:
    """Lay it where the live picture will be, until that is drawn, on a visitor's first page without any settings.

    Where torch is not loaded yet, and no place is there, it stands where it will be, in what is `waiting`.
    """
    if page != "app.py" or st.query_params.to_dict() or "_met" in st.session_state:
        return
    st.session_state["_met"] = True
    ground = "dark" if st.context.theme.type == "dark" else "light"
    data = base64.b64encode((FOLDER / f"{ground}.png").read_bytes()).decode()
    laid = f"background: url(data:image/png;base64,{data}) center / contain no-repeat; aspect-ratio: 1 / 0.93;"
    skeleton = '.st-key-plane [data-testid="stSkeleton"] { opacity: 0; }'
    st.html(f"<style>.st-key-plane:not(:has(.nsewdrag)), .st-key-first {{ {laid} }} {skeleton}</style>")
    if "torch" not in sys.modules:
        with waiting.container():
            _, centre, _ = st.columns([12, 25, 9], gap="medium")
            centre.container(key="first").write("")


def main() -> None:
    """Make the pictures."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from figures import files
    from figures.style import NIGHT, PAPER
    from geometry.grid import WHOLE
    from geometry.parts import last
    from geometry.survey import survey
    from projectors import methods
    from ui.controls import enough
    from ui.link.links import DEFAULTS
    from ui.link.settings import LINES
    from ui.recipes import Recipe
    from ui.spectrum.plane import Plane, figure, take

    n, s, name, measure = int(DEFAULTS["n"]), int(DEFAULTS["s"]), str(DEFAULTS["method"]), str(DEFAULTS["measure"])
    projector = methods(n, s)[name]
    recipe = Recipe(name, projector, measure, enough(projector, measure), int(DEFAULTS["seed"]))
    found = last(survey(recipe.projector, recipe.matrices, recipe.measure, recipe.seed))  # type: ignore[arg-type]
    plane = Plane(recipe, tuple(LINES), WHOLE, found, finished=True)
    FOLDER.mkdir(exist_ok=True)
    for ground, style in (("light", PAPER), ("dark", NIGHT)):
        picture = figure(plane, style).update_layout(width=640, height=595)
        drawn = Image.open(io.BytesIO(files.image(picture, "png")))
        about = PngInfo()
        for word, value in take(plane).about("/").items():
            about.add_itxt(word, value)
        drawn.convert("RGB").quantize(COLOURS).save(FOLDER / f"{ground}.png", optimize=True, pnginfo=about)


if __name__ == "__main__":
    main()
