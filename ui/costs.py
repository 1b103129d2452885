"""Prices as the complexity page needs them: curves over n, and what a budget buys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from figures.cost import Curve, Price
from ui import comparison, settings
from ui.store import kept

if TYPE_CHECKING:
    from learning.cost import Coefficients, Offer
    from projectors import Projector

SIZES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
POWERS = (2, 4, 8, 16, 32, 64)

MOST_FLOPS = 50_000_000
"""Operations of the dearest projector whose time is measured."""

PREDICTED = {"minimal": "as few as needed", "implemented": "as in the paper's code"}
PREDICTED_HELP = """
- **as few as needed**: n² for mHC, ns(ns − 1)/2 for go-mHC, n! for mHC-lite, the sum of the iₖ! for KromHC.
- **as in the paper's code**: the same, but (ns)² for go-mHC, which predicts a full matrix and keeps half of it.
"""


def predicted_choice() -> Coefficients:
    """Draw the switch between the numbers that a map needs and those that the paper's code predicts -> which."""
    chosen = st.segmented_control(
        "Numbers R that the network predicts for a matrix",
        settings.PREDICTED,
        key="predicted",
        required=True,
        format_func=PREDICTED.__getitem__,
        help=PREDICTED_HELP,
    )
    return "implemented" if chosen == "implemented" else "minimal"


def families(s: int, sizes: tuple[int, ...] = SIZES) -> dict[str, dict[int, Projector]]:
    """s -> by method, its projector at every n; KromHC with factors of 2 only, whose sizes are powers of two."""
    table: dict[str, dict[int, Projector]] = {name: {} for name in comparison.contenders(4, s)}
    for n in sizes:
        for name, projector in comparison.contenders(n, s).items():
            if name != "KromHC" or n in POWERS:
                table[name][n] = projector
    return table


def curves(table: Mapping[str, Mapping[int, Projector]], cost: Callable[[Projector], float]) -> dict[str, Curve]:
    """Projectors by method and n, what each costs -> curves to draw."""
    return {name: (list(row), [cost(projector) for projector in row.values()]) for name, row in table.items()}


def rows(table: Mapping[str, Mapping[int, Projector]], cost: Callable[[Projector], int]) -> list[tuple[object, ...]]:
    """Projectors by method and n, what each costs -> (method, n, numbers, operations) line by line."""
    return [(name, n, cost(each), each.flops) for name, row in table.items() for n, each in row.items()]


@st.cache_data(max_entries=16, show_spinner=False)
def _shares(n: int) -> dict[str, tuple[float, float] | None]:
    from learning.cost import candidates, shipped_shares

    return shipped_shares(candidates(n))


def offers(
    n: int,
    predicted: Coefficients,
    numbers: int | None = None,
    flops: int | None = None,
    microseconds: float | None = None,
) -> list[Offer]:
    """n and a budget, None for none -> the candidates within it, the largest certified share first."""
    from learning.cost import affordable, candidates

    entries, shares = candidates(n), _shares(n)
    if microseconds is None:
        return affordable(entries, shares, numbers, flops, predicted)
    limit, times = microseconds / 1e6, candidate_times(n)
    return affordable(entries, shares, numbers, flops, predicted, seconds=limit, times=times)


def candidate_times(n: int) -> dict[str, float]:
    """n -> by name, the seconds that one matrix of each candidate takes here, with its gradient; measured once."""
    from learning.cost import candidates, measured

    entries = {name: each for name, each in candidates(n).items() if each.flops <= MOST_FLOPS}
    known = kept(("candidate times", n), lambda: {name: measured(each).training for name, each in entries.items()})
    return {name: known.get(name, float("inf")) for name in candidates(n)}


def prices(everything: list[Offer]) -> dict[str, Price]:
    """Offers -> by name, cheapest first, numbers predicted and the bracket of the share, where a map is known."""
    return {
        offer.name: (offer.coefficients, offer.certified, offer.touched)
        for offer in sorted(everything, key=lambda offer: offer.coefficients)
        if offer.certified is not None and offer.touched is not None
    }
