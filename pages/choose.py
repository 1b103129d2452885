"""Which map should mix the streams?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from figures.cost import reach_for_price
from figures.style import Style
from ui import controls, frame
from ui.choosing import code, table, words
from ui.cost.budget import NUMBERS, times_work, with_nan
from ui.link import links, settings
from ui.take import Taken, row
from ui.work import carried_out, kept

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from learning.choosing import Choice as Answer
    from learning.choosing import Preference
    from ui.work import Work

QUESTION = (
    "You mix **n** residual streams and can afford so much: which map should make the matrix, why that one, and what "
    "do you paste?"
)


@dataclass(frozen=True)
class Choice:
    """What the reader asked for; 0 is no bound."""

    n: int
    numbers: int
    flops: int
    exact: bool
    dtype: str
    width: int
    prefer: Preference


def choose() -> Choice:
    """Draw the widgets -> what they say."""
    first, second, third = st.columns(3, gap="medium")
    with first:
        n = controls.size()
    most = settings.LARGEST_BUDGET
    numbers = second.number_input("Numbers for a matrix, at most (0: no bound)", 0, most, key="most_numbers")
    flops = third.number_input("Operations for a matrix, at most (0: no bound)", 0, most, key="most_flops")
    exact = second.segmented_control(
        "Rows and columns must sum to 1",
        ("yes", "no"),
        key="must_be_exact",
        required=True,
        format_func={"yes": "exactly", "no": "nearly will do"}.__getitem__,
    )
    dtype = third.segmented_control("Computed in", settings.DTYPES, key="dtype", required=True)
    preferred = second.segmented_control(
        "Of those that can do it, prefer",
        settings.PREFERENCES,
        key="prefer",
        required=True,
        format_func={"reach": "more reach", "learning": "fast learning", "numbers": "few numbers"}.__getitem__,
    )
    prefer: Preference = "learning" if preferred == "learning" else "numbers" if preferred == "numbers" else "reach"
    width = first.number_input("Width C of a stream", 1, settings.LARGEST_MODEL["lm_width"], key="lm_width")
    return Choice(n, int(numbers), int(flops), exact == "yes", str(dtype), int(width), prefer)


def answered(choice: Choice) -> Answer:
    """Choice -> the answer and all that it was chosen from."""
    from learning.choosing import Budget
    from learning.choosing import choice as chosen
    from learning.cost import candidates, shipped_shares

    entries = candidates(choice.n)
    shares = kept(("shares", *entries.items()), partial(shipped_shares, entries))
    budget = Budget(choice.numbers or None, choice.flops or None, choice.exact)
    return chosen(choice.n, budget, choice.prefer, shares=shares)


def work(choice: Choice) -> dict[str, Work[dict[str, float]]]:
    """Choice -> the measurement of every candidate's time on this server."""
    return {"": times_work(choice.n)}


def figure(choice: Choice, found: Answer, style: Style, *, title: str | None = None) -> go.Figure:
    """Reach against price, what is within the budget filled."""
    prices = {
        each.name: (each.projector.parameter_count, each.certified, each.touched)
        for each in sorted(found.every, key=lambda each: each.projector.parameter_count)
        if each.certified is not None and each.touched is not None
    }
    within = {each.name for each in (found.answer, *found.rivals)}
    return reach_for_price(prices, within, price=NUMBERS, budget=choice.numbers or None, style=style, title=title)


def take(choice: Choice, found: Answer) -> Taken:
    """Everything that is known of every candidate, in the order of the answer."""
    columns = table.columns(found)
    title = f"Choosing at n = {choice.n}"
    bounds = {"numbers": choice.numbers or None, "flops": choice.flops or None, "exact": choice.exact}
    known = {name: value for name, value in bounds.items() if value is not None}
    return Taken(
        name="choose",
        title=title,
        figure=partial(figure, choice, found, title=title) if table.mapped(found) else None,
        arrays={name: with_nan(column) for name, column in columns.items()},
        columns=lambda: columns,
        recipe={"n": choice.n, "prefer": choice.prefer, **known},
        code=f"""
budget = Budget({", ".join(f"{name}={value!r}" for name, value in bounds.items())})
rows = choice({choice.n}, budget, {choice.prefer!r}).every
arrays = {{
    "method": [each.name for each in rows],
    "allowed": [not budget.forbids(each) for each in rows],
    "numbers": [each.projector.parameter_count for each in rows],
    "flops": [each.projector.flops for each in rows],
    "exact": [each.projector.exact for each in rows],
    "certified": [float("nan") if each.certified is None else each.certified for each in rows],
    "touched": [float("nan") if each.touched is None else each.touched for each in rows],
    "epochs": [float("nan") if each.learned is None else each.learned.epochs for each in rows],
    "excess_loss": [float("nan") if each.learned is None else each.learned.excess for each in rows],
}}
""",
    )


def main() -> None:
    """Draw the page."""
    frame.begin("pages/choose.py", QUESTION)
    choice = choose()
    links.write()
    found = answered(choice)
    st.header(f"Take {found.answer.name}", anchor=False)
    place = st.empty()
    place.markdown(words.answer(found, choice.dtype, {}))
    st.markdown(words.not_told(found))
    code.show(found.answer.projector, choice.width)
    st.header("All candidates")
    outcome = carried_out("candidate times", work(choice), st.empty(), missing="candidates have no time")
    seconds = outcome.results.get("", {})
    place.markdown(words.answer(found, choice.dtype, seconds))
    table.show(found, choice.dtype, seconds)
    if table.mapped(found):
        alt = f"Certified share of the Perfect–Mirsky region against numbers predicted, n = {choice.n}"
        frame.chart(figure(choice, found, frame.style()), "choices", alt, toolbar=False)
    row(take(choice, found))
    frame.reading("choose")


main()
