"""Experiments without training: what a deep stack forgets and how it grows, and how gradients vanish at a vertex."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from figures.style import Style
from figures.training.losses import Curve
from figures.training.sweeps import law_curves
from ui import controls, frame
from ui.link import links
from ui.methods import MOST_PARAMETERS, contenders_code, family_choice, small_contenders
from ui.take import Columns, Taken, row
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from projectors import Projector

DEPTH, STACKS = 60, 64
DEPTHS = tuple(float(depth) for depth in range(1, DEPTH + 1))
NEAR = tuple(float(distance) for distance in 10.0 ** np.arange(-6, -0.4, 0.5))
LEAST = 1e-60
"""Smallest distance that is drawn."""

LARGEST_N = 16


def _decoupling(projector: Projector, seed: int) -> NDArray[np.float64]:
    from learning.depth import decoupling

    return np.asarray(decoupling(projector, DEPTH, STACKS, "initial", seed).numpy())


def _gradients(projector: Projector, seed: int) -> NDArray[np.float64]:
    from learning.vanishing import gradient_norms

    return np.asarray(gradient_norms(projector, NEAR, STACKS, seed).numpy())


def _gains(projector: Projector, seed: int) -> NDArray[np.float64]:
    from learning.depth import amax_gains

    return np.asarray(amax_gains(projector, DEPTH, STACKS, "initial", seed).amax(0).numpy())


def _repeated(projector: Projector, seed: int) -> NDArray[np.float64]:
    from geometry.sampling import sample
    from learning.depth import repeated

    return np.asarray(repeated(sample(projector, STACKS, "initial", seed).double(), DEPTH).numpy())


@dataclass(frozen=True)
class Law:
    """An experiment without training: its question, what is drawn over what, and how it is made.

    `values` gives for a projector and a seed what is drawn at every x, (x, repetitions); `code` is Python for the same.
    `without` names methods of which it does not hold.
    """

    name: str
    question: str
    quantity: str
    along: str
    repeated: str
    logarithmic: bool
    x: tuple[float, ...]
    values: Callable[[Projector, int], NDArray[np.float64]]
    code: str
    without: tuple[str, ...] = ()


LAWS = {
    law.name: law
    for law in (
        Law(
            name="Fig. A9",
            question="How soon does a product of random mixing matrices forget what it started from?",
            quantity="distance of the product from the barycentre",
            along="depth L",
            repeated="stacks",
            logarithmic=False,
            x=DEPTHS,
            values=_decoupling,
            code=f"decoupling(projector, {DEPTH}, {STACKS}, 'initial', seed)",
        ),
        Law(
            name="B.4, gains",
            question="How much can a product of random mixing matrices make a signal or a gradient grow?",
            quantity="largest row or column sum of the product",
            along="depth L",
            repeated="stacks",
            logarithmic=False,
            x=DEPTHS,
            values=_gains,
            code=f"amax_gains(projector, {DEPTH}, {STACKS}, 'initial', seed).amax(0)",
        ),
        Law(
            name="B.8, equal layers",
            question="What is left of a gradient after many layers with one and the same mixing matrix?",
            quantity="norm of the power without its mean",
            along="depth L",
            repeated="matrices",
            logarithmic=False,
            x=DEPTHS,
            values=_repeated,
            code=f"repeated(sample(projector, {STACKS}, 'initial', seed), {DEPTH})",
            without=("orthostochastic, Newton–Schulz",),  # its sums are too far from 1
        ),
        Law(
            name="B.10, gradients",
            question="Near the vertex that a method has learned, how much gradient is left towards another one?",
            quantity="norm of the gradient",
            along="distance from the vertex",
            repeated="starts",
            logarithmic=True,
            x=NEAR,
            values=_gradients,
            code=f"gradient_norms(projector, x.tolist(), {STACKS}, seed)",
        ),
    )
}


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    law: Law
    n: int
    s: int
    seed: int
    family: str


def choose(law: Law) -> Choice:
    """Draw the widgets of a law -> what they say."""
    n, s = controls.size_and_rank()
    return Choice(law, n, s, controls.seed_choice(), family_choice())


def work(choice: Choice) -> dict[str, Work[Curve]]:
    """Choice -> the curve of every method that is not too large, and of which the law holds."""
    every, law = small_contenders(choice.n, choice.s, choice.family), choice.law
    return {name: curve_work(law, entry, choice.seed) for name, entry in every.items() if name not in law.without}


def curve_work(law: Law, projector: Projector, seed: int) -> Work[Curve]:
    """Law, projector -> its curve."""
    from geometry.devices import expected_seconds

    return Work(
        key=("law", law.name, projector, seed),
        make=lambda: map(partial(curve, law, projector), [seed]),
        finished=lambda _: True,
        share=lambda _: 1.0,
        told=lambda _: "done",
        seconds=expected_seconds(projector, DEPTH * STACKS),
    )


def curve(law: Law, projector: Projector, seed: int) -> Curve:
    """Law, projector -> the geometric mean over 64 random stacks or starts, and their middle half."""
    values = law.values(projector, seed).clip(LEAST)
    low, high = np.quantile(values, [0.25, 0.75], axis=1)
    return Curve(np.array(law.x), np.exp(np.log(values).mean(1)), low, high)


def figure(choice: Choice, curves: Mapping[str, Curve], style: Style, *, title: str | None = None) -> go.Figure:
    """The curves of a law."""
    law = choice.law
    return law_curves(
        curves, quantity=law.quantity, along=law.along, logarithmic=law.logarithmic, style=style, title=title
    )


def take(choice: Choice, curves: Mapping[str, Curve], *, finished: bool) -> Taken:
    """The curves with their quarters."""
    law, title = choice.law, f"{choice.law.quantity}, n = {choice.n}, seed {choice.seed}"
    arrays: dict[str, NDArray[np.float64]] = {law.along: np.array(law.x)}
    for name, each in curves.items():
        arrays |= {name: each.mean, f"{name}, lower quarter": each.low, f"{name}, upper quarter": each.high}
    return Taken(
        name=law.name,
        title=title,
        figure=partial(figure, choice, curves, title=title),
        arrays=arrays,
        columns=partial(_columns, law, curves),
        recipe={"n": choice.n, "s": choice.s, "seed": choice.seed, "methods": choice.family},
        code=f"""
seed, x = {choice.seed}, np.array({list(law.x)})
arrays = {{{law.along!r}: x}}
for name, projector in ({contenders_code(choice.n, choice.s, choice.family)}).items():
    if projector.parameter_count > {MOST_PARAMETERS} or name in {law.without}:
        continue
    values = {law.code}.numpy().clip({LEAST})
    low, high = np.quantile(values, [0.25, 0.75], axis=1)
    arrays |= {{f"{{name}}, lower quarter": low, f"{{name}}, upper quarter": high}}
    arrays[name] = np.exp(np.log(values).mean(1))
""",
        partial=not finished,
    )


def _columns(law: Law, curves: Mapping[str, Curve]) -> Columns:
    return {
        "method": [name for name in curves for _ in law.x],
        law.along: [*law.x] * len(curves),
        law.quantity: np.concatenate([each.mean for each in curves.values()]).tolist(),
    }


def show(law: Law) -> None:
    """Draw the widgets of a law, its curves, and what there is to take home."""
    left, right = st.columns([10, 27], gap="medium")
    with left:
        choice = choose(law)
    links.write()
    with right:
        if choice.n > LARGEST_N:
            st.info(f"Shown for n ≤ {LARGEST_N}.")
            return
        outcome = carried_out("law", work(choice), st.empty(), missing="methods are missing")
        curves = outcome.results
        if not curves:
            return
        told = f"{law.name} at n = {choice.n}: {law.quantity} against {law.along} for {', '.join(curves)}"
        frame.chart(figure(choice, curves, frame.style()), "law", told, partial=not outcome.finished)
        left_out = [name for name in small_contenders(choice.n, choice.s, choice.family) if name in law.without]
        st.caption(
            f"Geometric means over {STACKS} random {law.repeated}; bands hold their middle half."
            + "".join(f" Left out: {name}, whose sums are off by more than the law allows." for name in left_out)
        )
    row(take(choice, curves, finished=outcome.finished))
