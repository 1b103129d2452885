"""The widgets that choose an experiment in stream mixing: one of the paper's figures, or your own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from ui import controls
from ui.link import links, settings
from ui.mirror import mirror
from ui.mixing.laws import LAWS
from ui.words import literal

if TYPE_CHECKING:
    from learning.stream_mixing import StreamMixing
    from learning.stream_mixing.presets import Preset
    from projectors import Projector

OWN = "your own"
LENGTHS = {"full": "as in the paper", "third": "a third", "tenth": "a tenth"}
SHARES = {"full": 1.0, "third": 1 / 3, "tenth": 0.1}

TARGETS = {
    "sinkhorn": "uniform entries, balanced",
    "orthostochastic": "Haar orthogonal",
    "unistochastic": "Haar unitary",
    "permutations": "Dirichlet over permutations",
    "edge": "mean of I and the n-cycle",
    "vertex": "the n-cycle",
}
OBJECTIVES = {
    "features": "mixed features (Eq. 13–15)",
    "matrix": "entries of the matrix (A.5.2)",
    "read-out": "features, read out (C)",
    "learned read-out": "features, learned read-out (C)",
    "eigenvalue": "a target eigenvalue (A.5.1)",
}
FEATURES = {"text": "as the paper's text", "notebook": "as the authors' notebook"}
FEATURES_HELP = """
What sparsity does to the features x ~ U(0, 1):

- **as the paper's text**: each is zero with that probability.
- **as the authors' notebook**: all are multiplied by the *number* of those that are not, hence by n at sparsity 0. The
  paper's figures were evidently made with it.
"""


STYLE_HELP = """
How methods start and step:

- **as the paper's text**: the library's own initialisations.
- **as the authors' notebook**: go-mHC's A = Θ − Θᴴ of uniform numbers, of which a step of the optimizer moves both:
  several times as fast, and what the paper's figures show. Linear mHC and read-outs start from uniform numbers, too.
"""
START = "Distance 1 − (mean diagonal) of every method's start from the identity; 0: its own initialisation."


def presets() -> Mapping[str, Preset]:
    """Return the paper's experiments by name."""
    from learning.stream_mixing.presets import PRESETS

    return PRESETS


def preset_choice() -> str:
    """Draw the choice among the paper's figures -> its name, or OWN."""
    state, names = st.session_state, [OWN, *presets(), *LAWS]
    if state["preset"] not in names:
        st.warning(f"There is no experiment {links.shown(state['preset'])}. Showing {names[1]}.")
        state["preset"] = names[1]
    questions = {name: preset.question for name, preset in presets().items()}
    questions |= {name: law.question for name, law in LAWS.items()} | {OWN: "every setting by hand."}
    return str(
        st.selectbox(
            "Experiment",
            names,
            key="preset",
            format_func=lambda name: f"{name}: {questions[name]}",
            help="A figure of the paper, or one of your own.",
        )
    )


def shortened(preset: Preset) -> dict[str, StreamMixing]:
    """Draw the choice of length and of the seed -> the preset's experiments by label, so changed."""
    length = st.segmented_control(
        "Iterations", LENGTHS, format_func=LENGTHS.__getitem__, key="length", required=True, width="stretch"
    )
    seed = controls.seed_choice()
    share = SHARES[str(length)]
    return {
        label: replace(each, iterations=max(100, round(each.iterations * share)), seed=seed)
        for label, each in preset.experiments
    }


def own() -> dict[str, StreamMixing] | None:
    """Draw every widget of an experiment -> the experiment by its label, or None where it would be too large."""
    from learning.stream_mixing import StreamMixing

    state = st.session_state
    n, s = controls.size_and_rank()
    methods = method_choice(n, s)
    targets = st.selectbox("Targets", TARGETS, format_func=TARGETS.__getitem__, key="mix_targets")
    objective = st.selectbox("Objective", OBJECTIVES, format_func=OBJECTIVES.__getitem__, key="mix_objective")
    iterations = st.select_slider(
        "Iterations", settings.MIX_ITERATIONS, key="mix_iterations", format_func=lambda count: f"{count:,}"
    )
    data_and_optimizer()
    seed = controls.seed_choice()
    if not methods:
        st.info("Choose at least one method.")
        return None
    try:
        experiment = StreamMixing(
            n=n,
            methods=tuple(methods.items()),
            targets=targets,  # type: ignore[arg-type]
            objective=objective,  # type: ignore[arg-type]
            features=state["mix_features"],
            parameters=state["mix_rotations"],
            start_distance=state["mix_start_distance"] or None,
            noise=state["mix_noise"],
            projector_noise=state["mix_projector_noise"],
            sparsity=state["mix_sparsity"],
            optimizer=state["mix_optimizer"],
            rate=state["mix_rate"],
            count=state["mix_count"],
            samples=state["mix_samples"],
            iterations=int(iterations),
            seed=seed,
        )
    except ValueError as error:
        st.warning(f"This experiment cannot be run: {literal(str(error))}.")
        return None
    return {f"n = {n}": experiment}


def data_and_optimizer() -> None:
    """Draw the widgets that most people leave alone; their values stay under their keys."""
    with st.expander("Data and optimizer"):
        st.selectbox("Features", FEATURES, format_func=FEATURES.__getitem__, key="mix_features", help=FEATURES_HELP)
        st.selectbox("Parameters", FEATURES, format_func=FEATURES.__getitem__, key="mix_rotations", help=STYLE_HELP)
        st.number_input("Start near a vertex", 0.0, 0.9, step=0.01, format="%g", key="mix_start_distance", help=START)
        st.number_input("Noise η", 0.0, 10.0, step=0.01, format="%g", key="mix_noise", help="y = Tx + ε, ε ~ U(0, η).")
        st.number_input("Projector noise", 0.0, 10.0, step=0.01, format="%g", key="mix_projector_noise")
        st.number_input("Sparsity", 0.0, 0.99, step=0.1, format="%g", key="mix_sparsity")
        st.selectbox("Optimizer", settings.MIX_OPTIMIZERS, key="mix_optimizer")
        st.number_input("Learning rate", 1e-6, 10.0, step=1e-3, format="%g", key="mix_rate")
        st.number_input("Targets at once", 1, settings.MIX_COUNT, key="mix_count")
        st.number_input("Samples each", 1, settings.MIX_SAMPLES, key="mix_samples")


def method_choice(n: int, s: int) -> dict[str, Projector]:
    """Draw the choice of methods -> projectors by name; at first those of the paper's Fig. 6."""
    from learning.stream_mixing import standard_methods
    from projectors import ranked, variants

    table: dict[str, Projector] = {**ranked(n, sorted({1, 2, 3, s})), **variants(n, s)}
    usual = [name for name, _ in standard_methods(n)]
    state = st.session_state
    wanted = state["mix_methods"].split("~") if state["mix_methods"] else usual
    mirror("_mix_chosen", [name for name in wanted if name in table])

    def keep() -> None:
        chosen = state["_mix_chosen"]
        state["mix_methods"] = "" if chosen == usual else "~".join(chosen) or "~"  # "" stands for the usual ones

    return {name: table[name] for name in st.multiselect("Methods", table, key="_mix_chosen", on_change=keep)}
