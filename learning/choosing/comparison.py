"""All candidates side by side, as a page of markdown: `python -m learning.choosing.comparison > docs/comparison.md`."""

from __future__ import annotations

from learning.choosing.answer import Budget, Candidate, choice

SIZES = (3, 4, 8)
HEAD = """# Maps into the Birkhoff polytope, compared

Made by `python -m learning.choosing.comparison`; a test compares it with what the library says.

*Certified*: share of the Perfect–Mirsky region whose cells are reached, each with a witness, on 101 × 101 cells; those
on the border keep it below 100 % where everything is reached. *Full*: a formula gives parameters for every doubly
stochastic matrix. *Exact*: sums are 1 to rounding. *Numbers*, *operations*: for one matrix. *Iterations*: until the
mean loss of the paper's Fig. 6 experiment is within 5 % of its last value. *Last loss*: in units of the least possible
one, 1 where the random targets were met; on one data set it may come out a little below. ?: not run, no map,
or no doubly stochastic matrix.

In the order of `learning.choosing.choice(n, Budget(exact=False))`. None of this says how well a network trains.
"""


def comparison() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(n) for n in SIZES)])


def _section(n: int) -> str:
    rows = [_row(each) for each in choice(n, Budget(exact=False)).every]
    head = "| method | certified | full | exact | numbers | operations | iterations | last loss |"
    return "\n".join([f"## n = {n}", "", head, "|---|---|---|---|---|---|---|---|", *rows, ""])


def _row(each: Candidate) -> str:
    learned = each.learned
    cells = [
        each.name,
        "?" if each.certified is None else f"{100 * each.certified:.1f} %",
        "yes" if each.full else "no",
        "yes" if each.projector.exact else "no",
        f"{each.projector.parameter_count:,}",
        f"{each.projector.flops:,}",
        "?" if learned is None else f"{learned.epochs:,}" if each.projector.parameter_count else "–",
        "?" if learned is None else f"{learned.excess:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(comparison(), end="")
