"""Two experiments without training: how soon a deep stack forgets, and how gradients vanish near a vertex."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from figures import files as render
from figures.losses import Curve
from figures.style import PAPER, Style
from figures.sweeps import law_curves
from ui import comparison, controls, exports, frame, links
from ui.store import kept

if TYPE_CHECKING:
    from projectors import Projector

DEPTH, STACKS = 60, 64
NEAR = tuple(float(distance) for distance in 10.0 ** np.arange(-6, -0.4, 0.5))
LEAST = 1e-60
"""Smallest distance that is drawn."""

LARGEST_N, MOST_PARAMETERS = 16, 6000


@dataclass(frozen=True)
class Law:
    """An experiment without training: its question, what is drawn over what, and how."""

    name: str
    question: str
    quantity: str
    along: str
    logarithmic: bool


LAWS = {
    law.name: law
    for law in (
        Law(
            "Fig. A9",
            "How soon does a product of random mixing matrices forget what it started from?",
            "distance of the product from the barycentre",
            "depth L",
            False,
        ),
        Law(
            "B.10, gradients",
            "Near the vertex that a method has learned, how much gradient is left towards another one?",
            "norm of the gradient",
            "distance from the vertex",
            True,
        ),
    )
}


def curve(law: Law, projector: Projector, seed: int) -> Curve:
    """Law, projector -> the mean over 64 random stacks or starts, and their middle half."""
    from learning.depth import decoupling
    from learning.vanishing import gradient_norms

    if law.logarithmic:
        values, x = gradient_norms(projector, NEAR, STACKS, seed).numpy(), np.array(NEAR)
    else:
        values = decoupling(projector, DEPTH, STACKS, "initial", seed).numpy().clip(LEAST)
        x = np.arange(1.0, DEPTH + 1)
    low, high = np.quantile(values, [0.25, 0.75], axis=1)
    return Curve(x, np.exp(np.log(values).mean(1)), low, high)


def picture(law: Law, curves: dict[str, Curve], style: Style, *, title: str | None = None) -> go.Figure:
    """Return the curves of a law."""
    return law_curves(
        curves, quantity=law.quantity, along=law.along, logarithmic=law.logarithmic, style=style, title=title
    )


def show(law: Law) -> None:
    """Draw the widgets of a law, its curves, and the exports."""
    left, right = st.columns([10, 27], gap="medium")
    with left:
        n, s = controls.size_and_rank()
        seed = controls.seed_choice()
    links.write()
    with right:
        if n > LARGEST_N:
            st.info(f"Shown for n ≤ {LARGEST_N}.")
            return
        table = {k: each for k, each in comparison.contenders(n, s).items() if each.parameter_count <= MOST_PARAMETERS}
        curves = {}
        with st.spinner("Multiplying …" if not law.logarithmic else "Taking gradients …"):
            for name, projector in table.items():
                curves[name] = kept(("law", law, projector, seed), partial(curve, law, projector, seed))
        told = f"{law.name} at n = {n}: {law.quantity} against {law.along} for {', '.join(curves)}"
        figure = picture(law, curves, frame.style())
        st.plotly_chart(figure, theme=None, key="law", alt=told)
        drawn = "starts" if law.logarithmic else "stacks"
        st.caption(f"Geometric means over {STACKS} random {drawn}; bands hold their middle half.")
    rows = [
        (name, repr(float(x)), repr(float(mean)))
        for name, each in curves.items()
        for x, mean in zip(each.iterations, each.mean, strict=True)
    ]
    exports.row(
        partial(picture, law, curves, PAPER, title=f"{law.quantity}, n = {n}, seed {seed}"),
        partial(render.table, ["method", law.along, law.quantity], rows),
        partial(render.archive, {name: each.mean for name, each in curves.items()}, {"law": law.name, "seed": seed}),
        snippet(law, table, seed),
        f"{law.name.replace(' ', '-').replace('.', '').replace(',', '')}_n{n}_s{s}_seed{seed}",
    )


def snippet(law: Law, table: dict[str, Projector], seed: int) -> str:
    """Law, projectors by name -> lines of Python that make the same numbers with the library alone."""
    entries = "".join(f"    {name!r}: {projector!r},\n" for name, projector in table.items())
    call = (
        f"gradient_norms(projector, {list(NEAR[::3])}, {STACKS}, seed={seed})"
        if law.logarithmic
        else f"decoupling(projector, {DEPTH}, {STACKS}, 'initial', seed={seed})"
    )
    module = "vanishing" if law.logarithmic else "depth"
    return f"""from learning.{module} import {call.partition("(")[0]}
from projectors import {exports.classes(entries)}

table = {{
{entries}}}
for name, projector in table.items():
    print(name, {call}.log().mean(1).exp())
"""
