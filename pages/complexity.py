"""What does it cost?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from figures import files as render
from figures.cost import growth, reach_for_price
from figures.style import PAPER
from geometry.regions import perfect_mirsky
from ui import controls, cost_clock, cost_snippets, cost_tables, costs, exports, frame, links, settings

if TYPE_CHECKING:
    import plotly.graph_objects as go

NUMBERS, OPERATIONS = "numbers predicted for a matrix", "operations to make a matrix"


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Draw a figure in the look of the page."""
    st.plotly_chart(figure, theme=None, key=key, alt=alt, config={"displayModeBar": False})


def against_n() -> None:
    """Draw how many numbers and operations a matrix takes as n grows (Fig. 5)."""
    from learning.cost import residual_coefficients

    table = costs.families(s)
    count = partial(residual_coefficients, coefficients=predicted)
    panels = {
        NUMBERS: costs.curves(table, count),
        OPERATIONS: costs.curves(table, lambda projector: projector.flops),
    }
    for column, (label, curves) in zip(st.columns(2), panels.items(), strict=True):
        with column:
            drawn = growth({label: curves}, marked=n, style=frame.style())
            chart(drawn, f"growth_{label}", f"{label.capitalize()} against n, for {', '.join(curves)}")
    st.caption(
        "Dotted line: the n chosen above. KromHC is drawn with factors of 2; mHC-lite ends at n = 8 and 40,320 numbers."
    )
    rows = costs.rows(table, count)
    columns = dict(zip(["method", "n", "numbers", "flops"], zip(*rows, strict=True), strict=True))
    exports.row(
        partial(growth, panels, style=PAPER, title="Growth with the number of streams"),
        partial(render.table, list(columns), rows),
        partial(render.archive, columns, {"s": s, "predicted": predicted}),
        cost_snippets.growth_snippet(s, predicted),
        f"growth_s{s}_{predicted}",
    )


def budget() -> None:
    """Draw what a budget buys: reach against price, and the ranking."""
    first, second, third = st.columns(3)
    numbers = first.number_input("At most this many numbers R for a matrix", 1, settings.LARGEST_BUDGET, key="afford")
    flops = second.number_input(
        "At most this many operations for a matrix", 1, settings.LARGEST_BUDGET, key="afford_flops"
    )
    microseconds = third.number_input(
        "At most this many µs with gradient",
        0.0,
        1e6,
        key="afford_time",
        help="For one of many matrices made at once, measured on this server when you set it; 0 is no bound.",
    )
    everything, within = costs.offers(n, predicted), costs.offers(n, predicted, numbers, flops, microseconds or None)
    known, told = costs.prices(everything), f"**Within the budget**: {len(within)} of {len(everything)} candidates"
    if known:
        drawn = partial(reach_for_price, known, {offer.name for offer in within}, price=NUMBERS, budget=numbers)
        chart(drawn(style=frame.style()), "offers", f"Reached share of {region} against numbers predicted, n = {n}")
        st.markdown(
            f"{told}, filled in the picture, the largest certified share of {region} first. That share says which "
            "eigenvalues a mixing matrix can have, not how well a network trains with it."
        )
    else:
        why = "every eigenvalue is real" if n == 2 else "maps are shipped for n = 3 to 8"
        st.info(f"There is no reach to compare at n = {n}: {why}.")
        st.markdown(f"{told}, the cheapest first.")
    cost_tables.offers_table(within, costs.candidate_times(n) if microseconds else {})
    if known:
        rows = [(offer.name, offer.coefficients, offer.flops, offer.certified, offer.touched) for offer in everything]
        exports.row(
            partial(drawn, style=PAPER, title=f"Reach for a price, n = {n}"),
            partial(render.table, ["method", "numbers", "flops", "certified", "touched"], rows),
            partial(
                render.archive, {"prices": list(known.values()), "names": list(known)}, {"n": n, "predicted": predicted}
            ),
            cost_snippets.offers_snippet(n, numbers, flops, predicted),
            f"reach-for-price_n{n}_{predicted}",
        )


frame.begin(
    "pages/complexity.py",
    "A network predicts a mixing matrix anew for every token in every layer. How many numbers does it predict, how "
    "many operations does the matrix take, how long, and how much reach do they buy?",
)
left, right = st.columns(2, gap="medium")
with left:
    n, s = controls.size_and_rank()
with right:
    predicted = costs.predicted_choice()
region = perfect_mirsky(n).name.split()[-1]
st.subheader("Growth with n")
against_n()
st.subheader("What can I afford?")
budget()
st.subheader("A language model")
cost_tables.language_model(n, s, predicted)
links.write()
st.subheader("Measured on this server")
if st.session_state.get("timed") == s or st.button("Measure: about 5 s", key="time"):
    st.session_state["timed"] = s
    cost_clock.show(n, s)
frame.reading("complexity")
