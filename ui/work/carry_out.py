"""The one way in which pages do long work: Start if it is long, progress, time to go, Cancel, a deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st

from ui.words import duration
from ui.work import limits, session
from ui.work.flight import Waiting
from ui.work.pace import Paced
from ui.work.store import is_kept, store
from ui.work.work import Work

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Outcome(Generic[T]):
    """Results by label, as far as they came; `finished` if all of them did."""

    results: Mapping[str, T]
    finished: bool


def carried_out(
    slot: str,
    works: Mapping[str, Work[T]],
    place: DeltaGenerator,
    draw: Callable[[Mapping[str, T], bool], None] | None = None,
    *,
    what: str = "This takes",
    missing: str = "the result is not complete",
) -> Outcome[T]:
    """Works by label -> their results, one after the other; `draw` shows what there is and whether it is all.

    `slot` names the place on the page: work there replaces what was left there before. `place`, an empty element above
    the picture, shows a button where all of it takes longer than 20 s, and `what` that is; then progress, time to go
    and Cancel; and in the end, where results are partial, why, what is `missing`, and how to go on.
    """
    if not works:
        return Outcome({}, True)
    key = tuple((label, work.key) for label, work in works.items())
    if (left := session.left(slot, key)) is not None:
        outcome: Outcome[T] = Outcome(left.results, False)
    elif _to_be_started(slot, key, works, place, what):
        return Outcome({}, False)
    else:
        outcome, left = _worked(slot, key, works, place, draw)
    if draw is not None and (outcome.results or outcome.finished):
        draw(outcome.results, outcome.finished)
    if left is not None:
        _offer(slot, left, place, missing)
    return outcome


def _to_be_started(slot: str, key: Any, works: Mapping[str, Work[T]], place: DeltaGenerator, what: str) -> bool:
    """Whether the work is long and nobody has asked for it yet; if so, offer to start it."""
    unknown = [work for work in works.values() if not is_kept(work.key)]
    seconds = sum(work.seconds for work in unknown)
    if session.asked("started", key) or (seconds <= limits.UNASKED and all(work.unasked for work in unknown)):
        return False
    with place.container():
        st.info(f"{what} about {duration(seconds)} on an idle machine, and can be cancelled.")
        st.button("Start", type="primary", key=f"_start_{slot}", on_click=partial(session.ask, "started", key))
    return True


def _worked(
    slot: str,
    key: Any,
    works: Mapping[str, Work[T]],
    place: DeltaGenerator,
    draw: Callable[[Mapping[str, T], bool], None] | None,
) -> tuple[Outcome[T], session.Left | None]:
    """Do the work -> its results, and what is left of it if a deadline cut it off."""
    patient = session.asked("patient", key)
    pace, bar, cut = Paced(), _Bar(slot, place, len(works)), False
    results: dict[str, T] = {}
    for number, (label, work) in enumerate(works.items()):
        begun, deadline = perf_counter(), limits.LONG if patient else limits.SHORT * work.patience
        parts = store().parts(work.key, work.make, work.finished)
        with closing(parts):
            for part in parts:
                fresh = not isinstance(part, Waiting)
                if not isinstance(part, Waiting):
                    results = {**results, label: part}
                    if work.finished(part):
                        break
                session.note(slot, key, results)
                bar.show(number, label, work, results.get(label))
                if draw is not None and fresh and pace.due():
                    draw(results, False)
                if perf_counter() - begun > deadline:
                    cut = True
                    break
    place.empty()
    session.done(slot)
    if cut:
        session.leave(slot, key, results, "cut off")
    return Outcome(results, not cut), session.left(slot, key)


class _Bar:
    """The progress of works one after the other, and the button that cancels them; drawn once there is need of it."""

    def __init__(self, slot: str, place: DeltaGenerator, count: int) -> None:
        self._slot, self._place, self._count = slot, place, count
        self._bar: DeltaGenerator | None = None
        self._begun = perf_counter()
        self._found: float | None = None  # the share that others had done before

    def show(self, number: int, label: str, work: Work[T], part: T | None) -> None:
        spent = perf_counter() - self._begun
        share = min(1.0, max(0.0, (number + (work.share(part) if part is not None else 0)) / self._count))
        self._found = share if self._found is None else self._found
        if self._bar is None:
            if spent < limits.UNSEEN:
                return
            with self._place.container(horizontal=True, vertical_alignment="center"):
                self._bar = st.empty()
                st.button("Cancel", key=f"_cancel_{self._slot}", on_click=partial(session.cancel, self._slot))
        words = [label] if label else []
        words += [work.told(part)] if part is not None else ["beginning"]
        if spent > 1:
            words.append(time_told(spent, share, self._found))
        self._bar.progress(share, "; ".join(words))


def time_told(spent: float, share: float, found: float = 0.0) -> str:
    """Seconds spent, share done by now and before -> what is to go or, where that cannot be said, what is spent."""
    if share - found > 0.02 and (ahead := spent * (1 - share) / (share - found)) >= 1:
        return f"{duration(ahead)} to go"
    return f"{duration(spent)} so far"


def _offer(slot: str, left: session.Left, place: DeltaGenerator, missing: str) -> None:
    """Say why results are partial, and offer to go on."""

    def go_on() -> None:
        session.done(slot)
        if left.why == "cut off":
            session.ask("patient", left.key)

    with place.container():
        told = "Cancelled" if left.why == "cancelled" else "The search was cut off"
        st.info(f"Partial. {told}: {missing}.")
        label = "Start again" if left.why == "cancelled" else f"Search on, up to {duration(limits.LONG)}"
        st.button(label, key=f"_go_on_{slot}", on_click=go_on)
