"""Playing with a matrix: two rows trade some weight in two columns, and the eigenvalues move."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from figures.marks import marker
from figures.matrix import matrix_heatmap
from figures.spectrum.plane import spectral_plane
from figures.style import Style
from ui import frame, pointer
from ui.mirror import mirror
from ui.outlines import outlines
from ui.pointer import Click
from ui.spectrum.witness_panel import copies

Matrix = NDArray[np.float64]
Corners = tuple[tuple[int, int], tuple[int, int]]
"""Two entries (row, column) in different rows and columns: both gain what the other two of their rows lose."""

STEPS = 121
"""Matrices of the way that are drawn."""

LEAST = 1e-9
"""The smallest amount that is worth a slider."""


def bounds(matrix: Matrix, corners: Corners) -> tuple[float, float]:
    """Matrix (n, n), two entries -> by how much they may change, at least and at most, until an entry is 0."""
    (i, j), (k, m) = corners
    return -float(min(matrix[i, j], matrix[k, m])), float(min(matrix[i, m], matrix[k, j]))


def exchanged(matrix: Matrix, corners: Corners, amount: float) -> Matrix:
    """Matrix (n, n), two entries, amount -> both larger by it, the other two of their rows smaller: all sums stay.

    >>> exchanged(np.eye(2), ((0, 1), (1, 0)), 0.25)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    (i, j), (k, m) = corners
    moved = matrix.copy()
    moved[[i, k], [j, m]] += amount
    moved[[i, k], [m, j]] -= amount
    return moved.clip(0)


def spectra(matrices: Matrix) -> NDArray[np.complex128]:
    """Doubly stochastic matrices (t, n, n) -> their eigenvalues (t, n - 1) besides the Perron root."""
    import torch

    from geometry.spectra import unordered_eigenvalues

    return np.asarray(unordered_eigenvalues(torch.from_numpy(matrices)).numpy())


def figure(matrix: Matrix, corners: Corners, amount: float, style: Style) -> go.Figure:
    """The eigenvalues where they are, where they began, and all the way that the exchange can lead them."""
    low, high = bounds(matrix, corners)
    way = spectra(np.stack([exchanged(matrix, corners, step) for step in np.linspace(low, high, STEPS)])).ravel()
    start, now = spectra(np.stack([matrix, exchanged(matrix, corners, amount)]))
    hover = "%{x:.6f} %{y:+.6f}i"
    layers = [
        marker("all the way", way.real, way.imag, style.roles["way there"], hover, size=3),
        marker("before", start.real, start.imag, style.ink, hover, symbol="circle-open", size=10),
        marker("now", now.real, now.imag, style.roles["target"], hover, size=9),
    ]
    return spectral_plane(layers, outlines(len(matrix)), style=style)


def _choose(n: int) -> Corners:
    """Draw the widgets for two entries -> them; a click on the picture moves the one that was moved longer ago."""
    state = st.session_state
    entries = state.get("_corners", ((0, 0), (1, 1)))
    if max(map(max, entries)) >= n:
        entries = ((0, 0), (1, 1))
    state["_corners"] = entries
    for number, entry in enumerate(entries):
        for axis, place in zip(("row", "column"), entry, strict=True):
            mirror(f"_{axis}_{number}", place)

    def keep() -> None:
        chosen = tuple((state[f"_row_{number}"], state[f"_column_{number}"]) for number in range(2))
        state["_corners"] = chosen

    columns = st.columns(4)
    for number in range(2):
        for place, axis in enumerate(("row", "column")):
            columns[2 * number + place].selectbox(
                f"{('First', 'Second')[number]} {axis}", range(n), key=f"_{axis}_{number}", on_change=keep
            )
    first, second = state["_corners"]
    return first, second


def show(matrix: Matrix) -> None:
    """Draw the matrix, the choice of two entries, how much they trade, and what becomes of the eigenvalues."""
    n, style = len(matrix), frame.style()

    def pick(click: Click) -> None:
        entry = (min(n - 1, max(0, round(click.y))), min(n - 1, max(0, round(click.x))))
        st.session_state["_corners"] = (st.session_state["_corners"][1], entry)

    st.caption(
        "Click two entries, one after the other: both gain what the other two corners of their rectangle lose, so that "
        "all sums stay. The small dots are all that the eigenvalues can do on the way. What is traded is neither in "
        "the link nor in the files: take the new matrix as text."
    )
    corners = _choose(n)
    amount = _traded(matrix, corners)
    left, right = st.columns([5, 7], gap="medium")
    with left, st.container(key="square_exchange"):
        told = f"Matrix with {amount or 0:.4f} traded between entries {corners[0]} and {corners[1]}"
        picture = _marked(exchanged(matrix, corners, amount or 0), corners, style)
        frame.chart(picture, "exchange_matrix", told, fills=True, toolbar=False)
    pointer.watch("_exchange_hand", ["square_exchange"], on_click=pick)
    if amount is not None:
        with right, st.container(key="plane_exchange"):
            told = f"Eigenvalues while {amount:.4f} is traded"
            frame.chart(figure(matrix, corners, amount, style), "exchange_plane", told, fills=True, toolbar=False)
        with st.expander("The new matrix as text"):
            copies(exchanged(matrix, corners, amount))


def _traded(matrix: Matrix, corners: Corners) -> float | None:
    """Draw the slider of how much is traded -> that, or None with the reason if nothing can be."""
    (i, j), (k, m) = corners
    if i == k or j == m:
        st.info("The two entries must be in different rows and in different columns.")
        return None
    low, high = bounds(matrix, corners)
    if high - low < LEAST:
        st.info("Nothing can be traded here: an entry on each side is 0.")
        return None
    key = f"_traded_{corners}_{low}"
    return st.slider("Traded", low, high, 0.0, step=(high - low) / 200, format="%.4f", key=key)


def _marked(matrix: Matrix, corners: Corners, style: Style) -> go.Figure:
    """The matrix, with a frame around two of its entries."""
    picture = matrix_heatmap(matrix, style=style, sums=False).update_layout(dragmode=False)
    line = {"color": style.roles["target"], "width": 3}
    for row, column in corners:
        place = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        picture.add_shape(type="rect", line=line, **place)
    return picture
