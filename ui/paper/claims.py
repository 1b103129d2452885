"""Two claims of the paper's appendices, computed: starting losses (A.1), what weighted Kronecker terms span (H.2)."""

from __future__ import annotations

import streamlit as st

from ui.tables import draw_table
from ui.take import Columns
from ui.work import kept

SIZES = (2, 3, 4, 5, 6)
FACTORS = ((2, 2), (2, 3), (2, 2, 2), (3, 3))


def show() -> None:
    """Draw both tables."""
    st.markdown(
        "**A.1**: the loss before the first step stays constant with n for mHC-lite. It doubles from n = 2 to 6."
    )
    losses = kept(("starting losses", SIZES), _starting_losses)
    four = st.column_config.NumberColumn(format="%.4f")
    draw_table(losses, column_config={name: four for name in losses if name != "n"})
    st.markdown(
        "**H.2**: enough weighted terms of KromHC are fully expressive. They never are: all means of Kronecker "
        "products lie in a flat of dimension ∏(1 + (iₖ − 1)²) − 1, and the polytope has (n − 1)²."
    )
    draw_table(kept(("flats", FACTORS), _flats))


def _starting_losses() -> Columns:
    from learning.stream_mixing import StreamMixing, starting_losses

    columns: dict[str, list[object]] = {"n": list(SIZES)}
    for row, n in enumerate(SIZES):
        experiment = StreamMixing(n=n, features="notebook", parameters="notebook")
        for (name, _), loss in zip(experiment.methods, starting_losses(experiment).tolist(), strict=True):
            columns.setdefault(name, [None] * len(SIZES))[row] = loss
    return columns


def _flats() -> Columns:
    from math import prod

    from geometry.dimension import affine_dimension
    from projectors import Kronecker, PermutationMixture

    found = [affine_dimension(Kronecker(tuple(map(PermutationMixture, sizes)))) for sizes in FACTORS]
    return {
        "Factors": [" × ".join(map(str, sizes)) for sizes in FACTORS],
        "Dimension of all means": found,
        "Dimension of the polytope": [(prod(sizes) - 1) ** 2 for sizes in FACTORS],
    }
