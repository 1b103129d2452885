"""Ask a judge about stories: every question once answered, whatever the endpoint does meanwhile."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from networks.judging.scores import CRITERIA, HIGHEST, LOWEST, Score, Story, line, rows_to_scores, words
from networks.whole_files import json_lines, replaced
from projectors.checks import real_number, whole_number

TASK = f"""You grade short stories written by small language models. Give whole numbers from {LOWEST} to {HIGHEST} for
grammar (is the English correct?), creativity (is the story inventive?) and consistency (does it make sense, and does
the end follow from the beginning?). Answer with JSON only."""

SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST} for name in CRITERIA},
    "required": list(CRITERIA),
    "additionalProperties": False,
}

ANSWER_TOKENS, LETTERS_PER_TOKEN = 30, 4
"""About what an answer takes, and how many letters a token stands for: to tell the cost before it arises."""


@dataclass(frozen=True)
class Judge:
    """An endpoint that speaks OpenAI's chat protocol, and how it is asked.

    `model` names the judge there, and in the scores. An answer is waited for `patience` seconds; what fails for a
    reason that may pass (429, 500 and above, no connection, too slow) is tried `tries` times in all, each time after a
    longer wait, or as long as the endpoint says; an answer that is none, as often. No more than `per_minute` questions
    are asked a minute (0: as many as come), `at_once` of them side by side. Raises ValueError for numbers out of range,
    and for a judge without a name.
    """

    base_url: str
    model: str
    key: str = "none"
    tries: int = 6
    patience: float = 60.0
    per_minute: float = 0.0
    at_once: int = 4
    temperature: float = 1.0

    def __post_init__(self) -> None:
        words(self.model, "the judge's name")
        whole_number(self.tries, "tries", 1, 100)
        whole_number(self.at_once, "at_once", 1, 256)
        real_number(self.patience, "patience", 0, 3600, strictly=True)
        real_number(self.per_minute, "per_minute", 0, 1e6)
        real_number(self.temperature, "the temperature", 0, 2)
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError(f"the base URL must begin with http:// or https://, not {self.base_url!r}")


@dataclass(frozen=True)
class Estimate:
    """What a grading will take: questions that are not answered yet, and about so many tokens in and out."""

    questions: int
    tokens_in: int
    tokens_out: int

    def cost(self, price_in: float, price_out: float) -> float:
        """Prices of a million tokens in and out -> what all of it costs, in the same currency."""
        return (self.tokens_in * price_in + self.tokens_out * price_out) / 1e6


@dataclass(frozen=True)
class Answered:
    """One question: the score, or None and why there is none; it is asked again by the next run."""

    story: Story
    trial: int
    score: Score | None
    failed: str = ""


def open_questions(judge: Judge, stories: Sequence[Story], trials: int, out: Path) -> list[tuple[Story, int]]:
    """Judge, stories, trials, file of answers -> the questions that it has no answer to, trial by trial."""
    whole_number(trials, "trials", 1, 100)
    lines = list(json_lines(out))
    known = {score.asked for score in rows_to_scores(lines, str(out))} if lines else set()
    return [
        (story, trial)
        for trial in range(1, trials + 1)
        for story in stories
        if (judge.model, story.model, story.story, trial) not in known
    ]


def estimated(questions: Sequence[tuple[Story, int]]) -> Estimate:
    """Questions -> about what they will take."""
    letters = sum(len(TASK) + len(story.text) for story, _ in questions)
    return Estimate(len(questions), letters // LETTERS_PER_TOKEN, ANSWER_TOKENS * len(questions))


def graded(judge: Judge, stories: Sequence[Story], trials: int, out: str | Path) -> Iterator[Answered]:
    """Judge, stories, independent trials of each, file -> the answers as they come, each written before it is told.

    A second run asks what the first has no answer to, and nothing twice. Raises ValueError where `openai` is missing,
    or where the file holds something else.
    """
    out = Path(out)
    questions = open_questions(judge, stories, trials, out)
    client, pace = _client(judge), _Pace(judge.per_minute)
    out.parent.mkdir(parents=True, exist_ok=True)
    whole = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in json_lines(out))
    if out.exists() and out.read_bytes() != whole.encode():  # killed in the middle of a line, or of a letter
        replaced(out, whole)
    with out.open("a", encoding="utf-8") as file, ThreadPoolExecutor(judge.at_once) as pool:
        waiting = {pool.submit(_asked, client, pace, judge, story, trial) for story, trial in questions}
        try:
            for done in as_completed(set(waiting)):
                waiting.remove(done)
                _write(file, done.result())
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)
            for done in waiting:  # who stops here has paid for what was under way
                if not done.cancelled():
                    _write(file, done.result())


def _write(file: TextIO, answer: Answered) -> None:
    if answer.score is not None:
        file.write(line(answer.score))
        file.flush()


def _client(judge: Judge) -> Any:
    try:
        import openai
    except ImportError as error:
        raise ValueError("grading needs the openai client: pip install openai") from error
    return openai.OpenAI(
        base_url=judge.base_url, api_key=judge.key, max_retries=judge.tries - 1, timeout=judge.patience
    )


class _Pace:
    """Lets questions begin no closer together than so many a minute allow, whichever thread asks."""

    def __init__(self, per_minute: float) -> None:
        self.gap = 60 / per_minute if per_minute else 0.0
        self.lock, self.next = threading.Lock(), 0.0

    def wait(self) -> None:
        with self.lock:
            now = time.monotonic()
            begin = max(now, self.next)
            self.next = begin + self.gap
        time.sleep(begin - now)


def _asked(client: Any, pace: _Pace, judge: Judge, story: Story, trial: int) -> Answered:
    import openai

    reason = ""
    for _ in range(judge.tries):
        pace.wait()
        try:
            answer = client.chat.completions.create(
                model=judge.model,
                messages=[{"role": "system", "content": TASK}, {"role": "user", "content": story.text}],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "grades", "strict": True, "schema": SCHEMA},
                },
                temperature=judge.temperature,
            )
        except openai.OpenAIError as error:
            return Answered(story, trial, None, f"{type(error).__name__}: {str(error)[:200]}")
        except ValueError as error:  # an answer that is no JSON at all
            reason = f"the endpoint answered what is no JSON: {str(error)[:100]}"
            continue
        try:
            return Answered(story, trial, _score(answer, judge, story, trial))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            reason = f"the judge gave no grades: {str(error)[:200]}"
    return Answered(story, trial, None, reason)


def _score(answer: Any, judge: Judge, story: Story, trial: int) -> Score:
    """What the endpoint sent -> the score in it. Any of the errors caught above where there is none."""
    grades = json.loads(answer.choices[0].message.content)
    numbers = {name: grades[name] for name in CRITERIA}
    return Score(judge.model, story.model, story.story, trial, **numbers)
