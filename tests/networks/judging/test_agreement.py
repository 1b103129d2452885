"""Agreement: a published example, what it may not depend on, limits, and bad tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from networks.judging import CRITERIA
from networks.judging.__main__ import main
from networks.judging.agreement import between, icc, spearman, within
from networks.judging.scores import Score, line, table

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Six targets and four judges: table 2 of Shrout and Fleiss (1979), whose table 4 gives ICC(3,1) = 0.71."""


def by_hand(ratings: np.ndarray) -> float:
    n, k = ratings.shape
    rows = k * ((ratings.mean(1) - ratings.mean()) ** 2).sum() / (n - 1)
    rest = ratings - ratings.mean(1, keepdims=True) - ratings.mean(0) + ratings.mean()
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    return float((rows - error) / (rows + (k - 1) * error))


GIVEN = Score("J", "m", "s", 1, 7, 7, 7)


def test_shrout_and_fleiss() -> None:
    found = icc(SHROUT_FLEISS)
    assert round(found.value, 2) == 0.71
    assert found.value == pytest.approx(0.7148, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.34, 0.95), abs=0.01)
    assert found.stories == 6


def test_it_is_the_formula_and_has_neither_scale_nor_severity() -> None:
    ratings = np.random.default_rng(0).normal(size=(40, 3)) + np.random.default_rng(1).normal(size=(40, 1))
    found = icc(ratings).value
    assert found == pytest.approx(by_hand(ratings), abs=1e-9)
    assert icc(3 * ratings + [0, 5, -2]).value == pytest.approx(found, abs=1e-9)
    assert icc(ratings[::-1, [2, 0, 1]]).value == pytest.approx(found, abs=1e-9)


def test_limits() -> None:
    stories = np.arange(10.0)
    assert icc(np.stack([stories, stories + 1], 1)).value == pytest.approx(1)
    noise = np.random.default_rng(0).normal(size=(2000, 2))
    assert abs(icc(noise).value) < 0.1
    assert np.isnan(icc(np.ones((10, 2))).value)
    assert spearman(stories, stories**3).value == pytest.approx(1)
    assert spearman(stories, -stories).value == pytest.approx(-1)
    assert np.isnan(spearman(stories, np.ones(10)).value)
    for wrong in (np.ones((4, 2)), np.ones((10, 1)), np.ones(10), np.full((10, 2), np.nan)):
        with pytest.raises(ValueError, match="of 5 stories and by 2 raters"):
            icc(wrong)


def scores(judge: str, seed: int, trials: int = 3) -> list[Score]:
    chance = np.random.default_rng(7)
    truth = chance.integers(2, 9, 20)
    noise = np.random.default_rng(seed)
    return [
        Score(judge, "go-mHC", f"s{number}", trial, *(int(truth[number] + noise.integers(-1, 2)) for _ in CRITERIA))
        for number in range(20)
        for trial in range(1, trials + 1)
    ]


def test_trials_and_judges_are_told_apart() -> None:
    both = scores("a", 0) + scores("b", 1)
    own = within(both)
    assert own.keys() == {"a", "b"}
    assert all(0.5 < own["a"][name].value < 1 for name in CRITERIA)
    ((pair, found),) = between(both).items()
    assert pair == ("a", "b")
    assert all(0.7 < part.value <= 1 for name in CRITERIA for part in found[name])
    assert all(part.low <= part.value <= part.high for name in CRITERIA for part in found[name])
    missing = [score for score in both if score.asked != ("a", "go-mHC", "s3", 2)]
    assert within(missing)["a"]["grammar"].stories == 19


def test_one_trial_has_no_agreement_with_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scores.jsonl"
    path.write_text("".join(line(score) for score in scores("a", 0, trials=1)))
    assert main(["agree", str(path)]) == 0
    assert "| a | ICC(3,1) | – | – | – |" in capsys.readouterr().out


def test_a_table_of_two_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["judge,model,story,trial,grammar,creativity,consistency"]
    rows += [",".join(map(str, vars(score).values())) for score in scores("a", 0) + scores("b", 1)]
    (tmp_path / "scores.csv").write_text("\n".join(rows))
    assert main(["agree", str(tmp_path / "scores.csv")]) == 0
    said = capsys.readouterr().out
    assert "| a, b | Spearman | 0." in said
    assert main(["agree", str(tmp_path / "scores.csv"), str(tmp_path / "scores.csv")]) == 2
    assert "in more than one of the files" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("judge,model\na,b\n", "row 1 of .* has no story, trial"),
        ("", "holds no scores"),
        ("judge,model,story,trial,grammar,creativity,consistency\na,b,c,1,x,5,5\n", "row 1"),
        ("judge,model,story,trial,grammar,creativity,consistency\na,b,c,1,11,5,5\n", "score for grammar"),
        ("judge,model,story,trial,grammar,creativity,consistency\na,b,c,1,1_0,5,5\n", "'1_0' is no whole number"),
        ("judge,model,story,trial,grammar,creativity,consistency\n" + "a,b,c,1,5,5,5\n" * 2, "a second answer"),
        *(
            (line(GIVEN).replace('"grammar": 7', f'"grammar": {cell}'), "score for grammar must be a whole number")
            for cell in ("7.9", "true", "[7]", "Infinity")
        ),
        ("[1]\n", "line 1 .* must be an object"),
    ],
)
def test_bad_tables_are_refused_by_row(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / f"scores.{'jsonl' if text[:1] in '{[' and text else 'csv'}"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        table(path)


def test_letters_that_end_lines_elsewhere_do_not_end_a_row(tmp_path: Path) -> None:
    story = "a\u2028b\x85c"
    (tmp_path / "scores.jsonl").write_text(line(replace(GIVEN, story=story)))
    (tmp_path / "scores.csv").write_text(f'{",".join(vars(GIVEN))}\n"J","m","{story}\nd",1,7,7,7\n')
    assert table(tmp_path / "scores.jsonl")[0].story == story
    assert table(tmp_path / "scores.csv")[0].story == f"{story}\nd"
