"""The chosen point of a plane: the matrix of the section there, the nearest of the method, and its spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.matrix import matrix_heatmap
from ui import frame
from ui.polytope.works import Closest
from ui.spectrum.witness_panel import aim_link, copies
from ui.tables import draw_spectrum
from ui.words import search_ended

if TYPE_CHECKING:
    from geometry.slices import View

REAL = 1e-9
"""Imaginary parts up to which an eigenvalue is real to rounding."""

ROUNDING = 1e-9
"""How far outside the polytope's shadow a point may lie that is on its edge."""


def draw(closest: Closest | None, method: str, view: View, point: tuple[float, float], *, searched: bool) -> None:
    """Draw the panel; where there is nothing to show, the reason."""
    st.header(f"The point ({point[0]:.4f}, {point[1]:.4f})")
    if not searched:
        st.caption("Nearest matrices are sought where a certified slice is offered.")
        return
    if closest is None:
        st.caption(f"No matrix of the section {view.name} is doubly stochastic here: {_elsewhere(view, point)}")
        return
    if closest.member:
        st.markdown(f"**{method} reaches it**: a matrix within {closest.distance:.0e} of this one.")
    else:
        st.markdown(
            f"**{method} was not seen to reach it**: the search {search_ended(closest.ended)}. The nearest matrix "
            f"found is {closest.distance:.6f} away in the Frobenius norm. That proves nothing: how far "
            "to trust the search, *How to read this* says by method and size."
        )
    first, second, third = st.columns(3, gap="medium")
    with first:
        _matrix("The matrix of the plane", closest.wanted, "wanted")
    with second:
        _matrix(f"The nearest of {method}", closest.matrix, "nearest")
    with third:
        st.caption("Spectrum of the nearest")
        draw_spectrum(closest.spectrum)

    with st.expander(f"The nearest of {method} as text"):
        copies(closest.matrix)
    turning = bool((closest.spectrum.imag > REAL).any())
    first_of = closest.spectrum.imag if turning else np.abs(closest.spectrum)
    label = "Aim at its eigenvalue that turns most" if turning else "Aim at its largest eigenvalue besides 1"
    aim_link(label, complex(closest.spectrum[np.argmax(first_of)]))


def _elsewhere(view: View, point: tuple[float, float]) -> str:
    """View, a point of its plane outside the polytope -> whether others cast their shadow there, and where to go."""
    edges, away = np.roll(view.shadow, -1, 0) - view.shadow, np.array(point) - view.shadow
    turns = edges[:, 0] * away[:, 1] - edges[:, 1] * away[:, 0]
    beyond = (np.abs(away).max(0) > np.ptp(view.shadow, axis=0) + ROUNDING).any()  # all turns of a segment are 0
    if beyond or min(turns.max(), -turns.min()) > ROUNDING:
        return "the point is outside the shadow of Bₙ. Try one within."
    return (
        "matrices elsewhere in the polytope may cast their shadow on this point, but the plane itself leaves the "
        "polytope. Try a point of the slice of Bₙ."
    )


def _matrix(caption: str, matrix: NDArray[np.float64], key: str) -> None:
    st.caption(caption)
    with st.container(key=f"square_{key}"):
        picture = matrix_heatmap(matrix, style=frame.style(), sums=False)
        frame.chart(picture, f"matrix_{key}", caption, fills=True, toolbar=False)
