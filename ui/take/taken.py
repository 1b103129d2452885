"""What a reader takes home, as one value: everything that files, their names and the snippet are made from."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2s
from pathlib import Path

import plotly.graph_objects as go

from figures.marks import mark_partial
from figures.style import NIGHT, PAPER, Style, untitled
from figures.widths import fitted
from ui.take import files
from ui.take.code import python
from ui.take.files import Columns

LONGEST = 60
"""Letters of a value in a file name; a longer one gives way to its digest."""


@dataclass(frozen=True)
class Form:
    """How a picture is to look in a file: one of `figures.widths.WIDTHS`, with its title or not, on which ground."""

    width: str = "as on screen"
    titled: bool = True
    dark: bool = False

    @property
    def style(self) -> Style:
        """The style of its ground."""
        return NIGHT if self.dark else PAPER


@dataclass(frozen=True, eq=False)
class Taken:
    """A result with its recipe: what it is called, its picture, its numbers, and the Python that makes them.

    `name` says in a word what it is. `recipe` holds, word by word, every value that the data depend on and nothing
    else: the file name is made from it, and the files carry it. Words in `implied` are left out of the file name,
    because others say the same. `title` stands over the picture, which `figure` makes in a style, and `narrow` in fewer
    columns, for a single one of a paper; a table alone has none. A series has `frames`, and in HTML is `moving`.
    `witnesses` makes what fills a file of its own.
    `arrays` go into the NPZ, `columns` into the CSV; `code` is Python that makes `arrays` with the library
    alone, its imports aside.
    """

    name: str
    title: str
    arrays: Columns
    columns: Callable[[], Columns]
    recipe: Mapping[str, object]
    code: str
    figure: Callable[[Style], go.Figure] | None = None
    narrow: Callable[[Style], go.Figure] | None = None
    frames: Callable[[Style], Iterator[go.Figure]] | None = None
    moving: Callable[[Style], go.Figure] | None = None
    witnesses: Callable[[], Columns] | None = None
    implied: tuple[str, ...] = ()
    partial: bool = False

    @cached_property
    def stem(self) -> str:
        """The name of its files without the ending: ASCII, and another for another recipe."""
        words = [_word(key, value) for key, value in self.recipe.items() if key not in self.implied]
        others = [word for word in words if word.lower() != slug(self.name)]
        return "_".join(filter(None, [slug(self.name), *others, "partial" if self.partial else ""]))

    @cached_property
    def snippet(self) -> str:
        """The whole Python: imports, one thread for torch as in the app, and the lines that bind `arrays`."""
        return python(self.code)

    def picture(self, form: Form = Form()) -> go.Figure:
        """Return the figure for paper in this form, which says so if it is partial; ValueError for a table alone."""
        if self.figure is None:
            raise ValueError(f"{self.title} is a table and has no picture")
        picture = (self.narrow if self.narrow and form.width == "single column" else self.figure)(form.style)
        if self.partial:
            mark_partial(picture, form.style)
        return fitted(picture if form.titled else untitled(picture), form.width)

    def about(self, link: str) -> dict[str, str]:
        """Link to this very picture -> what its files say of themselves."""
        made = "; ".join(f"{word}: {value}" for word, value in self.recipe.items())
        return {
            "Title": self.title,
            "Subject": link,
            "Keywords": made,
            "Creator": f"Birkhoff Explorer {version()}",
        }

    def csv(self) -> bytes:
        """Return the columns as CSV."""
        return files.csv(self.columns())

    def npz(self, arrays: Columns | None = None) -> bytes:
        """Return the arrays, its own or others of the same recipe, as NPZ, with the recipe and the Python as texts."""
        recipe = {
            key: value if isinstance(value, int | float | str) else repr(value) for key, value in self.recipe.items()
        }
        return files.npz(
            self.arrays if arrays is None else arrays, {**recipe, "partial": self.partial, "python": self.snippet}
        )


@cache
def version() -> str:
    """Return the version of this checkout."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def slug(text: str) -> str:
    """Any text -> letters, digits and . + - _ alone, as in a file name.

    >>> slug("KromHC, n = 8, factors 2 × 4"), slug("Z₄ plane, frequency 2")
    ('KromHC_n8_factors-2x4', 'Z4-plane_frequency-2')
    """
    plain = text.replace(" = ", "").replace("=", "").replace("×", "x").replace(" x ", "x").replace(", ", "_")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"-*_-*", "_", re.sub(r"[^\w.+-]+", "-", plain)).strip("-_.")


def _word(key: str, value: object) -> str:
    """A word of a recipe and its value -> their part of a file name; a text speaks for itself, a number does not."""
    word = slug(value if isinstance(value, str) else f"{key}{value}" if isinstance(value, int | float) else repr(value))
    return word if len(word) <= LONGEST else blake2s(repr(value).encode(), digest_size=5).hexdigest()
