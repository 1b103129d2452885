"""The widgets that choose a view of the polytope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import links, settings
from ui.parsers import Value
from ui.store import kept

if TYPE_CHECKING:
    from geometry.slices import View

PLANES = {"cyclic": "cyclic group", "odd": "odd permutations", "chosen": "your permutations"}
SPACES = {
    "klein": "Klein four-group",
    "cyclic": "cyclic group",
    "order3": "even plane, odd direction",
    "diagonal": "diagonal",
    "chosen": "your permutations",
}
VIEW_HELP = """
- **cyclic group**: the powers of an n-cycle, Fourier coordinates of c_k = ⟨Pᵏ, B⟩/n.
- **odd permutations** (n = 3): the plane orthogonal to that.
- **your permutations**: any three or four, orthonormalised.
"""
SPACE_HELP = """
- **Klein four-group** (n = 4): go-mHC fills all of it at s = 1.
- **cyclic group**: a tetrahedron at n = 4, three of the Fourier coordinates beyond.
- **even plane, odd direction** (n = 3): the polytope is the hull of two triangles in orthogonal planes.
- **diagonal** (n = 3): the three diagonal entries.
- **your permutations**: any four, orthonormalised.
"""


def planes(n: int) -> list[str]:
    """n -> the plane views that exist there."""
    return ["cyclic"] + (["odd"] if n == 3 else []) + (["chosen"] if 3 <= n <= settings.LARGEST_CHOSEN else [])


def spaces(n: int) -> list[str]:
    """n -> the views in space that exist there."""
    own = {3: ["order3", "diagonal"], 4: ["klein", "cyclic"]}.get(n, ["cyclic"] if n > 4 else [])
    return own + (["chosen"] if 3 <= n <= settings.LARGEST_CHOSEN else [])


def plane_choice(n: int) -> View:
    """Draw the widgets for a plane of n x n matrices -> the view."""
    kind = _kind("plane", "Plane through", PLANES, planes(n), VIEW_HELP)
    if kind == "chosen":
        return _view(kind, n, _permutations("chosen", n, 3))
    highest = max(1, (n - 1) // 2)
    if kind == "odd" or highest == 1:
        return _view(kind, n)
    _show("frequency", min(st.session_state["frequency"], highest))
    help_text = "m in z = Σ c_k exp(2πi mk/n); m = 1 is the n-gon."
    drawn = st.number_input(
        "Frequency m", 1, highest, key="frequency_shown", on_change=_keep, args=("frequency",), help=help_text
    )
    return _view(kind, n, int(drawn))


def space_choice(n: int) -> View | None:
    """Draw the widgets for a space of n x n matrices -> the view, or None where there is none."""
    if not spaces(n):
        return None
    kind = _kind("space", "Space through", SPACES, spaces(n), SPACE_HELP)
    if kind == "chosen":
        return _view("chosen", n, _permutations("corners", n, 4))
    if kind == "order3":
        st.slider("Odd direction", 0, 175, step=5, key="odd", format="%d°", help="Turns the odd plane in 4-D.")
        return _view(kind, n, int(st.session_state["odd"]))
    return _view(f"{kind} space", n)


def _kind(key: str, label: str, names: dict[str, str], options: list[str], help_text: str) -> str:
    """Draw the choice among views -> its key; one that does not exist at this n gives way to the first meanwhile."""
    wanted = st.session_state[key]
    _show(key, wanted if wanted in options else options[0])
    return str(
        st.selectbox(
            label,
            options,
            format_func=names.__getitem__,
            key=f"{key}_shown",
            on_change=_keep,
            args=(key,),
            help=help_text,
        )
    )


def _show(key: str, value: Value) -> None:
    """Let the widget of a setting show a value without changing the setting: it comes back when n allows it again."""
    st.session_state[f"{key}_shown"] = value


def _keep(key: str) -> None:
    st.session_state[key] = st.session_state[f"{key}_shown"]


def _permutations(key: str, n: int, count: int) -> tuple[tuple[int, ...], ...]:
    """Draw the text field for permutations of 1..n -> them, counted from 0; unusable ones give way to the usual."""
    from geometry.slices import permutation_view

    usual = [tuple(range(n)), *((*range(1, k), 0, *range(k, n)) for k in range(2, n + 1))]
    usual = [*usual, tuple(reversed(range(n)))] if n == 3 else usual
    text = st.text_input(
        f"{count} permutations of 1…{n}",
        key=key,
        max_chars=60,
        placeholder=" ".join("".join(str(place + 1) for place in order) for order in usual[:count]),
        help="In one-line notation, such as 213: row 1 has its 1 in column 2. Empty: the usual ones.",
    )
    if not text.strip():
        return tuple(usual[:count])
    orders = tuple(tuple(int(digit) - 1 for digit in word) for word in text.split() if word.isdecimal())
    try:
        if len(orders) != count or len(orders[0]) != n:
            raise ValueError(f"this view needs {count} permutations of 1…{n}")
        permutation_view(orders)
    except ValueError as error:
        reason = "their matrices are not affinely independent" if "affinely" in str(error) else "please check them"
        st.warning(f"{links.shown(text)} cannot be used: {count} permutations of 1…{n} are needed; {reason}.")
        return tuple(usual[:count])
    return orders


def _view(kind: str, n: int, detail: int | tuple[tuple[int, ...], ...] = 1) -> View:
    return kept(("view", kind, n, detail), lambda: _made(kind, n, detail))


def _made(kind: str, n: int, detail: int | tuple[tuple[int, ...], ...]) -> View:
    from geometry import slices

    if isinstance(detail, tuple):
        return slices.permutation_view(detail)
    match kind:
        case "odd":
            return slices.odd_view()
        case "order3":
            return slices.order3_space(np.radians(detail))
        case "diagonal space":
            return slices.diagonal_view()
        case "klein space":
            return slices.klein_view()
        case "cyclic space":
            return slices.cyclic_space(n)
        case _:
            return slices.cyclic_view(n, detail)


def closed_outline(corners: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Corners (k, 2) in order -> the closed line (k + 1,) through them."""
    line = corners[:, 0] + 1j * corners[:, 1]
    return np.append(line, line[:1])
