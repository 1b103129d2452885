"""What does it cost?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from figures.cost import growth
from figures.style import Style
from ui import controls, frame
from ui.cost import budget, clock, language_model
from ui.cost.families import families, families_code, predicted_choice
from ui.link import links
from ui.methods import family_choice
from ui.take import Columns, Taken, row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from figures.cost import Costs
    from learning.cost import Coefficients
    from ui.cost.clock import Times
    from ui.work import Work

QUESTION = (
    "A network predicts a mixing matrix anew for every token in every layer. How many numbers does it predict, how "
    "many operations does the matrix take, how long, and how much reach do they buy?"
)
NUMBERS = "numbers predicted for a matrix"
OPERATIONS = "operations to make a matrix"

NOTES = {
    "KromHC": "KromHC is drawn with factors of 2.",
    "mHC-lite": "mHC-lite ends at n = 8 and 40,320 numbers.",
    "identity": "The identity costs nothing, for which a logarithmic axis has no place.",
}
"""What is to be said of a method's curve."""


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    n: int
    s: int
    predicted: Coefficients
    family: str = "paper"


def choose() -> Choice:
    """Draw the widgets -> what they say."""
    left, right = st.columns(2, gap="medium")
    with left:
        n, s = controls.size_and_rank()
    with right:
        predicted = predicted_choice()
        family = family_choice()
    return Choice(n, s, predicted, family)


def work(choice: Choice) -> dict[str, Work[Times]]:
    """Choice -> the measurement of every method on this server."""
    return {"": clock.work(choice.s, choice.family)}


def panels(choice: Choice) -> dict[str, dict[str, Costs]]:
    """Choice -> by what is counted, the curve of every method over n (Fig. 5)."""
    from learning.cost import residual_coefficients

    table = families(choice.s, family=choice.family)
    return {
        NUMBERS: {
            name: (list(row), [residual_coefficients(each, choice.predicted) for each in row.values()])
            for name, row in table.items()
        },
        OPERATIONS: {name: (list(row), [each.flops for each in row.values()]) for name, row in table.items()},
    }


def figure(choice: Choice, style: Style, *, title: str | None = None, columns: int = 2) -> go.Figure:
    """How many numbers and operations a matrix takes as n grows."""
    return growth(panels(choice), columns=columns, style=style, title=title)


def take(choice: Choice) -> Taken:
    """Numbers and operations of every method at every n."""
    numbers, operations = panels(choice).values()
    columns: Columns = {
        "method": [name for name, (sizes, _) in numbers.items() for _ in sizes],
        "n": [n for sizes, _ in numbers.values() for n in sizes],
        "numbers": [count for _, counts in numbers.values() for count in counts],
        "flops": [count for _, counts in operations.values() for count in counts],
    }
    title = "Growth with the number of streams"
    return Taken(
        name="growth",
        title=title,
        figure=partial(figure, choice, title=title),
        narrow=partial(figure, choice, title=title, columns=1),
        arrays=columns,
        columns=lambda: columns,
        recipe={"s": choice.s, "predicted": choice.predicted, "methods": choice.family},
        code=families_code(choice.s, family=choice.family)
        + f"""
arrays = {{
    "method": [name for name, _, _ in every],
    "n": [n for _, n, _ in every],
    "numbers": [residual_coefficients(projector, {choice.predicted!r}) for _, _, projector in every],
    "flops": [projector.flops for _, _, projector in every],
}}
""",
    )


def grown(choice: Choice) -> None:
    """Draw how costs grow, a panel for each, and offer them."""
    for column, (label, curves) in zip(st.columns(2), panels(choice).items(), strict=True):
        with column:
            picture = growth({label: curves}, marked=choice.n, style=frame.style())
            alt = f"{label.capitalize()} against n, for {', '.join(curves)}"
            frame.chart(picture, f"growth_{label}", alt, toolbar=False)
    drawn = families(choice.s, family=choice.family)
    st.caption(" ".join(["Dotted line: the n chosen above.", *(text for name, text in NOTES.items() if name in drawn)]))
    row(take(choice))


def main() -> None:
    """Draw the page."""
    frame.begin("pages/complexity.py", QUESTION)
    choice = choose()
    st.header("Growth with n")
    grown(choice)
    st.header("What can I afford?")
    budget.show(choice.n, choice.predicted)
    st.header("A language model")
    language_model.show(choice.n, choice.s, choice.predicted)
    links.write()
    st.header("Measured on this server")
    clock.show(work(choice), choice.n, choice.s, choice.family)
    frame.reading("complexity")


main()
