"""Stories and the scores that judges gave them, as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from networks.whole_files import json_lines
from projectors.checks import whole_number

CRITERIA = ("grammar", "creativity", "consistency")
"""What stories are graded for, as in Table 3 of [goMHC2026]."""

LOWEST, HIGHEST = 1, 10
LONGEST_STORY, MOST_STORIES, MOST_SCORES = 100_000, 100_000, 1_000_000


@dataclass(frozen=True)
class Story:
    """A text to grade: which model wrote it, and under what name it is known.

    Raises ValueError for what could not be written, or not be read again, once it was asked about.
    """

    model: str
    story: str
    text: str

    def __post_init__(self) -> None:
        for field in fields(self):
            words(getattr(self, field.name), field.name)


@dataclass(frozen=True)
class Score:
    """What a judge said of a story by a model in one of several independent trials, from 1 to 10 for each criterion.

    Raises ValueError for anything but whole numbers in that range.
    """

    judge: str
    model: str
    story: str
    trial: int
    grammar: int
    creativity: int
    consistency: int

    def __post_init__(self) -> None:
        whole_number(self.trial, "the trial", 1)
        for name in CRITERIA:
            whole_number(getattr(self, name), f"the score for {name}", LOWEST, HIGHEST)

    @property
    def asked(self) -> tuple[str, str, str, int]:
        """What tells one question to a judge from all others."""
        return self.judge, self.model, self.story, self.trial


def words(value: object, name: str) -> str:
    """Any object -> itself, or ValueError unless it is text, one letter at least, that a file can hold."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be text, not {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text in UTF-8, not {value[:60]!r}") from None
    return value


def stories(path: str | Path) -> list[Story]:
    """A .jsonl file of lines with model, story and text -> them. Raises ValueError, naming the line that is none."""
    found: list[Story] = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            story = Story(**{field.name: _named(given[field.name]) for field in fields(Story)})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"line {number} of {path} must be JSON with model, story and text: {error}") from error
        if not story.text.strip() or len(story.text) > LONGEST_STORY:
            raise ValueError(f"line {number} of {path} must have from 1 to {LONGEST_STORY:,} characters of text")
        found.append(story)
    if not 1 <= len(found) <= MOST_STORIES:
        raise ValueError(f"{path} must hold from 1 to {MOST_STORIES:,} stories, not {len(found):,}")
    if len({(story.model, story.story) for story in found}) < len(found):
        raise ValueError(f"{path} names a story of one model twice")
    return found


def table(path: str | Path) -> list[Score]:
    """A .csv file with the columns of `Score`, or a .jsonl file of `grade` -> the scores, each question once.

    Raises ValueError, naming the line, for what is missing, no number, out of range, or there twice.
    """
    if str(path).endswith(".jsonl"):
        return rows_to_scores(json_lines(Path(path)), str(path))
    return from_csv(_text(path), str(path))


def from_csv(text: str, name: str) -> list[Score]:
    """The text of a .csv file, and its name -> the scores in it; errors as `table` says."""
    try:
        return rows_to_scores(csv.DictReader(io.StringIO(text, newline="")), name)
    except csv.Error as error:
        raise ValueError(f"{name} is no CSV: {error}") from error


def rows_to_scores(rows: Iterable[dict[str, Any]], name: str) -> list[Score]:
    """Rows by column, and the name of what they are from -> scores; errors as `table` says."""
    names, found, seen = [field.name for field in fields(Score)], [], set()
    for number, row in enumerate(rows, 1):
        if number > MOST_SCORES:
            raise ValueError(f"{name} must hold at most {MOST_SCORES:,} scores")
        if missing := [column for column in names if row.get(column) in (None, "")]:
            raise ValueError(f"row {number} of {name} has no {', '.join(missing)}; wanted are {', '.join(names)}")
        try:
            given = {column: row[column] for column in ("trial", *CRITERIA)}
            numbers = {column: _whole(cell) if isinstance(cell, str) else cell for column, cell in given.items()}
            score = Score(str(row["judge"]), str(row["model"]), str(row["story"]), **numbers)
        except ValueError as error:
            raise ValueError(f"row {number} of {name}: {error}") from error
        if score.asked in seen:
            raise ValueError(f"row {number} of {name} is a second answer to {score.asked}")
        seen.add(score.asked)
        found.append(score)
    if not found:
        raise ValueError(f"{name} holds no scores")
    return found


def _named(value: object) -> Any:
    """What a file of stories holds -> the same, but a number, by which many know their stories, as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(cell: str) -> int:
    if "_" in cell:  # which Python takes, as in its own programs
        raise ValueError(f"{cell!r} is no whole number")
    return int(cell)


def line(score: Score) -> str:
    """Score -> a line of JSON."""
    return json.dumps(asdict(score), ensure_ascii=False) + "\n"


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as text: {type(error).__name__}") from error
