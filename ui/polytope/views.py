"""The widgets that choose a view of the polytope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.link import links, settings
from ui.link.parsers import Value
from ui.mirror import mirror

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
    from geometry.slices import CyclicPlane, OddPlane

    kind = _kind("plane", "Plane through", PLANES, planes(n), VIEW_HELP)
    if kind == "chosen":
        return _permutations("chosen", n, 3)
    if kind == "odd":
        return OddPlane()
    highest, wanted = max(1, (n - 1) // 2), st.session_state["frequency"]
    if wanted > highest:
        st.caption(f"Frequency {wanted} comes back at an n that has it; here they end at {highest}.")
    if highest == 1:
        return CyclicPlane(n)
    _show("frequency", min(wanted, highest))
    help_text = "m in z = Σ c_k exp(2πi mk/n); m = 1 is the n-gon."
    drawn = st.number_input(
        "Frequency m", 1, highest, key="_frequency_shown", on_change=_keep, args=("frequency",), help=help_text
    )
    return CyclicPlane(n, int(drawn))


def space_choice(n: int) -> View | None:
    """Draw the widgets for a space of n x n matrices -> the view, or None where there is none."""
    from geometry.slices import CyclicSpace, DiagonalSpace, KleinSpace, Order3Space

    if not spaces(n):
        return None
    match _kind("space", "Space through", SPACES, spaces(n), SPACE_HELP):
        case "chosen":
            return _permutations("corners", n, 4)
        case "order3":
            turns = "Turns the odd plane in 4-D."
            return Order3Space(st.slider("Odd direction", 0, 175, step=5, key="odd", format="%d°", help=turns))
        case "diagonal":
            return DiagonalSpace()
        case "klein":
            return KleinSpace()
        case _:
            return CyclicSpace(n)


def _kind(key: str, label: str, names: dict[str, str], options: list[str], help_text: str) -> str:
    """Draw the choice among views -> its key; one that does not exist at this n gives way to the first meanwhile."""
    wanted = st.session_state[key]
    _show(key, wanted if wanted in options else options[0])
    shown = st.selectbox(
        label,
        options,
        format_func=names.__getitem__,
        key=f"_{key}_shown",
        on_change=_keep,
        args=(key,),
        help=help_text,
    )
    if wanted not in options and wanted != links.DEFAULTS[key]:
        st.caption(f"The view *{names[wanted]}* comes back at an n that has it.")
    return str(shown)


def _show(key: str, value: Value) -> None:
    """Let the widget of a setting show a value without changing the setting: it comes back when n allows it again."""
    mirror(f"_{key}_shown", value)


def _keep(key: str) -> None:
    st.session_state[key] = st.session_state[f"_{key}_shown"]


def _permutations(key: str, n: int, count: int) -> View:
    """Draw the text field for permutations of 1..n -> the view through them; unusable ones give way to the usual."""
    from geometry.slices import DependentPermutationsError, PermutationView

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
        return PermutationView(tuple(usual[:count]))
    orders = tuple(tuple(int(digit) - 1 for digit in word) for word in text.split() if word.isdecimal())
    reason = f"{count} permutations of 1…{n} are needed"
    if len(orders) == count and len(orders[0]) == n:
        try:
            return PermutationView(orders)
        except DependentPermutationsError:
            reason = "their matrices are not affinely independent"
        except ValueError:
            pass  # no permutations: the reason stands
    st.warning(f"{links.shown(text)} cannot be used: {reason}. The usual ones are shown.")
    return PermutationView(tuple(usual[:count]))
