"""The matrix behind a point of a plane: its spectrum, how sure it is, and how to take it along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.matrix import matrix_heatmap
from geometry.regions import karpelevich
from ui import frame
from ui.link import links
from ui.link.settings import coordinates
from ui.pointer import Click
from ui.tables import draw_spectrum
from ui.take import written
from ui.words import complex_number, search_ended
from ui.work import Work, carried_out

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from projectors import Projector
    from ui.spectrum.witnesses import Witness

TARGET = "pages/target_eigenvalue.py"


def sought(work: Work[Witness], place: DeltaGenerator) -> Witness | None:
    """Do the search, telling of it in that place -> what it found, if anything yet."""
    return carried_out("witness", {"": work}, place, missing="no matrix was found yet").results.get("")


def aim_link(label: str, target: complex) -> None:
    """Draw a link to *Target eigenvalue* with this target and all settings in force."""
    re, im = (f"{np.clip(part, -1, 1):.12g}" for part in (target.real, target.imag))
    st.page_link(TARGET, label=label, query_params=links.current() | {"re": re, "im": im})


def verdict(name: str, projector: Projector, target: complex, answer: Witness) -> str:
    """Method, its projector, target and witness -> a sentence on whether it reaches the target."""
    if answer.solved:
        return f"**{name} reaches it**: the matrix shown has this eigenvalue within {answer.residual:.0e}."
    if not answer.exists:
        return (
            f"**{name} gave no doubly stochastic matrix**: the sums of all that were tried are off by more than 1e-8. "
            "It is not exact, and has no witness."
        )
    return (
        f"**{name} was not seen to reach it**: the search {search_ended(answer.ended)}. The nearest eigenvalue "
        f"found is {complex_number(answer.eigenvalue)}, {answer.residual:.6f} away. {_why(projector, target)}"
    )


def _why(projector: Projector, target: complex) -> str:
    """projector, a target that was not reached -> whether theory says that it cannot be."""
    from geometry.reach.known import not_excluded, possible, symmetric
    from geometry.reach.search.attempts import TOLERANCE

    point, region = np.array([target]), karpelevich(projector.n)
    if not region.contains(point, TOLERANCE)[0]:
        return f"**Nothing can**: by a theorem all eigenvalues lie within the {region.name}."
    if not possible(projector, point, TOLERANCE)[0]:
        return f"**It cannot**: by a theorem its eigenvalues are real, or within the {not_excluded(projector).name}."
    if not projector.parameter_count:
        return "**It cannot**: without parameters it makes a single matrix, and this is not among its eigenvalues."
    if abs(target.imag) > TOLERANCE and symmetric(projector):
        return "**It cannot**: its matrices are symmetric, so that all their eigenvalues are real."
    return "A search that fails proves nothing."


def pick(click: Click) -> None:
    """Take the clicked point as the one whose matrix is shown."""
    if max(abs(click.x), abs(click.y)) <= 1.1:
        st.session_state["at"] = f"{click.x:g}~{click.y:g}"


def picked() -> complex | None:
    """Return the point whose matrix is shown, if there is one."""
    numbers = coordinates(st.session_state["at"])
    return complex(numbers[0], numbers[1]) if numbers else None


def forget() -> None:
    """Show no matrix any more."""
    st.session_state["at"] = ""


def draw(name: str, projector: Projector, target: complex, found: Witness, key: str = "witness") -> None:
    """Draw the matrix that was found for a point, its numbers, and the ways to take it along."""
    st.header(f"The matrix at λ = {complex_number(target, 'g')}")
    if not found.exists:
        st.markdown(verdict(name, projector, target, found))
        st.button("Close", key=f"_close_{key}", on_click=forget)
        return
    left, right = st.columns([5, 7], gap="medium")
    with left, st.container(key=f"square_{key}"):
        picture = matrix_heatmap(found.matrix, style=frame.style())
        frame.chart(picture, f"matrix_{key}", f"Matrix of {name} with the eigenvalue nearest to the point", fills=True)
    with right:
        st.markdown(verdict(name, projector, target, found))
        sums = max(abs(found.matrix.sum(axis) - 1).max() for axis in (0, 1))
        st.caption(
            "The eigenvalues are computed anew by LAPACK from the matrix that the method's own parameters give; "
            f"its rows and columns sum to 1 within {sums:.0e}."
        )
        draw_spectrum(found.spectrum)
        with st.container(horizontal=True, vertical_alignment="center"):
            aim_link("Open in Target eigenvalue", target)
            st.button("Close", key=f"_close_{key}", on_click=forget)
    copies(found.matrix)


def copies(matrix: NDArray[np.float64]) -> None:
    """Draw a matrix as text, each with a button that copies it."""
    forms = {"NumPy": ("python", written.numpy), "LaTeX": ("latex", written.latex), "CSV": (None, written.table)}
    for tab, (language, write) in zip(st.tabs(list(forms)), forms.values(), strict=True):
        tab.code(write(matrix), language=language, wrap_lines=True)
