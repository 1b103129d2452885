"""Choose: one answer in words, what speaks against the rest, and code; every widget moved."""

from __future__ import annotations

import pytest

from learning.choosing import Budget, choice, layer_code, plug_code
from tests.pages.page import run
from ui.choosing.words import answer

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
    count = best.projector.parameter_count
    assert f"{count:,} number{'' if count == 1 else 's'} a matrix" in words
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


def test_what_was_measured_to_be_slow_is_said_of_the_answer() -> None:
    """TBP-mHC makes its matrix entry by entry: few operations, and hundreds of times as long as mHC at n = 64."""
    found = choice(64, Budget(exact=False), "numbers")
    first, second = found.answer.name, found.rivals[0].name
    slow = answer(found, "float32", {first: 0.1, second: 2e-4})
    assert f"**Against it**]: it takes 500 times as long as {second}." in slow
    assert "100,000 µs with its gradient on this server" in slow
    for alike in ({first: 2e-4, second: 2e-4}, {first: 0.1}, {}):
        assert "Against it" not in answer(found, "float32", alike)
    assert "µs with its gradient" in said(run(PAGE, n=3))


def test_at_n_2_the_whole_segment_is_reached_and_one_number_is_one() -> None:
    words = said(run(PAGE, n=2, most_numbers=1))
    assert "**Reach**: all of the segment from −1 to 1" in words
    assert "1 number a matrix" in words
    assert not any(wrong in words for wrong in ("not known here", "no formula", "1 numbers", "0e+00"))
