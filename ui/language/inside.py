"""Look inside a language model: what its sites mix, through the inspector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from figures.matrix import matrix_heatmap
from figures.spectrum.plane import spectral_plane
from figures.spectrum.sites import site_layers
from ui import frame
from ui.language.told import Told
from ui.link.settings import LARGEST_TYPED
from ui.mirror import mirror
from ui.outlines import outlines
from ui.own import panels
from ui.own.findings import findings, plain
from ui.own.visit import Held
from ui.own.works import Measured, measuring
from ui.work import carried_out

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from inspector import Site

HALVES = {"0": "attn", "1": "mlp"}
"""Which branch a site of a layer is around."""

MOST_MATRICES = 16

IDLE = (
    "The first and the last site learn nothing where sums are exact: streams are equal before the first, and after the "
    "last only their mean is read, which mixing keeps."
)


def show(runs: Mapping[str, Told]) -> None:
    """Draw the choice of a run and of an iteration, the spectra of its sites, and what they do together."""
    mixing = {
        label: run
        for label, run in runs.items()
        if len(run.history.looked_at) and run.history.sites and run.history.matrices.shape[-1] <= LARGEST_TYPED
    }
    if not mixing:
        return
    st.header("Look inside")
    state, labels = st.session_state, list(mixing)
    if state["lm_inside"] not in labels:
        state["lm_inside"] = next((label for label in labels if label.startswith("go-mHC, s = 2")), labels[0])
    left, right = st.columns([25, 22], gap="medium")
    with right:
        label = str(st.selectbox("Run", labels, key="lm_inside", disabled=len(labels) == 1))
        at = _iteration(mixing[label])
    run = mixing[label]
    held = collection(label, run, at)
    n = held.collection.sizes[0]
    outcome = carried_out("lm_sites", {"": measuring(held, n)}, st.empty(), missing="sites are missing")
    found = outcome.results.get("")
    if found is None or not outcome.finished:
        return
    sites = held.collection.of_size(n)
    with left, st.container(key="square_lm"):
        told = f"Eigenvalues of the mean H_res of {len(sites)} sites of {label} after iteration {at:,}"
        frame.chart(picture(sites, found, n), "lm_spectra", told, fills=True)
    with right:
        for sentence in findings(sites, found.measures, found.stacks):
            st.markdown(sentence)
        st.caption(f"Means over held out tokens. {IDLE if (run.history.sums_off_by or 0) < 1e-3 else ''}")
    _matrices(sites)
    panels.over_layers(sites, found)


def _matrices(sites: tuple[Site, ...]) -> None:
    """Draw the matrices of the first sites, as many as make a few rows."""
    shown = sites[:MOST_MATRICES]
    with st.container(horizontal=True):
        for number, site in enumerate(shown):
            with st.container(width=230):
                st.caption(plain(site.name))
                with st.container(key=f"square_lm_{number}"):
                    drawn = matrix_heatmap(site.matrix.numpy(), style=frame.style(), sums=False)
                    frame.chart(drawn, f"lm_matrix_{number}", f"H_res of {site.name}", fills=True, toolbar=False)
    if len(sites) > len(shown):
        st.caption(f"The first {len(shown)} of {len(sites)} sites.")


def _iteration(run: Told) -> int:
    """Draw the choice among the iterations at which sites were looked at -> one of them, the last by default."""
    state, looked = st.session_state, [int(at) for at in run.history.looked_at]
    mirror("_lm_after", state["lm_after"] if state["lm_after"] in looked else looked[-1])

    def keep() -> None:
        chosen = state["_lm_after"]
        state["lm_after"] = 0 if chosen == looked[-1] else chosen

    if len(looked) == 1:
        return looked[0]
    return int(
        st.select_slider("After iteration", looked, key="_lm_after", on_change=keep, format_func=lambda at: f"{at:,}")
    )


def _row(run: Told, at: int) -> int:
    return [int(each) for each in run.history.looked_at].index(at)


def collection(label: str, run: Told, at: int) -> Held:
    """Label, run, iteration -> the mean matrices of its sites then, as the inspector holds them."""
    import torch

    import inspector

    matrices = torch.from_numpy(run.history.matrices[_row(run, at)])
    named = dict(zip(map(site_name, run.history.sites), matrices, strict=True))
    found = inspector.open(named)
    digest = hash(matrices.numpy().tobytes())
    return Held(("language model", label, digest), found, inspector.Settings(), "", label)


def site_name(name: str) -> str:
    """Name of a site, blocks.0.1 -> blocks.0.mlp; other names stay as they are."""
    stem, _, half = name.rpartition(".")
    return f"{stem}.{HALVES[half]}" if half in HALVES and stem else name


def picture(sites: tuple[Site, ...], found: Measured, n: int) -> go.Figure:
    """Sites and their measures -> their eigenvalues over the regions."""
    style, values = frame.style(), found.measures.eigenvalues.numpy()
    names, parts = [site.name for site in sites], [site.part for site in sites]
    layers = site_layers(values, names, list(range(len(sites))), parts, style=style)
    return spectral_plane(layers, outlines(n, None), style=style)
