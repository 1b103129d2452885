"""Surveys as pages need them: streamed while they run, kept when they are done."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from geometry.survey import Survey
    from projectors import Projector

KEPT = 64
"""Finished surveys kept for all visitors, about 0.3 MB each."""


class _Finished:
    """A bounded store of finished surveys, shared by all sessions. Streamlit's own cache cannot fill up step by step,
    and it would take Orthostochastic(4, 2) and Unistochastic(4, 2) for equal: it hashes a dataclass by its fields.
    """

    def __init__(self) -> None:
        self._surveys: OrderedDict[tuple[object, ...], Survey] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> Survey | None:
        with self._lock:
            if key in self._surveys:
                self._surveys.move_to_end(key)
            return self._surveys.get(key)

    def put(self, key: tuple[object, ...], survey: Survey) -> None:
        with self._lock:
            self._surveys[key] = survey
            while len(self._surveys) > KEPT:
                self._surveys.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _finished() -> _Finished:
    return _Finished()


def stream(projector: Projector, count: int, measure: str, seed: int, bins: int = 201) -> Iterator[Survey]:
    """projector, count -> surveys of ever more matrices, or at once the finished one if somebody has asked before."""
    from geometry.survey import survey

    key = (projector, count, measure, seed, bins)
    done = _finished().get(key)
    if done is None:
        for part in survey(projector, count, measure, seed, bins=bins):  # type: ignore[arg-type]
            done = part
            if done.matrices < count:
                yield done
        assert done is not None
        _finished().put(key, done)
    yield done


def finished(
    projector: Projector, count: int, measure: str, seed: int, bins: int, bar: DeltaGenerator, name: str
) -> Survey:
    """projector, count -> its finished survey; `bar` shows the progress of `name` meanwhile."""
    for survey in stream(projector, count, measure, seed, bins):
        bar.progress(survey.matrices / count, f"{name}: {survey.matrices:,} of {count:,} matrices")
    bar.empty()
    return survey


def expected_seconds(projectors: Iterable[Projector], count: int) -> float:
    """Projectors, count -> about how long their surveys take on two cores: good to a factor of three."""
    return sum((projector.flops + 25 * projector.n**3) * count / 6e9 for projector in projectors)


class Paced:
    """Says when it is time to draw again: at once, then after ever longer pauses, because a redraw costs a blink."""

    def __init__(self, pause: float = 0.7) -> None:
        self._pause = pause
        self._next = 0.0

    def due(self) -> bool:
        """Return whether to draw now."""
        now = perf_counter()
        if now < self._next:
            return False
        self._next = now + self._pause
        self._pause *= 2
        return True
