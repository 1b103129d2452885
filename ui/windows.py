"""The part of a plane that a reader looks at: it stays while everything else changes, and belongs to the link."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import pointer
from ui.link.settings import SMALLEST_WINDOW, WHOLE_PLANE, coordinates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geometry.grid import Window
    from ui.pointer import Click, Look


@dataclass(frozen=True)
class Windowed:
    """A plane whose window is kept under this setting, and whose coordinates go by these two names."""

    setting: str
    re: str
    im: str

    @property
    def zoomed(self) -> bool:
        """Whether only a part of the plane is looked at."""
        return bool(st.session_state[self.setting])

    def chosen(self) -> Window:
        """Return the window that is looked at."""
        from geometry.grid import WHOLE, Window

        numbers = coordinates(st.session_state[self.setting])
        return Window(complex(numbers[0], numbers[1]), numbers[2]) if numbers else WHOLE

    def look(self, seen: Look) -> None:
        """Take what a reader looks at as the window; a view of nearly everything is one of everything."""
        if seen.x is None or seen.y is None:
            self.show_all()
            return
        half = max(seen.x[1] - seen.x[0], seen.y[1] - seen.y[0], 2 * SMALLEST_WINDOW) / 2
        re, im = (min(1.0, max(-1.0, sum(span) / 2)) for span in (seen.x, seen.y))
        st.session_state[self.setting] = "" if half >= WHOLE_PLANE else written(re, im, half)

    def show_all(self) -> None:
        """Look at everything."""
        st.session_state[self.setting] = ""

    def watch(self, charts: Sequence[str], on_click: Callable[[Click], None], grip: complex | None = None) -> None:
        """Let pointer and keys move the window of the charts in the containers of these keys, and click on them.

        What is looked at is written below it, if it is not everything, beside the way back.
        """
        pointer.watch("_hand", charts, on_click=on_click, on_look=self.look, plane=True, zoomed=self.zoomed, grip=grip)
        if self.zoomed:
            window = self.chosen()
            with st.container(horizontal=True, vertical_alignment="center"):
                re, im = f"{self.re} = {window.centre.real:g}", f"{self.im} = {window.centre.imag:g}"
                st.markdown(f"Window around {re}, {im}, ± {window.half:g}", width="content")
                st.button("Show all", key="_whole", on_click=self.show_all)


def written(re: float, im: float, half: float) -> str:
    """Centre and half the side of a window -> its text in a link, to a thousandth of its size."""
    digits = max(0, 3 - floor(log10(half)))
    return "~".join(f"{round(number, digits):.12g}" if number else "0" for number in (re, im, half))


def keyword(window: Window) -> str:
    """Window -> what a call in Python needs for it behind its other arguments: nothing for the whole."""
    return f", window={window!r}" if window.square else ""


def noted(window: Window) -> dict[str, str]:
    """Window -> its line of a picture's recipe; none for the whole."""
    re, im = window.centre.real, window.centre.imag
    return {"window": f"window {re:g}{im:+g}i within {window.half:g}"} if window.square else {}


def centre_array(window: Window) -> dict[str, NDArray[np.generic]]:
    """Window -> the array that says where its grid's centre is; none for the whole, whose centre is 0."""
    return {"centre": np.array(window.centre)} if window.square else {}


def centre_code(window: Window) -> list[str]:
    """Window -> Python that adds the same to `arrays`."""
    return [f'arrays["centre"] = np.array({window.centre!r})'] if window.square else []


SPECTRUM = Windowed("window", "Re λ", "Im λ")
"""The plane of eigenvalues, wherever it is shown."""

SLICE = Windowed("frame", "x", "y")
"""The plane through the polytope."""
