"""How often a growing picture is drawn anew."""

from __future__ import annotations

from time import perf_counter


class Paced:
    """Says when it is time to draw again: at once, then after longer pauses, because a redraw costs a blink."""

    def __init__(self, pause: float = 0.7, longest: float = 5.0) -> None:
        self._pause, self._longest = pause, longest
        self._next = 0.0

    def due(self) -> bool:
        """Return whether to draw now."""
        now = perf_counter()
        if now < self._next:
            return False
        self._next = now + self._pause
        self._pause = min(2 * self._pause, self._longest)
        return True
