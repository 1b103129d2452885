"""What lets a reader trust a picture: shares, errors, sizes, speed, device."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from geometry.regions import perfect_mirsky
from ui import frame
from ui.glossary import explained
from ui.spectrum import proved
from ui.words import readable

if TYPE_CHECKING:
    from geometry.proofs import Proof
    from geometry.reach import ReachMap
    from geometry.survey import Survey
    from projectors import Projector

CERTIFIED_HELP = """
At least this share of the region's area is reached: cells whose centre is an eigenvalue of a witness within 1e-8, among
all cells that meet the region. *Seen by the search*: cells in which it met any eigenvalue, among those whose centre is
in the region. The real axis is left out.
"""


NO_MATRICES = "Its sums are off by more than 1e-8: no matrix of it is doubly stochastic, and none can be a witness."


NOTHING = "No eigenvalue was found in this window."


def column(
    projector: Projector,
    survey: Survey | None,
    reach: ReachMap | None,
    proof: Proof | None = None,
    *,
    finished: bool,
    whole: bool = True,
) -> None:
    """Draw the numbers of what is shown, one below the other; `finished` if they are final.

    Shares are of what is looked at: of all there is if that is the `whole` plane.
    """
    from geometry.devices import best_device, describe

    short = perfect_mirsky(projector.n).name.split()[-1] + ("" if whole else " in the window")
    rows: dict[str, str] = {}
    if reach is not None:
        rows |= _mapped(reach, projector, short)
        if proof is not None and whole:
            rows |= proved.numbers(proof, short)
    if survey is not None:
        rows |= _sampled(survey, projector, short, "" if whole else ", anywhere")
        if whole and (beyond := survey.eigenvalues - int(survey.density.counts.sum())):
            rows["Eigenvalues outside the picture"] = f"{beyond:,}"
    if finished and not whole and _empty(survey, reach):
        st.caption(NOTHING)
    rows |= {"Parameters each": f"{projector.parameter_count:,}", "FLOPs each": readable(projector.flops)}
    if survey is not None or (reach is not None and reach.origin != "shipped"):
        rows["Device"] = describe(survey.device if survey else best_device())
    frame.numbers(rows, partial=not finished)


def _mapped(reach: ReachMap, projector: Projector, short: str) -> dict[str, str]:
    """Draw the metric of a map -> its rows of the table."""
    share = reach.coverage(perfect_mirsky(projector.n))
    known = not isnan(share.certified)
    st.metric(
        f"{short} certified",
        f"{100 * share.certified:.1f} %" if known else "no area" if reach.has_matrices else "none",
        help=CERTIFIED_HELP + explained("certified", "seen"),
    )
    if not reach.has_matrices:
        st.caption(NO_MATRICES)
    made = "shipped with the project" if reach.origin == "shipped" else f"{reach.seconds:.2f} s"
    seen = {f"{short} seen by the search": f"{100 * share.touched:.1f} %"} if known else {}
    return {**seen, "Certified cells": f"{int(reach.reached.sum()):,}", "Mapped in": made}


def _empty(survey: Survey | None, reach: ReachMap | None) -> bool:
    """Whether neither of them has an eigenvalue in what is looked at."""
    sampled = survey is not None and bool(survey.density.counts.any())
    return not sampled and (reach is None or not reach.touched.any())


def error_words(error: float, projector: Projector) -> str:
    """The largest error of a sum, and whose -> what a table says of it."""
    size = f"{error:.1e}" if error else "0"
    return size + ("" if projector.exact else " (not exact)")


def _sampled(survey: Survey, projector: Projector, short: str, where: str) -> dict[str, str]:
    """Draw the metrics of a survey -> its rows of the table; `where` the whole sample counts, in words."""
    from geometry.coverage import coverage

    share = coverage(survey.density, perfect_mirsky(projector.n))
    st.metric(
        f"{short} seen in the sample",
        f"{100 * share.share:.1f} %" if share.cells else "no area",
        help=f"Cells of side {share.bin_width:.4g} inside the Perfect–Mirsky region, off the real axis, that hold an "
        "eigenvalue of the sample. It grows with the number of matrices and with the cells, as cells on the boundary "
        "count whole: only what is certified compares.\n" + explained("certified", "seen"),
    )
    st.metric(
        f"Largest |λ|{where}", f"{survey.largest:.4f}", help="Besides the Perron root 1, taken away once per matrix."
    )
    st.metric(f"Real eigenvalues{where}", f"{100 * survey.real_share:.1f} %")
    return {
        "Matrices": f"{survey.matrices:,}",
        "Row or column error": error_words(survey.row_error, projector),
        "Matrices per second": readable(survey.rate),
        "Sampled in": f"{survey.seconds:.2f} s",
    }
