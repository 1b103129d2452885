"""The shipped first picture is that of the settings that everybody meets first."""

from __future__ import annotations

import pytest
from PIL import Image

from projectors import methods
from ui import first_picture
from ui.controls import enough
from ui.link.links import DEFAULTS
from ui.recipes import describe


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_it_was_made_with_the_defaults(ground: str) -> None:
    with Image.open(first_picture.FOLDER / f"{ground}.png") as picture:
        told = dict(part.split(": ", 1) for part in picture.info["Keywords"].split("; "))
        assert picture.size == (1280, 1190)
    name, n, s = (DEFAULTS[key] for key in ("method", "n", "s"))
    assert told["method"] == describe(str(name), methods(int(n), int(s))[str(name)])
    for key in ("measure", "seed"):
        assert told[key] == str(DEFAULTS[key])
    assert told["matrices"] == str(enough(methods(int(n), int(s))[str(name)], str(DEFAULTS["measure"])))
