"""What the plane of the page on slices lets people take home: figure, cells, arrays, and the Python that makes them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from figures import files as render
from figures.style import PAPER
from ui import exports

if TYPE_CHECKING:
    from geometry.slices import View
    from ui.slice_picture import Plane


def row(plane: Plane) -> None:
    """Draw the downloads of a finished plane."""
    recipe = plane.recipe
    kind = "slice" if plane.shadows is None else "projection" if plane.cut is None else "projection-and-slice"
    told = f"{recipe.title} — {plane.view.name}" + ("" if plane.shadows is None else f", {recipe.sample}")
    exports.row(
        partial(plane.figure, PAPER, title=told),
        partial(_table, plane),
        partial(_archive, plane),
        snippet(plane),
        f"{kind}_{plane.view.name.replace(' ', '-').replace(',', '')}_{recipe.file_name}",
    )


def _table(plane: Plane) -> bytes:
    """CSV of the slice's cells or, for a projection alone, of its cells that are not empty."""
    if (cut := plane.cut) is not None:
        rows = (
            (f"{cut.centres[column]:.6f}", f"{cut.centres[line]:.6f}", int(cut.member[line, column]),
             int(cut.touched[line, column]), f"{cut.distance[line, column]:.3e}")
            for line, column in zip(*cut.inside.nonzero(), strict=True)
        )  # fmt: skip
        return render.table(["x", "y", "member", "touched", "distance"], rows)
    assert plane.shadows is not None
    return render.cells({plane.recipe.title: plane.shadows.density.counts}, plane.shadows.density.centres)


def _archive(plane: Plane) -> bytes:
    """NPZ of counts and edges, of the slice's cells, of the lines, and of the chosen point's matrices."""
    arrays = {name.replace(" ", "_"): line for name, line in plane.lines.values()}
    if plane.shadows is not None:
        arrays |= {"counts": plane.shadows.density.counts, "edges": plane.shadows.density.edges}  # type: ignore[dict-item]
    if (cut := plane.cut) is not None:
        arrays |= {"centres": cut.centres, "member": cut.member, "touched": cut.touched, "distance": cut.distance}  # type: ignore[dict-item]
    if (found := plane.closest) is not None:
        arrays |= {"wanted": found.wanted, "nearest": found.matrix, "theta": found.theta}  # type: ignore[dict-item]
    recipe = plane.recipe
    told = {"projector": repr(recipe.projector), "view": plane.view.name, "permutations": plane.view.permutations}
    return render.archive(arrays, {**told, "measure": recipe.measure, "seed": recipe.seed, "point": plane.point})


def construction(view: View) -> str:
    """View -> the call that makes it."""
    if view.name == "chosen permutations":
        return f"permutation_view({list(view.permutations)})"
    if view.name == "odd permutations":
        return "odd_view()"
    frequency = view.name.partition("frequency ")[2]
    return f"cyclic_view({view.n}{', ' + frequency if frequency else ''})"


def snippet(plane: Plane) -> str:
    """Plane -> lines of Python that make the same data with the library alone."""
    recipe, made = plane.recipe, construction(plane.view)
    wanted = [made.partition("(")[0]]
    wanted += ["projection"] if plane.shadows is not None else []
    wanted += ["slice_map"] if plane.cut is not None else []
    lines = ["import torch", "", "from geometry.distances import nearest"] if plane.closest is not None else []
    lines += [
        f"from geometry.slices import {', '.join(sorted(wanted))}",
        f"from projectors import {exports.classes(repr(recipe.projector))}",
        "",
        f"projector, view = {recipe.projector!r}, {made}",
    ]
    if plane.shadows is not None:
        stream = f"projection(projector, view, {recipe.matrices}, {recipe.measure!r}, seed={recipe.seed})"
        lines += [f"*_, shadows = {stream}", "print(shadows.occupied(view))  # and shadows.density.counts"]
    if plane.cut is not None:
        made = f"slice_map(projector, view, resolution={len(plane.cut.centres)}, seed={recipe.seed})"
        lines += [f"cut = {made}", "print(cut.share)  # and cut.member, cut.touched, cut.distance"]
    if plane.closest is not None:
        lines += [
            f"point = torch.tensor([{list(plane.point)}], dtype=torch.float64)",
            f"found = nearest(projector, view.embed(point).clamp_min(0), seed={recipe.seed}, starts=12)",
            "print(found.distance, found.matrix)",
        ]
    return "\n".join(lines) + "\n"
