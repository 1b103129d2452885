"""Judges of stories: how far they agree with themselves and with each other, from a table of scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2s
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from figures.style import Style
from figures.training.agreement import Interval, agreement_intervals
from ui import frame
from ui.language.uploads import uploaded
from ui.link import links
from ui.own.visit import visit
from ui.tables import draw_table
from ui.take import Columns, Taken, row
from ui.words import sentence
from ui.work import Work, carried_out, kept

if TYPE_CHECKING:
    from networks.judging.agreement import Agreement
    from networks.judging.scores import Score

CRITERIA = ("grammar", "creativity", "consistency")
MOST_JUDGES = 12

RATINGS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
"""Six targets and four raters: table 2 of [ShroutFleiss1979]."""

QUANTITIES = {
    "trials": "ICC(3,1) of a judge's trials",
    "pairs": "ICC(3,1) of two judges' means",
    "ranks": "Spearman's rank correlation of two judges' means",
}

MEANT = (
    "Who grades stories, as in the paper's tables 3 and 6 to 8, should give a story the same grade twice. **ICC(3,1)** "
    "is the share of the differences between scores that are differences between stories: 1 if trials, or judges, "
    "agree but for severity, about 0 if scores say nothing of the story."
)


def example() -> str:
    """Return Shrout and Fleiss's ratings as a table of scores: all four as trials of one, and two by themselves."""
    lines = ["judge,model,story,trial,grammar,creativity,consistency"]
    for story, ratings in enumerate(RATINGS, 1):
        asked = [("four raters as trials", trial, rating) for trial, rating in enumerate(ratings, 1)]
        asked += [(f"rater {number}", 1, ratings[number - 1]) for number in (1, 3)]
        lines += [f"{judge},a model,{story},{trial}" + f",{rating}" * 3 for judge, trial, rating in asked]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class Choice:
    """Scores that were brought, what they are called and what tells them from others, and Python that reads them."""

    scores: tuple[Score, ...]
    word: str
    key: tuple[object, ...]
    code: str


@dataclass(frozen=True, eq=False)
class Agreed:
    """How far judges agree: by quantity, then by judge or pair, then by criterion; `why` there is none, or empty."""

    found: Mapping[str, Mapping[str, Mapping[str, Interval]]]
    why: str = ""


def choose() -> Choice | None:
    """Draw the uploader -> the scores in it, an example's without any; None where they cannot be read."""
    from networks.judging.scores import from_csv

    files = uploaded(
        "lm_scores",
        "Scores of stories",
        ["csv", "jsonl"],
        "Columns judge, model, story, trial, grammar, creativity, consistency, whole numbers from 1 to 10; or what "
        "`python -m networks.judging grade` writes.",
    )
    if not files:
        st.caption("Shown: six targets and four raters of Shrout and Fleiss (1979), whose ICC(3,1) is 0.71.")
        st.download_button("The example as a table to fill in", example, "scores.csv", "text/csv", on_click="ignore")
        read = f"from_csv({example()!r}, 'the example')"
        return Choice(tuple(from_csv(example(), "the example")), "example", ("example",), _code(read))
    digest = blake2s(b"".join(name.encode() + content for name, content in files.items()), digest_size=8).hexdigest()
    key = (("visit", visit().name), digest)
    try:
        scores = kept((*key, "scores"), lambda: read_scores(files))
    except UnicodeDecodeError:
        st.error("Scores are UTF-8 text; these are not.")
        return None
    except ValueError as error:
        st.error(sentence(error, 300))
        return None
    word = ", ".join(files)[:60]
    read = f"[score for name in {list(files)} for score in table(name)]"
    return Choice(scores, word, key, _code(read))


def read_scores(files: Mapping[str, bytes]) -> tuple[Score, ...]:
    """Files by name -> the scores in all of them. Raises ValueError for what is none, twice, or by too many judges."""
    from networks.judging.scores import from_csv, rows_to_scores
    from networks.whole_files import parsed_lines

    scores: list[Score] = []
    for name, content in files.items():
        text = content.decode("utf-8-sig")
        scores += rows_to_scores(parsed_lines(text, name), name) if name.endswith(".jsonl") else from_csv(text, name)
    if len({score.asked for score in scores}) < len(scores):
        raise ValueError("an answer is in more than one of the files")
    if len(judges := {score.judge for score in scores}) > MOST_JUDGES:
        raise ValueError(f"at most {MOST_JUDGES} judges are compared here; these files have {len(judges):,}")
    return tuple(scores)


def _code(read: str) -> str:
    """Python that reads scores -> Python that binds the same coefficients as are taken home."""
    return f"""
scores = {read}
arrays = {{}}
for judge, found in within(scores).items():
    for criterion, each in found.items():
        arrays[f"trials, {{judge}}, {{criterion}}"] = [each.value, each.low, each.high]
for (one, other), found in between(scores).items():
    for criterion, (ranks, means) in found.items():
        arrays[f"ranks, {{one}} and {{other}}, {{criterion}}"] = [ranks.value, ranks.low, ranks.high]
        arrays[f"pairs, {{one}} and {{other}}, {{criterion}}"] = [means.value, means.low, means.high]
"""


def work(choice: Choice) -> Work[Agreed]:
    """Choice -> how far its judges agree."""
    return Work(
        key=(*choice.key, "agreement"),
        make=lambda: map(agreed, [choice.scores]),
        finished=lambda _: True,
        share=lambda _: 1.0,
        told=lambda _: "done",
        seconds=5.0,
    )


def agreed(scores: tuple[Score, ...]) -> Agreed:
    """Scores -> how far their judges agree."""
    from networks.judging.agreement import between, within

    try:
        import pingouin  # noqa: F401
    except ImportError:
        return Agreed({}, "Agreement needs pingouin on the machine that serves this page: pip install pingouin.")
    trials, pairs, ranks = {}, {}, {}
    for judge, found in within(scores).items():
        trials[judge] = {name: _interval(each) for name, each in found.items()}
    for (one, other), both in between(scores).items():
        label = f"{one} and {other}"
        ranks[label] = {name: _interval(each) for name, (each, _) in both.items()}
        pairs[label] = {name: _interval(each) for name, (_, each) in both.items()}
    return Agreed({"trials": trials, "pairs": pairs, "ranks": ranks})


def _interval(found: Agreement) -> Interval:
    return found.value, found.low, found.high


def figure(found: Agreed, shows: str, style: Style, *, title: str | None = None) -> go.Figure:
    """What was found, which quantity -> the intervals that are known."""
    return agreement_intervals(known(found, shows), CRITERIA, style=style, title=title)


def known(found: Agreed, shows: str) -> dict[str, Mapping[str, Interval]]:
    """What was found, which quantity -> by judge or pair, where a coefficient exists for some criterion."""
    rows = found.found[shows].items()
    return {label: each for label, each in rows if any(isfinite(value) for value, _, _ in each.values())}


def take(choice: Choice, found: Agreed, shows: str) -> Taken:
    """All coefficients with their intervals."""
    title = f"{QUANTITIES[shows]}, {choice.word}"
    flat = [
        (kind, label, criterion, interval)
        for kind, by_label in found.found.items()
        for label, by_criterion in by_label.items()
        for criterion, interval in by_criterion.items()
    ]

    def columns() -> Columns:
        told: dict[str, list[object]] = {"quantity": [], "of": [], "criterion": [], "value": [], "low": [], "high": []}
        for kind, label, criterion, interval in flat:
            for name, each in zip(told, (QUANTITIES[kind], label, criterion, *interval), strict=True):
                told[name].append(each)
        return told

    return Taken(
        name="agreement",
        title=title,
        figure=partial(figure, found, shows, title=title),
        arrays={f"{kind}, {label}, {criterion}": np.array(interval) for kind, label, criterion, interval in flat},
        columns=columns,
        recipe={
            "scores": choice.word,
            **({} if choice.key[-1] == choice.word else {"digest": str(choice.key[-1])}),
            "shown": shows,
        },
        code=choice.code,
    )


def show() -> None:
    """Draw the judges: what they said on average, and how far they agree."""
    left, right = st.columns([10, 27], gap="medium")
    with left:
        choice = choose()
    links.write()
    if choice is None:
        return
    with right:
        outcome = carried_out("agreement", {"": work(choice)}, st.empty(), missing="agreement is missing")
        found = outcome.results.get("")
        if found is None or not outcome.finished:
            return
        if found.why:
            st.info(found.why)
        else:
            st.markdown(MEANT)
            for shows in found.found:
                if rows := known(found, shows):
                    st.subheader(QUANTITIES[shows])
                    told = "; ".join(f"{label}: {_told(each)}" for label, each in rows.items())
                    alt = f"{QUANTITIES[shows]}. {told}"
                    frame.chart(figure(found, shows, frame.style()), f"agreement_{shows}", alt, toolbar=False)
            if unknown := [label for label in found.found["trials"] if label not in known(found, "trials")]:
                st.caption(
                    f"No agreement with oneself is known of {', '.join(unknown)}: it takes five stories that differ, "
                    "each graded in several trials."
                )
        _means(choice.scores)
    if not found.why:
        row(take(choice, found, "trials" if known(found, "trials") else "pairs"))


def _told(each: Mapping[str, Interval]) -> str:
    return ", ".join(f"{name} {value:.2f} ({low:.2f} to {high:.2f})" for name, (value, low, high) in each.items())


def _means(scores: tuple[Score, ...]) -> None:
    from networks.judging.agreement import means

    st.subheader("What they said on average")
    rows = [
        {"judge": judge, "model": model, **numbers}
        for judge, models in means(scores).items()
        for model, numbers in models.items()
    ]
    shape = st.column_config.NumberColumn(format="%.2f")
    draw_table(rows, column_config=dict.fromkeys(CRITERIA, shape), height="content")
