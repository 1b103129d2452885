"""The first picture, shipped: it stands where the live one will while a server that has just started loads torch.

`make first-picture` makes it anew, in the light and in the dark.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[1] / "assets" / "first"


def wanted(page: str) -> bool:
    """Page path -> whether its first picture is shipped, and would have to be waited for."""
    return page == "app.py" and "torch" not in sys.modules and not st.query_params.to_dict()


def show() -> None:
    """Draw it, as large as the live one will be."""
    ground = "dark" if st.context.theme.type == "dark" else "light"
    _, centre, _ = st.columns([12, 25, 9], gap="medium")
    centre.image(FOLDER / f"{ground}.png", width="stretch")


def main() -> None:
    """Make the pictures."""
    from figures import files
    from figures.style import NIGHT, PAPER
    from geometry.grid import WHOLE
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
    *_, found = survey(recipe.projector, recipe.matrices, recipe.measure, recipe.seed)  # type: ignore[arg-type]
    plane = Plane(recipe, tuple(LINES), WHOLE, found, finished=True)
    FOLDER.mkdir(exist_ok=True)
    for ground, style in (("light", PAPER), ("dark", NIGHT)):
        picture = figure(plane, style).update_layout(width=640, height=595)
        (FOLDER / f"{ground}.png").write_bytes(files.image(picture, "png", take(plane).about("/")))


if __name__ == "__main__":
    main()
