"""Choose: one answer in words, what speaks against the rest, and code; every widget moved."""

from __future__ import annotations

import pytest

from learning.choosing import Budget, choice, layer_code, plug_code
from tests.pages.page import run

PAGE = "pages/choose.py"


def said(at) -> str:
    return "\n".join(element.value for element in (*at.header, *at.markdown, *at.warning))


@pytest.mark.parametrize(
    ("query", "budget", "prefer"),
    [
        ({"n": 4}, Budget(), "reach"),
        ({"n": 4, "most_numbers": 28, "prefer": "learning"}, Budget(28), "learning"),
        ({"n": 4, "most_numbers": 8, "most_flops": 300}, Budget(8, 300), "reach"),
        ({"n": 3, "must_be_exact": "no", "prefer": "numbers", "dtype": "bfloat16"}, Budget(exact=False), "numbers"),
        ({"n": 2}, Budget(), "reach"),
        ({"n": 17}, Budget(), "reach"),
    ],
)
def test_the_answer_is_the_librarys_with_its_reasons(query: dict, budget: Budget, prefer: str) -> None:
    at = run(PAGE, **query)
    assert not at.exception
    best = choice(query["n"], budget, prefer).answer
    words = said(at)
    assert f"Take {best.name}" in words
    assert repr(best.projector) in words
    assert f"{best.projector.parameter_count:,} numbers a matrix" in words
    for reason in ("**Reach**", "**Sums**", "**Price**", "**Learning**", "What this does not tell"):
        assert reason in words, reason
    assert at.code[0].value.strip() == layer_code(best.projector, 384).strip()
    programs = [element.value.strip() for element in at.code]
    plug = plug_code(best.projector)
    assert plug is None or plug.strip() in programs
    frame = at.dataframe[0].value
    assert frame["Method"].iloc[0] == best.name
    assert (frame["Budget"] == "within").sum() >= 1


def test_what_comes_before_but_is_too_dear_is_named() -> None:
    at = run(PAGE, n=4, most_numbers=8)
    assert "would come before it, but takes" in said(at)


def test_a_budget_is_moved_by_hand() -> None:
    at = run(PAGE, n=4)
    at.number_input(key="most_numbers").set_value(9).run()
    assert "Take TBP-mHC" in said(at)
    at.number_input(key="most_numbers").set_value(0).run()
    at.number_input(key="lm_width").set_value(64).run()
    assert "width = 64" in at.code[0].value
    assert not at.exception


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"n": 4}, "among those that meet random targets"),
        ({"n": 7}, "among those whose formula reaches every matrix"),
        ({"n": 7, "most_numbers": 30}, "is known to meet random targets"),
        ({"n": 8, "most_numbers": 30, "prefer": "learning"}, "Nothing within the budget meets random targets"),
        ({"n": 4, "most_numbers": 3}, "Nothing that learns is within the budget"),
    ],
)
def test_what_the_answer_was_chosen_among_is_what_the_budget_leaves(query: dict, wanted: str) -> None:
    at = run(PAGE, **query)
    assert not at.exception
    assert wanted in said(at)


def test_of_two_that_miss_the_targets_the_nearer_comes_first() -> None:
    """At n = 8 it is go-mHC, s = 1, at 18.9 times the least loss, before C-mHC, at 50.9."""
    words = said(run(PAGE, n=8, most_numbers=30, prefer="learning"))
    assert "**C-mHC**, which ends further from random targets: its last loss is 50.9 times" in words
    assert "against 18.9." in words


def test_a_reach_of_nothing_has_no_matrix_for_every_cell() -> None:
    words = said(run(PAGE, n=4, most_numbers=3))
    assert "nothing of the Perfect–Mirsky region is certified" in words
    assert "for every cell" not in words
