"""Whose turn it is: no more than there are places, short work first, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ui.work import turns
from ui.work.turns import Turn, Turns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that stands still until it is moved on."""
    time = [0.0]
    monkeypatch.setattr(turns, "monotonic", lambda: time[0])

    def move(seconds: float) -> None:
        time[0] += seconds

    return move


def never() -> bool:
    return False


def waiting(place: Turns, count: int) -> None:
    """Wait until so many wait for a place."""
    while len(place._waiting) < count:
        pass


def queued(place: Turns, spent: list[float], move: Callable[[float], None], pause: float = 0.0) -> list[float]:
    """Works by the seconds they have spent, which come one after the other while the place is taken -> their order."""
    order: list[float] = []

    def work(seconds: float) -> None:
        assert place.enter(seconds, never)
        order.append(seconds)
        place.leave()

    assert place.enter(0, never)
    threads = [threading.Thread(target=work, args=(each,)) for each in spent]
    for number, thread in enumerate(threads):
        thread.start()
        waiting(place, number + 1)
        move(pause)
    place.leave()
    for thread in threads:
        thread.join(30)
    return order


def test_what_has_spent_least_goes_first(clock: Callable[[float], None]) -> None:
    assert queued(Turns(1), [5.0, 0.0, 3.0], clock) == [0.0, 3.0, 5.0]


def test_what_has_waited_as_long_as_it_had_spent_goes_before_what_comes_new(clock: Callable[[float], None]) -> None:
    assert queued(Turns(1), [5.0, 1.0, 0.0], clock, pause=4.0) == [5.0, 1.0, 0.0]


def test_as_many_as_there_are_places_work_at_a_time() -> None:
    place, inside, most = Turns(2), [0], [0]
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            assert place.enter(0, never)
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            with lock:
                inside[0] -= 1
            place.leave()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 1 <= most[0] <= 2


def test_a_long_piece_of_work_gives_way_between_its_steps(clock: Callable[[float], None]) -> None:
    place, order = Turns(1), []
    long = Turn(place, never)
    with long:
        assert not long.to_stop()
        short = threading.Thread(target=lambda: (place.enter(0, never), order.append("short"), place.leave()))
        short.start()
        waiting(place, 1)
        assert not long.to_stop()  # its portion is not over
        assert not order
        clock(2 * turns.PORTION)
        assert not long.to_stop()
        order.append("long")
        short.join(30)
    assert order == ["short", "long"]


def test_who_gives_up_while_waiting_holds_up_nobody() -> None:
    place = Turns(1)
    assert place.enter(0, never)
    assert not place.enter(0, lambda: True)
    place.leave()
    assert place.enter(1, never)
