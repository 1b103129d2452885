"""Which matrix has this eigenvalue?"""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from figures import files as render
from figures.matrix import matrix_heatmap
from figures.plane import spectral_plane
from figures.reach import reach_cells
from figures.style import PAPER, Style
from figures.target import click_grid, target_layers
from ui import comparison, controls, exports, frame, links, surveys
from ui.outlines import outlines
from ui.recipes import describe
from ui.witnesses import Witness, witness


def clicked() -> None:
    """Take the clicked cell as the target."""
    points = st.session_state["target_plane"].selection.points
    if points:
        st.session_state["re"], st.session_state["im"] = round(points[0]["x"], 6), round(points[0]["y"], 6)


def plane(style: Style, *, title: str | None = None, clickable: bool = False) -> go.Figure:
    """Return the certified reach with the target, the way to it, and the witness's spectrum."""
    cells = reach_cells(reach.reached, reach.touched, reach.residual, reach.centres, style)
    marks = target_layers(target, found.eigenvalue, found.spectrum, found.path, style)
    grid = [click_grid(reach.centres)] if clickable else []
    lines = outlines(n, method, getattr(projector, "s", None))
    return spectral_plane([*cells, *grid, *marks], lines, style=style, title=title)


def verdict(name: str, answer: Witness) -> str:
    """Method and witness -> a sentence on whether it reaches the target."""
    if answer.solved:
        return f"**{name} reaches it**: the matrix below has this eigenvalue within {answer.residual:.0e}."
    return (
        f"**{name} was not seen to reach it.** The nearest eigenvalue found is {answer.eigenvalue:.6f}, "
        f"{answer.residual:.6f} away. That is strong evidence, not a proof."
    )


frame.begin(
    "pages/target_eigenvalue.py",
    "Click the plane, or type a point: which doubly stochastic matrix of this kind has that eigenvalue? If none was "
    "found, how near can it come?",
)
left, centre, right = st.columns([11, 21, 13], gap="medium")
with left:
    n, s = controls.size_and_rank(rank_used=controls.rank_matters())
    method, projector = controls.method_choice(n, s)
    target = controls.target_choice()
    seed = controls.seed_choice()
links.write()
title = describe(method, projector)

with centre:
    with st.container(key="square"):
        spot = st.empty()
    wait = st.empty()
wait.caption("Looking for a witness …")
found = witness(projector, target, seed)
reach = surveys.quick_map(projector)
wait.empty()
spot.plotly_chart(
    plane(frame.style(), clickable=True),
    theme=None,
    height="stretch",
    key="target_plane",
    on_select=clicked,
    selection_mode="points",
    alt=f"Target eigenvalue {target:.6f} for {title}",
)
with right:
    st.markdown(verdict(method, found))
    with st.container(key="panel_matrix"):
        st.plotly_chart(
            matrix_heatmap(found.matrix, style=frame.style()),
            theme=None,
            height="stretch",
            key="matrix",
            alt=f"Witness matrix of {title}",
        )
    st.dataframe(
        {"Re λ": found.spectrum.real, "Im λ": found.spectrum.imag, "|λ|": np.abs(found.spectrum)}, hide_index=True
    )
stem = f"target_{target.real:+.4f}{target.imag:+.4f}i_" + title.replace(", ", "_")
exports.row(
    partial(plane, PAPER, title=f"{title}: target {target:.4f}"),
    partial(render.table, [f"column {k}" for k in range(n)], [[repr(float(x)) for x in row] for row in found.matrix]),
    partial(
        render.archive,
        {"matrix": found.matrix, "theta": found.theta, "spectrum": found.spectrum, "path": found.path},
        {"projector": repr(projector), "target": str(target), "seed": seed},
    ),
    exports.target_snippet(projector, target, seed),
    stem.replace(" = ", "").replace(" ", "-"),
)
with st.expander(f"Its {len(found.theta):,} free parameters θ"):
    st.code(np.array2string(found.theta, precision=12, separator=", ", threshold=4000, max_line_width=110))

st.subheader("The same target, other methods")
others = {name: entry for name, entry in comparison.contenders(n, s).items() if entry.parameter_count <= 6000}
for column, (name, entry) in zip(st.columns(len(others)), others.items(), strict=True):
    with column:
        answer = witness(entry, target, seed, with_path=False)
        st.markdown(f"**{name}**  \n" + ("reaches it" if answer.solved else f"{answer.residual:.4f} away"))
        with st.container(key=f"panel_{name}"):
            st.plotly_chart(
                matrix_heatmap(answer.matrix, style=frame.style(), sums=False),
                theme=None,
                height="stretch",
                key=f"matrix_{name}",
                config={"displayModeBar": False},
                alt=f"Matrix of {name} with the eigenvalue nearest to the target",
            )
frame.reading("target_eigenvalue")
