"""Grade stories by judges behind an endpoint, and say how far judges agree: python -m networks.judging --help."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from networks.judging.agreement import Agreement, between, means, within
from networks.judging.grading import Judge, estimated, graded, open_questions
from networks.judging.scores import CRITERIA, Score, stories, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Arguments -> exit status; what is wrong with them is said in a sentence."""
    given = _parser().parse_args(arguments)
    try:
        status: int = given.action(given)
    except (ValueError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command asks what is not answered yet.", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m networks.judging", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    grade = actions.add_parser("grade", help="ask a judge about stories")
    grade.add_argument("stories", type=Path, help="a .jsonl file of model, story and text")
    grade.add_argument(
        "--out", type=Path, required=True, help="a .jsonl file of answers; what it has is not asked again"
    )
    grade.add_argument("--base-url", required=True, help="such as https://api.openai.com/v1")
    grade.add_argument("--judge", required=True, help="the model's name there")
    grade.add_argument("--trials", type=int, default=3, help="independent gradings of each story")
    grade.add_argument("--at-once", type=int, default=4, help="questions side by side")
    grade.add_argument("--per-minute", type=float, default=0, help="questions a minute at most; 0: no bound")
    grade.add_argument("--tries", type=int, default=6)
    grade.add_argument("--patience", type=float, default=60, help="seconds to wait for an answer")
    grade.add_argument("--price-in", type=float, help="of a million tokens that are sent")
    grade.add_argument("--price-out", type=float, help="of a million tokens that come back")
    grade.add_argument("--estimate", action="store_true", help="say what it will take, and ask nothing")
    grade.set_defaults(action=_grade)
    agree = actions.add_parser("agree", help="say how far judges agree")
    agree.add_argument("scores", type=Path, nargs="+", help=".csv or .jsonl files of scores, by any number of judges")
    agree.set_defaults(action=_agree)
    return parser


def _grade(given: argparse.Namespace) -> int:
    judge = Judge(
        base_url=given.base_url,
        model=given.judge,
        key=os.environ.get("OPENAI_API_KEY", "none"),
        tries=given.tries,
        patience=given.patience,
        per_minute=given.per_minute,
        at_once=given.at_once,
    )
    told = stories(given.stories)
    ahead = estimated(open_questions(judge, told, given.trials, given.out))
    said = f"{ahead.questions:,} questions, about {ahead.tokens_in:,} tokens in and {ahead.tokens_out:,} out"
    if given.price_in is not None and given.price_out is not None:
        said += f", {ahead.cost(given.price_in, given.price_out):,.2f} at these prices"
    print(said)
    if given.estimate:
        return 0
    failed = 0
    for number, answer in enumerate(graded(judge, told, given.trials, given.out), 1):
        asked = f"{number:,} of {ahead.questions:,}: {answer.story.model}, {answer.story.story}, trial {answer.trial}"
        if answer.score is None:
            failed += 1
            print(f"{asked}: no score, {answer.failed}", file=sys.stderr)
        else:
            print(f"{asked}: {', '.join(str(getattr(answer.score, name)) for name in CRITERIA)}")
    if failed:
        print(f"{failed:,} have no score; the same command asks them again.", file=sys.stderr)
    return 1 if failed else 0


def _agree(given: argparse.Namespace) -> int:
    scores: list[Score] = [score for path in given.scores for score in table(path)]
    if len({score.asked for score in scores}) < len(scores):
        raise ValueError("an answer is in more than one of the files")
    print(f"| judge | model | {' | '.join(CRITERIA)} |\n|---|---|---|---|---|")
    for judge, models in means(scores).items():
        for model, numbers in models.items():
            print(f"| {judge} | {model} | {' | '.join(f'{numbers[name]:.2f}' for name in CRITERIA)} |")
    print(f"\n| judge | of its trials | {' | '.join(CRITERIA)} |\n|---|---|---|---|---|")
    for judge, found in within(scores).items():
        print(f"| {judge} | ICC(3,1) | {' | '.join(_told(found[name]) for name in CRITERIA)} |")
    pairs = between(scores)
    if pairs:
        print(f"\n| judges | of their means | {' | '.join(CRITERIA)} |\n|---|---|---|---|---|")
    for (one, other), both in pairs.items():
        for place, label in enumerate(("Spearman", "ICC(3,1)")):
            print(f"| {one}, {other} | {label} | {' | '.join(_told(both[name][place]) for name in CRITERIA)} |")
    return 0


def _told(found: Agreement) -> str:
    """0.71 (0.34 to 0.95), or a dash where there is nothing to say."""
    return "–" if found.value != found.value else f"{found.value:.3f} ({found.low:.2f} to {found.high:.2f})"


if __name__ == "__main__":
    sys.exit(main())
