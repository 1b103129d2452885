"""A survey of 100,000 matrices at n = 4, s = 2 against the unstreamed way; and how soon its first numbers come."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import torch

from benchmarks.harness import THREADS, pair, report, seconds
from geometry.parts import last
from geometry.sampling import MEASURES, Measure, sample
from geometry.survey import survey
from projectors import Orthostochastic

BASELINES = {
    "survey": "geometry.sampling.sample of all matrices, numpy.linalg.eigvals, numpy.histogram2d",
    "first": "none: seconds until the first survey of a stream of 100,000 is there",
}
COUNT, BINS, EXTENT = 100_000, 201, 1.05


def unstreamed(measure: Measure) -> np.ndarray:
    values = np.linalg.eigvals(sample(Orthostochastic(4, 2), COUNT, measure).numpy()).ravel()
    edges = np.linspace(-EXTENT, EXTENT, BINS + 1)
    return np.histogram2d(values.imag, values.real, bins=(edges, edges))[0]


def streamed(measure: Measure) -> np.ndarray:
    return last(survey(Orthostochastic(4, 2), COUNT, measure, bins=BINS)).density.counts


def whole(measure: Measure) -> dict[str, Any]:
    """Measure -> the time of a whole survey, after checking that both ways count the same up to cells' edges."""
    ours, plain = streamed(measure), unstreamed(measure)
    half = BINS // 2
    plain[half, np.rint(half + 1 / (2 * EXTENT / BINS)).astype(int)] -= COUNT  # the Perron roots, which ours leaves out
    assert abs(ours.sum() - plain.sum()) <= 10, (ours.sum(), plain.sum())
    assert np.abs(ours - plain).sum() < 0.01 * ours.sum(), np.abs(ours - plain).sum()
    times = pair(lambda: streamed(measure), lambda: unstreamed(measure), repeats=5, patience=6)
    return {"what": "survey", "n": 4, "s": 2, "measure": measure, "seconds": times["ours_ms"] / 1e3, **times}


def first(n: int, s: int) -> dict[str, Any]:
    """N, s -> how long one waits for the first survey of the initial measure."""
    stream = survey(Orthostochastic(n, s), COUNT, "initial")
    waited = seconds(lambda: next(stream))
    return {"what": "first", "n": n, "s": s, "measure": "initial", "seconds": waited}


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    corners = [*product(range(2, 17), (1, 8)), *product((4, 8, 16), (2, 4)), (64, 1), (64, 2), (64, 8)]
    report("survey", BASELINES, [*map(whole, MEASURES), *(first(n, s) for n, s in corners)])
