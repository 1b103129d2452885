"""Grading over real HTTP: whatever the endpoint does, nothing is lost and nothing is counted twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from networks.judging import CRITERIA, Story
from networks.judging.__main__ import main
from networks.judging.grading import Judge, estimated, graded, open_questions
from networks.judging.scores import stories, table
from tests.networks.judging.endpoint import Endpoint, Mood, served

STORIES = [Story("go-mHC", f"story {number}", f"Once there were {number} cats.") for number in range(4)]
GOOD = {"grammar": 7, "creativity": 5, "consistency": 8}


def kind(text: str, times: int) -> dict[str, int]:
    return GOOD


def judge(endpoint: Endpoint, **others: object) -> Judge:
    return Judge(endpoint.url, "judge", **({"patience": 0.5, "tries": 4} | others))  # type: ignore[arg-type]


def test_every_story_is_graded_in_every_trial(tmp_path: Path) -> None:
    with served(kind) as endpoint:
        answers = list(graded(judge(endpoint), STORIES, 3, tmp_path / "scores.jsonl"))
    assert len(answers) == 12
    scores = table(tmp_path / "scores.jsonl")
    assert {score.asked for score in scores} == {
        ("judge", "go-mHC", story.story, trial) for story in STORIES for trial in (1, 2, 3)
    }
    assert all(getattr(score, name) == GOOD[name] for score in scores for name in CRITERIA)
    asked = endpoint.bodies[0]["response_format"]["json_schema"]
    assert asked["strict"]
    assert asked["schema"]["required"] == list(CRITERIA)


MOODS: dict[str, Mood] = {
    "busy": lambda text, times: GOOD if times > 2 else 429,
    "broken": lambda text, times: GOOD if times > 1 else 500,
    "slow": lambda text, times: GOOD if times > 1 else None,
    "confused": lambda text, times: GOOD if times > 2 else "I would say 7.",
    "out of range": lambda text, times: GOOD if times > 1 else GOOD | {"grammar": 11},
    "incomplete": lambda text, times: GOOD if times > 1 else {"grammar": 7},
    "no whole number": lambda text, times: GOOD if times > 1 else '{"grammar": 7.5, "creativity": 5, "consistency": 8}',
}


@pytest.mark.parametrize("mood", MOODS)
def test_what_passes_is_waited_out(mood: str, tmp_path: Path) -> None:
    with served(MOODS[mood]) as endpoint:
        answers = list(graded(judge(endpoint), STORIES, 1, tmp_path / "scores.jsonl"))
    assert [answer.failed for answer in answers] == [""] * 4
    assert len(table(tmp_path / "scores.jsonl")) == 4


def test_what_does_not_pass_is_told_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    ill = {STORIES[1].text, STORIES[2].text}
    with served(lambda text, times: 401 if text in ill else GOOD) as endpoint:
        answers = list(graded(judge(endpoint), STORIES, 1, tmp_path / "scores.jsonl"))
    failed = [answer for answer in answers if answer.score is None]
    assert {answer.story.text for answer in failed} == ill
    assert all("AuthenticationError" in answer.failed for answer in failed)
    with served(kind) as endpoint:
        again = judge(endpoint)
        assert len(open_questions(again, STORIES, 1, tmp_path / "scores.jsonl")) == 2
        assert len(list(graded(again, STORIES, 1, tmp_path / "scores.jsonl"))) == 2
    assert set(endpoint.asked) == ill
    assert len(table(tmp_path / "scores.jsonl")) == 4


def test_a_run_that_was_stopped_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    out = tmp_path / "scores.jsonl"
    with served(kind) as endpoint:
        first = graded(judge(endpoint, at_once=1), STORIES, 2, out)
        for _ in range(3):
            next(first)
        first.close()
        kept = table(out)
        assert len(kept) == len(endpoint.answered)  # what was under way counts
        with out.open("a", encoding="utf-8") as file:
            file.write('{"judge": "judge", "mod')  # and killed while it wrote
        rest = list(graded(judge(endpoint), STORIES, 2, out))
    assert len(rest) == 8 - len(kept)
    assert len(table(out)) == 8


def test_answers_of_two_files_put_together_are_kept_and_what_is_none_stops_before_anything_is_lost(
    tmp_path: Path,
) -> None:
    out = tmp_path / "scores.jsonl"
    with served(kind) as endpoint:
        list(graded(judge(endpoint), STORIES, 2, out))
        lines = out.read_text().splitlines()
        out.write_text("\n\n".join(lines))  # a blank line between any two, and none is ended
        assert len(table(out)) == 8
        assert not list(graded(judge(endpoint), STORIES, 2, out))
        assert out.read_text().splitlines() == lines
        out.write_text("\n".join([*lines[:4], lines[4][:20], *lines[5:]]))
        for read in (lambda: table(out), lambda: list(graded(judge(endpoint), STORIES, 2, out))):
            with pytest.raises(ValueError, match=r"line 5 of .* is no JSON"):
                read()
        assert len(out.read_text().splitlines()) == 8
        begun = lines[4].replace('"story": "', '"story": "ü').encode()
        out.write_bytes("\n".join([*lines[:4], ""]).encode() + begun[: begun.index("ü".encode()) + 1])
        assert len(table(out)) == 4  # killed in the middle of a letter, too
        assert len(list(graded(judge(endpoint), STORIES, 2, out))) == 4


def test_questions_keep_their_distance(tmp_path: Path) -> None:
    """At 1,200 a minute, eight take 0.35 s or more; how much more is not for a test to say."""
    import time

    with served(kind) as endpoint:
        began = time.monotonic()
        list(graded(judge(endpoint, per_minute=1200, at_once=8), STORIES, 2, tmp_path / "scores.jsonl"))
        assert time.monotonic() - began >= 7 * 60 / 1200


def test_what_it_will_cost_is_said_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stories.jsonl"
    path.write_text("".join(json.dumps(vars(story)) + "\n" for story in STORIES))
    with served(kind) as endpoint:
        ahead = estimated(open_questions(judge(endpoint), STORIES, 3, tmp_path / "none.jsonl"))
        assert ahead.questions == 12
        assert ahead.cost(2, 8) == pytest.approx((2 * ahead.tokens_in + 8 * 360) / 1e6)
        command = ["grade", str(path), "--base-url", endpoint.url, "--judge", "judge", "--trials", "3"]
        command += ["--out", str(tmp_path / "scores.jsonl"), "--price-in", "2", "--price-out", "8"]
        assert main([*command, "--estimate"]) == 0
        assert "12 questions" in capsys.readouterr().out
        assert not endpoint.asked
        assert main(command) == 0
        assert len(endpoint.asked) == 12
        assert main(command) == 0
        assert len(endpoint.asked) == 12


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no json", "line 1 of .* must be JSON with model, story and text"),
        ('{"model": "a", "story": "b"}', "line 1 of .* must be JSON"),
        ('{"model": "a", "story": "b", "text": " "}', "from 1 to 100,000 characters"),
        ('{"model": "a", "story": "", "text": "c"}', "line 1 of .*story must be text, not ''"),
        ('{"model": null, "story": "b", "text": "c"}', "line 1 of .*model must be text, not None"),
        ('{"model": "a", "story": "b", "text": "c\\ud800"}', "line 1 of .*text must be text in UTF-8"),
        ("[" * 200_000, "line 1 of .* must be JSON"),
        ("", "must hold from 1 to 100,000 stories, not 0"),
        ('{"model": "a", "story": "b", "text": "c"}\n' * 2, "names a story of one model twice"),
    ],
)
def test_stories_that_are_none_are_refused(
    content: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    (tmp_path / "s.jsonl").write_text(content)
    command = ["grade", str(tmp_path / "s.jsonl"), "--base-url", "http://127.0.0.1:9", "--judge", "j", "--out", "x"]
    assert main(command) == 2
    assert re.search(sentence, capsys.readouterr().err)
    with pytest.raises(ValueError, match="http:// or https://"):
        Judge("ftp://x", "judge")
    with pytest.raises(ValueError, match="the judge's name must be text"):
        Judge("http://x", "")


def test_numbers_name_stories_too_and_a_file_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stories.jsonl"
    path.write_text('{"model": "a", "story": 1, "text": "c"}\n')
    assert [story.story for story in stories(path)] == ["1"]
    command = ["grade", str(path), "--base-url", "http://127.0.0.1:9", "--judge", "j", "--out"]
    for out in (tmp_path, path / "x" / "scores.jsonl"):
        assert main([*command, str(out)]) == 2
        assert str(out.parent) in capsys.readouterr().err
