"""What a plane through the polytope lets people take home."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ui import windows
from ui.own import overlay
from ui.polytope import rivals
from ui.polytope.picture import Plane, boundary_rank, figure, known_lines
from ui.polytope.works import STARTS
from ui.spectrum.plane import count_columns
from ui.take import Columns, Taken, stacked

if TYPE_CHECKING:
    from geometry.slices import SliceMap


def take(plane: Plane) -> Taken:
    """Counts and edges, the slice's cells, every line, and the chosen point's matrices.

    An unfinished projection is that of as many matrices as it has.
    """
    if plane.shadows is not None:
        plane = replace(plane, recipe=replace(plane.recipe, matrices=plane.shadows.matrices))
    recipe, view = plane.recipe, plane.view
    sampled = plane.shadows is not None
    kind = "slice" if not sampled else "projection" if plane.cut is None else "projection-and-slice"
    title = f"{recipe.title} — {view.name}" + (f", {recipe.sample}" if sampled else "")
    made: dict[str, object] = {"view": view, "method": recipe.title, "projector": recipe.projector}
    made |= {"measure": recipe.measure, "matrices": recipe.matrices} if sampled else {}
    made |= windows.noted(plane.window) | overlay.noted(plane.own)
    made |= {"compared with": ", ".join(plane.others)} if plane.others else {}
    made |= {"point": f"{plane.point[0]:g} {plane.point[1]:g}"} if plane.closest is not None else {}
    return Taken(
        name=kind,
        title=title,
        figure=partial(figure, plane, title=title, told="cells"),
        arrays=_arrays(plane),
        columns=partial(_columns, plane),
        recipe=made | {"seed": recipe.seed},
        code=_code(plane),
        implied=("projector",),
        partial=not plane.finished,
    )


def _key(name: str) -> str:
    """How the file calls a line: names with blanks are awkward to read back."""
    return name.replace(" ", "_")


def _arrays(plane: Plane) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, line in known_lines(plane.view, plane.recipe).values():
        arrays[_key(name)] = line
    for name, line in rivals.lines(plane.compared).values():
        arrays[_key(name.removesuffix(" (partial)"))] = line
    if (shadows := plane.shadows) is not None:
        arrays |= {"counts": shadows.density.counts, "edges": shadows.density.edges}
    if (cut := plane.cut) is not None:
        arrays |= {"centres": cut.centres, "member": cut.member, "touched": cut.touched, "distance": cut.distance}
    if (found := plane.closest) is not None:
        arrays |= {"wanted": found.wanted, "nearest": found.matrix, "theta": found.theta}
    return arrays | windows.centre_array(plane.window) | overlay.arrays(plane.own)


def _columns(plane: Plane) -> Columns:
    """Columns of the slice's cells, and below them of the projection's cells that are not empty."""
    title, tables = plane.recipe.title, list[Columns]()
    if plane.cut is not None:
        cells = _cells(plane.cut)
        tables.append(cells if plane.shadows is None else {"method": [title] * len(cells["x"]), **cells})
    if plane.shadows is not None:
        grid = plane.shadows.density
        tables.append(count_columns({title: grid.counts}, grid.centres, grid.centre, ("x", "y")))
    return stacked(tables)


def _cells(cut: SliceMap) -> Columns:
    row, column = cut.inside.nonzero()
    return {
        "x": (cut.centre.real + cut.centres[column]).round(12),
        "y": (cut.centre.imag + cut.centres[row]).round(12),
        "member": cut.member[row, column].astype(int),
        "touched": cut.touched[row, column].astype(int),
        "distance": cut.distance[row, column],
    }


def _code(plane: Plane) -> str:
    recipe, view = plane.recipe, plane.view
    lines, within = [f"projector, view = {recipe.projector!r}, {view!r}", "arrays = {}"], windows.keyword(plane.window)
    for name, corners in (("shadow of Bₙ", "view.shadow"), ("slice of Bₙ", "view.section")):
        if name in {known for known, _ in known_lines(view, recipe).values()}:
            lines += [f"corners = {corners}[:, 0] + 1j * {corners}[:, 1]"]
            lines += [f"arrays[{_key(name)!r}] = np.append(corners, corners[:1])"]
    if (s := boundary_rank(view, recipe)) is not None:
        lines.append(f"arrays['exact_boundary'] = orthostochastic_order3({s}).boundary")
    lines += rivals.code(plane.compared, plane.others, recipe.seed, plane.window)
    if plane.shadows is not None:
        stream = f"projection(projector, view, {recipe.matrices}, {recipe.measure!r}, seed={recipe.seed}{within})"
        lines += [
            f"shadows = list({stream})[-1]",
            'arrays |= {"counts": shadows.density.counts, "edges": shadows.density.edges}',
        ]
    if (cut := plane.cut) is not None:
        lines += [
            f"cut = slice_map(projector, view, resolution={len(cut.centres)}, seed={recipe.seed}{within})",
            'arrays |= {"centres": cut.centres, "member": cut.member}',
            'arrays |= {"touched": cut.touched, "distance": cut.distance}',
        ]
    if plane.closest is not None:
        lines += [
            f"wanted = view.embed(torch.tensor([{list(plane.point)}], dtype=torch.float64)).clamp_min(0)",
            f"found = nearest(projector, wanted, seed={recipe.seed}, starts={STARTS})",
            'arrays |= {"wanted": wanted[0], "nearest": found.matrix[0], "theta": found.theta[0]}',
        ]
    return "\n".join([*lines, *windows.centre_code(plane.window), *overlay.code(plane.own)])
