"""What is proved of the reach: the shipped proof of a method, its numbers, and the table of all at one n."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

import streamlit as st

from geometry.regions import perfect_mirsky
from ui.tables import draw_table
from ui.take import Taken, row
from ui.work import kept

if TYPE_CHECKING:
    from geometry.proofs import Proof
    from projectors import Projector

HELP = """
Of this share of the region's area *every* point is an eigenvalue of a matrix of this kind: a theorem, proved by
computer in interval arithmetic, rounding included. Anybody can check it: `python geometry/proofs/check.py CERTIFICATE`.
"""

EXCLUDED = "Theorems by others exclude what is beyond this share. In between, it is open."

EXACT = "The area within the boundary that is known at n = 3. For s > 1 its outer side is seen in numbers, not proved."


SHARES = {"proved": HELP, "not excluded": EXCLUDED, "exact": EXACT, "certified": None, "touched": None}
"""Which columns are shares, and what is said of them."""


def proof_of(projector: Projector) -> Proof | None:
    """projector -> the proof that is shipped of its reach, or None."""
    from geometry.proofs.shipped import shipped_proof

    return kept(("proof", projector), partial(shipped_proof, projector))


def numbers(proof: Proof, short: str) -> dict[str, str]:
    """Proof, the name of the Perfect-Mirsky region -> its rows of a table of numbers."""
    below, above = proof.bracket(perfect_mirsky(proof.projector.n))
    return {f"{short} proved": f"{100 * below:.1f} %", f"{short} not excluded": f"{100 * above:.1f} %"}


def draw(columns: Mapping[str, list[Any]], others: Mapping[str, Any]) -> None:
    """Draw columns as a table, shares among them in per cent; `others` says how the rest looks, by its title.

    A column without any value, as of exact areas beyond n = 3, is left out.
    """
    columns = {name: values for name, values in columns.items() if not all(map(_nan, values))}
    titled = {name: name.capitalize() for name in columns}
    share = st.column_config.NumberColumn
    known = {titled[name]: share(format="%.1f %%", help=text) for name, text in SHARES.items() if name in columns}
    shown = {name: [100 * value for value in values] if name in SHARES else values for name, values in columns.items()}
    draw_table({titled[name]: values for name, values in shown.items()}, column_config=known | dict(others))


def _nan(value: Any) -> bool:
    """Whether something, which may be a text, stands for a number that there is not."""
    return isinstance(value, float) and isnan(value)


def show(n: int) -> None:
    """Draw the section, where there are proofs."""
    from geometry.proofs.shipped import named, proved_area

    if not named(n):
        return
    columns = kept(("proved area", n), partial(proved_area, n))
    title = f"Proved area at n = {n}"
    st.header(title)
    st.markdown(
        "*Certified* speaks of the middle of each cell, up to rounding. *Proved* is a theorem about every point of an "
        "area. All are shares of the Perfect–Mirsky region. What is proved may be more: a cell that the region's edge "
        "cuts and whose middle lies beyond counts against what is certified, while a proof goes up to the edge."
    )
    rectangles = "Into so many the proof divides the area above the axis."
    draw(columns, {"Rectangles": st.column_config.NumberColumn(format="localized", help=rectangles)})
    row(
        Taken(
            name="proved-area",
            title=title,
            arrays=columns,
            columns=lambda: columns,
            recipe={"n": n},
            code=f"arrays = proved_area({n})",
        )
    )
