"""The row of downloads under every figure, and the lines of Python that make the same data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from figures import files as render

if TYPE_CHECKING:
    from projectors import Projector

MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    "csv": "text/csv",
    "npz": "application/octet-stream",
}


@st.cache_data(show_spinner=False, ttl=60)
def _chrome_missing() -> str | None:
    return render.chrome_missing()


def row(
    figure: Callable[[], go.Figure],
    csv: Callable[[], bytes],
    npz: Callable[[], bytes],
    snippet: str,
    file_name: str,
) -> None:
    """Draw the downloads of one figure; the callables run on a click, on a thread without a session.

    `figure` makes the publication version. Where Chrome is missing its three formats are disabled, with the reason.
    """
    missing = _chrome_missing()
    makers: dict[str, Callable[[], bytes]] = {
        "png": lambda: render.image(figure(), "png"),
        "svg": lambda: render.image(figure(), "svg"),
        "pdf": lambda: render.image(figure(), "pdf"),
        "html": lambda: render.html(figure()),
        "csv": csv,
        "npz": npz,
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Download", width="content")
        for kind, make in makers.items():
            disabled = missing is not None and kind in render.MAGIC
            st.download_button(
                kind.upper(),
                make,
                f"{file_name}.{kind}",
                MIME[kind],
                on_click="ignore",
                key=f"{kind}_{file_name}",
                disabled=disabled,
                help=missing if disabled else None,
            )
    if missing:
        st.caption(missing)
    with st.expander("Python that makes the same data"):
        st.code(snippet, language="python")


def classes(code: str) -> str:
    """Code that makes projectors -> the classes to import for it, "Kronecker, PermutationMixture"."""
    return ", ".join(sorted(set(re.findall(r"[A-Z]\w+(?=\()", code))))


def survey_snippet(table: Mapping[str, Projector], count: int, measure: str, seed: int, bins: int = 201) -> str:
    """Projectors by name and a recipe -> lines of Python that make the same data with the library alone."""
    entries = "".join(f"    {name!r}: {projector!r},\n" for name, projector in table.items())
    n = next(iter(table.values())).n
    return f"""from geometry.coverage import coverage
from geometry.regions import perfect_mirsky
from geometry.survey import survey
from projectors import {classes(entries)}

table = {{
{entries}}}
for name, projector in table.items():
    *_, result = survey(projector, {count}, measure={measure!r}, seed={seed}, bins={bins})
    counts, edges = result.density.counts, result.density.edges  # counts[row of Im, column of Re]
    print(name, counts.sum(), coverage(result.density, perfect_mirsky({n})))
"""


def map_snippet(projector: Projector, resolution: int, seed: int) -> str:
    """Projector and the recipe of a map -> lines of Python that make it with the library alone."""
    return f"""from geometry.reach import reach_map
from geometry.regions import perfect_mirsky
from projectors import {classes(repr(projector))}

reach = reach_map({projector!r}, resolution={resolution}, seed={seed})
print(reach.reached.sum(), reach.coverage(perfect_mirsky({projector.n})))
print(reach.matrix(0.1 + 0.1j))  # the witness of the cell around this point
"""


def target_snippet(projector: Projector, target: complex, seed: int) -> str:
    """Projector and target -> lines of Python that find the witness with the library alone."""
    return f"""from geometry.reach import solve
from projectors import {classes(repr(projector))}

found = solve({projector!r}, [{target!r}], seed={seed})
print(found.solved, found.eigenvalue, found.residual)
print(found.matrix[0])
"""
