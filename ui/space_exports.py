"""What the space of the page on slices lets people take home: figure, points, arrays, and Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures import files as render
from figures.style import PAPER
from ui import exports
from ui.clouds import STARTS, Cloud
from ui.recipes import Recipe

if TYPE_CHECKING:
    from geometry.slices import View


def row(cloud: Cloud, recipe: Recipe, view: View, certified: bool, picture: Callable[..., go.Figure]) -> None:
    """Draw the downloads of a finished space."""
    value = "distance" if certified else "facet distance"
    exports.row(
        partial(picture, PAPER, title=f"{recipe.title} — {view.name}" + ("" if certified else f", {recipe.sample}")),
        partial(_table, cloud, value),
        partial(
            render.archive,
            {"points": cloud.points, value.replace(" ", "_"): cloud.values, "matrices": cloud.matrices},
            {"projector": repr(recipe.projector), "view": view.name, "measure": recipe.measure, "seed": recipe.seed},
        ),
        snippet(recipe, view, certified),
        f"space_{view.name.replace(' ', '-').replace(',', '')}_{recipe.file_name}" + ("_slice" if certified else ""),
    )


def _table(cloud: Cloud, value: str) -> bytes:
    rows = (
        [f"{number:.9f}" for number in (*point, far)] for point, far in zip(cloud.points, cloud.values, strict=True)
    )
    return render.table(["x", "y", "z", value], rows)


def snippet(recipe: Recipe, view: View, certified: bool) -> str:
    """Recipe, view -> lines of Python that make the same numbers with the library alone."""
    calls = {
        "Klein four-group": "klein_view()",
        "even plane and an odd direction": f"order3_space(np.radians({st.session_state['odd']}))",
        "diagonal": "diagonal_view()",
        "chosen permutations": f"permutation_view({list(view.permutations)})",
    }
    made = calls.get(view.name, f"cyclic_space({view.n})")
    first = ("import numpy as np\n" if "np." in made else "") + ("import torch\n" if certified else "")
    sampling = "" if certified else "from geometry.sampling import sample\n"
    head = f"""{first}
from geometry.distances import {"nearest" if certified else "facet_distance"}
{sampling}from geometry.slices import {made.partition("(")[0]}
from projectors import {exports.classes(repr(recipe.projector))}

view = {made}
"""
    if certified:
        return head + (
            "points = torch.rand(1000, 3, dtype=torch.float64) * 2 - 1\n"
            "points = points[view.holds(points)]\n"
            f"found = nearest({recipe.projector!r}, view.embed(points), seed={recipe.seed}, starts={STARTS})\n"
            "print(found.member.double().mean(), found.distance.max())\n"
        )
    return head + (
        f"matrices = sample({recipe.projector!r}, {recipe.matrices}, {recipe.measure!r}, seed={recipe.seed})\n"
        "points, depth = view.project(matrices), facet_distance(matrices)\n"
    )
