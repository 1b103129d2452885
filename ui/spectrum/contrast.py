"""What leaves the polytope, for contrast: eigenvalues of other maps that mix streams, over the same regions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from figures.spectrum.multiples import small_plane
from ui import frame
from ui.outlines import outlines
from ui.work import kept

if TYPE_CHECKING:
    from geometry.grid import Density

MATRICES, BINS = 3000, 101
TOLD = {
    "Unconstrained": "hyper-connections without a constraint: sums, sizes and eigenvalues are whatever comes",
    "OrthogonalMixing": "rotations (JPmHC): every norm is kept, the mean of the streams is not",
    "SpectralSphere": "sums of 1 and no singular value above 1, with negative entries (sHC)",
}


def _density(kind: str, n: int) -> tuple[Density, float]:
    """Name of a map, n -> its eigenvalues binned, and the share of them outside the Perfect-Mirsky region."""
    import torch

    import projectors
    from geometry.grid import density
    from geometry.regions import perfect_mirsky
    from geometry.spectra.closed_forms import by_lapack

    projector = getattr(projectors, kind)(n)
    matrices = projector(projector.initial(MATRICES, generator=torch.Generator().manual_seed(0)))
    values = by_lapack(matrices).flatten()
    inside = np.asarray(perfect_mirsky(n).contains(values.numpy(), tolerance=1e-9))
    return density(values, BINS), float(1 - inside.mean())


def show(n: int) -> None:
    """Draw the section."""
    st.header("Outside the polytope, as a contrast")
    st.markdown(
        "Other layers mix streams by matrices that are **not** doubly stochastic. They leave the region, and nothing "
        "on these pages holds for them: neither that the mean of the streams is kept, nor that no stream grows."
    )
    for column, (kind, words) in zip(st.columns(len(TOLD)), TOLD.items(), strict=True):
        with column:
            found, outside = kept(("contrast", kind, n), partial(_density, kind, n))
            st.markdown(f"**{kind}**")
            picture = small_plane(found.counts, found.centres, outlines(n), ceiling=2.0, style=frame.style())
            alt = f"Eigenvalues of {MATRICES:,} random matrices of {kind} at n = {n}, not doubly stochastic"
            frame.chart(picture, f"contrast_{kind}", alt, toolbar=False)
            st.caption(f"{words[0].upper()}{words[1:]}. {100 * outside:.0f} % of the eigenvalues lie outside PMₙ.")
