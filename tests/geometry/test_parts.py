"""The last part of a result, without all those before it."""

import gc
import weakref

import pytest

from geometry.parts import last


class Part:
    """Something that may be seen to die."""


def test_no_more_than_two_parts_are_alive():
    alive, seen = [], []

    def made():
        for _ in range(20):
            part = Part()
            alive.append(weakref.ref(part))
            yield part
            gc.collect()
            seen.append(sum(each() is not None for each in alive))

    assert last(made()) is alive[-1]()
    assert max(seen) <= 2


def test_without_a_part_there_is_no_last():
    with pytest.raises(IndexError):
        last([])
