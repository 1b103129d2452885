"""A reader's own matrices as a layer of other pages' pictures, and of what is taken home of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.marks import own_markers
from geometry import parts
from ui.mirror import mirror
from ui.own.source import settings_in_force
from ui.own.visit import Held, held_example, last
from ui.own.works import measuring
from ui.words import unseen
from ui.work.store import MISSING, store

if TYPE_CHECKING:
    from plotly.basedatatypes import BaseTraceType

    from figures.style import Style

PAGE = "pages/your_matrices.py"

SOON = 1.0
"""Seconds that measuring may take here; what takes longer is measured on its own page first."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """Own matrices (k, n, n) with their names and their other eigenvalues (k, n - 1)."""

    held: Held
    names: tuple[str, ...]
    matrices: NDArray[np.float64]
    eigenvalues: NDArray[np.complex128]


def noted(own: Overlay | None) -> dict[str, str]:
    """What a recipe says of them; nothing without."""
    if own is None:
        return {}
    told = {"with": f"{own.held.word}: {len(own.names)} matrices"}
    return told | ({"digest": own.held.digest} if own.held.digest else {})


def arrays(own: Overlay | None) -> dict[str, NDArray[Any]]:
    """What an archive holds of them; nothing without."""
    return {} if own is None else {"own_matrices": own.matrices, "own_eigenvalues": own.eigenvalues}


def code(own: Overlay | None) -> list[str]:
    """Lines of Python that add the same to `arrays`; none without."""
    if own is None:
        return []
    return [
        own.held.code,
        f"own = sites.matrices({own.matrices.shape[-1]})",
        'arrays |= {"own_matrices": own, "own_eigenvalues": inspector.measures(own).eigenvalues}',
    ]


def spectrum(own: Overlay | None, style: Style) -> list[BaseTraceType]:
    """Markers of their eigenvalues; none without."""
    if own is None:
        return []
    each = own.eigenvalues.shape[1]
    names = [name for name in own.names for _ in range(each)]
    return [own_markers(own.eigenvalues.real.ravel(), own.eigenvalues.imag.ravel(), names, style, "λ = ")]


def choice(n: int, *, spectral: bool = True) -> Overlay | None:
    """Draw the switch of own matrices, where there are some -> those with n streams, if they are wanted.

    `spectral`: their eigenvalues are drawn, not they themselves, and those that lie outside the picture are told of.
    """
    state = st.session_state
    held = last()
    if held is None and state["mine"] == "yes" and state["own"] == "example":
        held = held_example(str(state["example"]), settings_in_force())
    if held is None:
        return None
    mirror("_mine", state["mine"] == "yes")

    def switch() -> None:
        state["mine"] = "yes" if state["_mine"] else "no"

    count = len(held.collection.of_size(n))
    wanted = st.toggle(
        f"Your matrices ({count})",
        key="_mine",
        on_change=switch,
        disabled=not count,
        help=f"Those of {held.word[:40]} that have this n.",
    )
    if not count:
        sizes = ", ".join(map(str, held.collection.sizes))
        st.caption(f"What you brought has n = {sizes}.")
        return None
    own = _measured(held, n) if wanted else None
    if own is not None and spectral and (sentence := unseen(own.eigenvalues)):
        st.caption(sentence)
    return own


def _measured(held: Held, n: int) -> Overlay | None:
    work = measuring(held, n)
    found = store().get(work.key)
    if found is MISSING:
        if work.seconds > SOON:
            st.page_link(PAGE, label="Have them measured first, on Your matrices")
            return None
        found = parts.last(work.make())
    sites = held.collection.of_size(n)
    values, matrices = found.measures.eigenvalues.numpy(), held.collection.matrices(n).numpy()
    return Overlay(held, tuple(site.name for site in sites), matrices, values)
