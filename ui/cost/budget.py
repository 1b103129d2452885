"""What a budget of numbers, operations or time buys: candidates ranked by what they certainly reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import streamlit as st

from figures.cost import reach_for_price
from figures.style import Style
from geometry.regions import perfect_mirsky
from ui import frame
from ui.link import settings
from ui.spectrum.maps import LARGEST
from ui.tables import draw_table
from ui.take import Taken, row
from ui.work import Work, carried_out, kept

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from figures.cost import Price
    from learning.cost import Coefficients, Offer

NUMBERS = "numbers predicted for a matrix"
MOST_FLOPS = 50_000_000
"""Operations of the dearest projector whose time is measured."""

SECONDS_EACH = 0.2
"""What measuring one takes, about."""


@dataclass(frozen=True)
class Choice:
    """What the reader can afford; no bound on the time where it is 0."""

    n: int
    predicted: Coefficients
    numbers: int
    flops: int
    microseconds: float


def choose(n: int, predicted: Coefficients) -> Choice:
    """Draw the widgets -> what they say."""
    first, second, third = st.columns(3)
    numbers = first.number_input("At most this many numbers R for a matrix", 1, settings.LARGEST_BUDGET, key="afford")
    flops = second.number_input(
        "At most this many operations for a matrix", 1, settings.LARGEST_BUDGET, key="afford_flops"
    )
    microseconds = third.number_input(
        "At most this many µs with gradient",
        0.0,
        1e6,
        format="%g",
        key="afford_time",
        help="For one of many matrices made at once, measured on this server when you set it; 0 is no bound.",
    )
    return Choice(n, predicted, int(numbers), int(flops), float(microseconds))


def work(choice: Choice) -> dict[str, Work[dict[str, float]]]:
    """Choice -> the measurement of every candidate's time, if time matters."""
    return {"": times_work(choice.n)} if choice.microseconds else {}


def times_work(n: int) -> Work[dict[str, float]]:
    """n -> ever more measured seconds of its candidates by name, their gradients included; without the dearest."""
    from learning.cost import candidates, measured

    entries = {name: each for name, each in candidates(n).items() if each.flops <= MOST_FLOPS}

    def make() -> Iterator[dict[str, float]]:
        times: dict[str, float] = {}
        for name, each in entries.items():
            times[name] = measured(each).training
            yield dict(times)

    return Work(
        key=("candidate times", *entries.items()),
        make=make,
        finished=lambda part: len(part) == len(entries),
        share=lambda part: len(part) / len(entries),
        told=lambda part: f"{len(part)} of {len(entries)} candidates measured",
        seconds=SECONDS_EACH * len(entries),
    )


def offers(choice: Choice, times: Mapping[str, float] | None) -> tuple[list[Offer], list[Offer]]:
    """Choice, measured seconds by name -> all candidates, and those within the budget, the largest share first."""
    from learning.cost import affordable, candidates, shipped_shares

    entries = candidates(choice.n)
    shares = kept(("shares", *entries.items()), partial(shipped_shares, entries))
    everything = affordable(entries, shares, coefficients=choice.predicted)
    bounds = (entries, shares, choice.numbers, choice.flops, choice.predicted)
    if times is None:
        return everything, affordable(*bounds)
    known = {name: times.get(name, inf) for name in entries}
    return everything, affordable(*bounds, seconds=choice.microseconds / 1e6, times=known)


def prices(everything: list[Offer]) -> dict[str, Price]:
    """Offers -> by name, cheapest first, numbers predicted and both shares, where a map is known."""
    return {
        offer.name: (offer.coefficients, offer.certified, offer.touched)
        for offer in sorted(everything, key=lambda offer: offer.coefficients)
        if offer.certified is not None and offer.touched is not None
    }


def figure(
    choice: Choice, everything: list[Offer], within: list[Offer], style: Style, *, title: str | None = None
) -> go.Figure:
    """Reach against price, what is within the budget filled."""
    names = {offer.name for offer in within}
    return reach_for_price(prices(everything), names, price=NUMBERS, budget=choice.numbers, style=style, title=title)


def take(choice: Choice, everything: list[Offer], within: list[Offer]) -> Taken:
    """Every candidate's price and share; the budget only fills the markers."""
    rows = [(offer.name, offer.coefficients, offer.flops, offer.certified, offer.touched) for offer in everything]
    header = ["method", "numbers", "flops", "certified", "touched"]
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    title = f"Reach for a price, n = {choice.n}"
    return Taken(
        name="reach-for-price",
        title=title,
        figure=partial(figure, choice, everything, within, title=title),
        arrays={name: with_nan(column) for name, column in columns.items()},
        columns=lambda: columns,
        recipe={"n": choice.n, "predicted": choice.predicted},
        code=f"""
entries = candidates({choice.n})
rows = affordable(entries, shipped_shares(entries), coefficients={choice.predicted!r})
arrays = {{
    "method": [each.name for each in rows],
    "numbers": [each.coefficients for each in rows],
    "flops": [each.flops for each in rows],
    "certified": [float("nan") if each.certified is None else each.certified for each in rows],
    "touched": [float("nan") if each.touched is None else each.touched for each in rows],
}}
# Within a budget: affordable(..., parameters={choice.numbers}, flops={choice.flops})
""",
    )


def with_nan(column: Iterable[object]) -> list[object]:
    """A column -> itself with nan for what is not known."""
    return [float("nan") if value is None else value for value in column]


def show(n: int, predicted: Coefficients) -> None:
    """Draw what a budget buys: reach against price, and the ranking."""
    choice = choose(n, predicted)
    outcome = carried_out("candidate times", work(choice), st.empty(), missing="candidates without a time are left out")
    times = outcome.results.get("", {}) if choice.microseconds else None
    everything, within = offers(choice, times)
    region = perfect_mirsky(n).name.split()[-1]
    told = f"**Within the budget**: {len(within)} of {len(everything)} candidates"
    if known := bool(prices(everything)):
        picture = figure(choice, everything, within, frame.style())
        alt = f"Reached share of {region} against numbers predicted, n = {n}"
        frame.chart(picture, "offers", alt, toolbar=False)
        st.markdown(
            f"{told}, filled in the picture, the largest certified share of {region} first. That share says which "
            "eigenvalues a mixing matrix can have, not how well a network trains with it."
        )
    else:
        why = "every eigenvalue is real" if n == 2 else f"maps are shipped for n = 3 to {LARGEST}"
        st.info(f"There is no reach to compare at n = {n}: {why}.")
        st.markdown(f"{told}, the cheapest first.")
    table(within, times or {})
    if known:
        row(take(choice, everything, within))


def table(offers: list[Offer], times: Mapping[str, float]) -> None:
    """Draw what is within the budget, in the order given, with the seconds each takes where they were measured."""
    if not offers:
        st.markdown("Nothing is that cheap.")
        return
    number, share = st.column_config.NumberColumn, st.column_config.NumberColumn(format="%.1f %%")
    mapped = any(offer.certified is not None for offer in offers)
    lines = []
    for offer in offers:
        shares = {
            "Certified": None if offer.certified is None else 100 * offer.certified,
            "Seen": None if offer.touched is None else 100 * offer.touched,
        }
        costs: dict[str, float] = {"Numbers R": offer.coefficients, "Operations": offer.flops}
        costs |= {"Measured, µs": 1e6 * times[offer.name]} if times else {}
        lines.append({"Method": offer.name, **(shares if mapped else {}), **costs})
    whole = number(format="localized")
    config = {"Certified": share, "Seen": share, "Numbers R": whole, "Operations": whole}
    config["Measured, µs"] = number(format="%.3f")
    draw_table(lines, column_config=config)
