"""How far judges agree: with themselves over trials, and with each other."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from networks.judging.scores import CRITERIA, Score


@dataclass(frozen=True)
class Agreement:
    """A coefficient from -1 to 1 with its 95 % interval, and over how many stories; nan where it is not defined."""

    value: float
    low: float
    high: float
    stories: int


def icc(ratings: ArrayLike) -> Agreement:
    """Ratings (stories, raters) -> ICC(3,1), the consistency of single fixed raters [ShroutFleiss1979].

    (MS_R - MS_E) / (MS_R + (k - 1) MS_E) of a two-way analysis of variance; by `pingouin`. A rater who is always one
    point more severe agrees fully. Raises ValueError for fewer than 5 stories or 2 raters, and for what is not finite.
    """
    given = _matrix(ratings)
    stories, raters = given.shape
    if np.ptp(given) == 0 or np.ptp(given - given.mean(0), axis=None) < 1e-12:
        return Agreement(float("nan"), float("nan"), float("nan"), stories)  # nothing varies between stories
    frame = {
        "story": np.repeat(np.arange(stories), raters),
        "rater": np.tile(np.arange(raters), stories),
        "score": given.ravel(),
    }
    library = _pingouin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of divisions by 0 where raters agree fully
        found = library.intraclass_corr(_frame(frame), targets="story", raters="rater", ratings="score")
    row = found[found["Type"].isin(["ICC3", "ICC(C,1)"])].iloc[0]
    low, high = next(row[name] for name in ("CI95", "CI95%") if name in row)
    return Agreement(float(row["ICC"]), float(low), float(high), stories)


def spearman(one: ArrayLike, other: ArrayLike) -> Agreement:
    """Ratings (stories,) of two judges -> their rank correlation; by `pingouin`. Raises ValueError as `icc` does."""
    given = _matrix(np.stack([np.asarray(one, float), np.asarray(other, float)], -1))
    if (np.ptp(given, axis=0) == 0).any():
        return Agreement(float("nan"), float("nan"), float("nan"), len(given))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an infinite Fisher transform where ranks are the same
        row = _pingouin().corr(given[:, 0], given[:, 1], method="spearman").iloc[0]
    low, high = next(row[name] for name in ("CI95", "CI95%") if name in row)
    return Agreement(float(row["r"]), float(low), float(high), len(given))


def within(scores: Sequence[Score]) -> dict[str, dict[str, Agreement]]:
    """Scores -> by judge and criterion the ICC(3,1) of its trials, over the stories that have all of them (Table 3)."""
    found: dict[str, dict[str, Agreement]] = {}
    for judge in _judges(scores):
        mine = [score for score in scores if score.judge == judge]
        trials = sorted({score.trial for score in mine})
        by_story: dict[tuple[str, str], dict[int, Score]] = defaultdict(dict)
        for score in mine:
            by_story[score.model, score.story][score.trial] = score
        whole = [answers for answers in by_story.values() if len(answers) == len(trials)]
        found[judge] = {
            name: _or_none(lambda name=name, whole=whole, trials=trials: icc(_rows(whole, trials, name)))
            for name in CRITERIA
        }
    return found


def between(scores: Sequence[Score]) -> dict[tuple[str, str], dict[str, tuple[Agreement, Agreement]]]:
    """Scores -> by pair of judges and criterion, Spearman's rank correlation and the ICC(3,1) of both (Table 8).

    Of what each judge says of a story on average over its trials, over the stories that both have graded.
    """
    means: dict[str, dict[tuple[str, str], dict[str, float]]] = {}
    for judge in _judges(scores):
        by_story: dict[tuple[str, str], list[Score]] = defaultdict(list)
        for score in scores:
            if score.judge == judge:
                by_story[score.model, score.story].append(score)
        means[judge] = {
            story: {name: fmean(getattr(score, name) for score in answers) for name in CRITERIA}
            for story, answers in by_story.items()
        }
    found = {}
    for one, other in combinations(means, 2):
        shared = sorted(means[one].keys() & means[other].keys())
        pairs = {
            name: np.array([[means[judge][story][name] for judge in (one, other)] for story in shared])
            for name in CRITERIA
        }
        found[one, other] = {
            name: (
                _or_none(lambda pair=pair: spearman(pair[:, 0], pair[:, 1])),
                _or_none(lambda pair=pair: icc(pair)),
            )
            for name, pair in pairs.items()
        }
    return found


def means(scores: Sequence[Score]) -> dict[str, dict[str, dict[str, float]]]:
    """Scores -> by judge, model and criterion, the mean over stories and trials."""
    grouped: dict[str, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for score in scores:
        grouped[score.judge][score.model].append(score)
    return {
        judge: {
            model: {name: fmean(getattr(score, name) for score in answers) for name in CRITERIA}
            for model, answers in models.items()
        }
        for judge, models in grouped.items()
    }


def _rows(whole: Sequence[dict[int, Score]], trials: Sequence[int], name: str) -> NDArray[np.float64]:
    rows = [[getattr(answers[trial], name) for trial in trials] for answers in whole]
    return np.array(rows, float).reshape(-1, len(trials))


def _or_none(agreement: Any) -> Agreement:
    """What was asked for, or nan where there is too little to say."""
    try:
        found: Agreement = agreement()
    except ValueError:
        return Agreement(float("nan"), float("nan"), float("nan"), 0)
    return found


def _judges(scores: Sequence[Score]) -> list[str]:
    return list(dict.fromkeys(score.judge for score in scores))


def _matrix(ratings: ArrayLike) -> NDArray[np.float64]:
    given = np.asarray(ratings, float)
    if given.ndim != 2 or given.shape[0] < 5 or given.shape[1] < 2 or not np.isfinite(given).all():
        raise ValueError(f"ratings must be finite, of 5 stories and by 2 raters at least, not of shape {given.shape}")
    return given


def _pingouin() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pingouin
    except ImportError as error:
        raise ValueError("agreement needs pingouin: pip install pingouin") from error
    return pingouin


def _frame(columns: dict[str, NDArray[Any]]) -> Any:
    import pandas

    return pandas.DataFrame(columns)
