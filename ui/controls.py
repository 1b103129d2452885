"""The widgets that choose a parameterization and a sample, linked to the URL and kept across pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from projectors import factorizations, table
from ui.glossary import explained
from ui.link import settings
from ui.link.parsers import Value
from ui.mirror import mirror

if TYPE_CHECKING:
    from projectors import Projector

MOST_AUTO, SOON = 300_000, 0.7
"""Eigenvalues of a picture that nobody asked more of, at most, and seconds that they may take on two idle cores."""

MEASURE_HELP = """
- **edges**: seeks the edges of what is reachable. Start here: other samples crowd around the centre.
- **initial**: the parameterization's own random initialisation.
- **target**: the paper's target distribution of its kind (appendix A.4): uniform entries balanced by Sinkhorn, Haar
  orthogonal, Haar unitary, or Dirichlet over permutations.
"""
SHOWN_HELP = """
- **density**: where the eigenvalues of random matrices fall: what is *likely*.
- **certified reach**: what is *possible*. Every coloured cell has a witness, a matrix with an eigenvalue there.
"""


def size() -> int:
    """Draw the widgets for n -> n: by slider to 16 and by typing to 64."""
    state = st.session_state
    mirror("_n_slid", min(state["n"], settings.LARGEST_SLID))

    def resize(slid: bool) -> None:
        state["factors"] = ""
        state["n"] = state["_n_slid"] if slid else state["n"]

    slider, box = st.columns([3, 2], vertical_alignment="bottom", wrap=False)
    slider.slider(
        "Streams n",
        2,
        settings.LARGEST_SLID,
        key="_n_slid",
        on_change=resize,
        args=(True,),
        help=explained("stream", "mixing matrix"),
    )
    box.number_input(
        "or type n", 2, settings.LARGEST_TYPED, key="n", on_change=resize, args=(False,), help="From 2 to 64."
    )
    return int(state["n"])


def size_and_rank(*, rank_used: bool = True) -> tuple[int, int]:
    """Draw the widgets for n and s -> (n, s), s from 1 to 8."""
    n = size()
    st.slider(
        "Rank s",
        1,
        settings.LARGEST_RANK,
        key="s",
        disabled=not rank_used,
        help=explained("rank s"),
    )
    return n, st.session_state["s"]


def method_choice(n: int, s: int) -> tuple[str, Projector]:
    """Draw the widgets for the method and its own options -> (name, projector) that exist at this n and s."""
    state = st.session_state
    rows = {method.name: method for method in table.METHODS}
    names = [name for name, method in rows.items() if method.exists(n)]
    if state["method"] not in names:
        st.info(f"{state['method']} needs {rows[state['method']].wanted}: go-mHC is shown instead.")
        state["method"] = "go-mHC"
    help_text = "".join(f"\n- **{method.name}**: {method.help}{_limits(method)}." for method in rows.values())
    row = rows[str(st.selectbox("Method", names, key="method", help=help_text))]
    factors = _factors_choice(n, row.make(table.Options(n, s))) if row.composite else None
    iterations = int(st.number_input("Sinkhorn iterations", 1, 1000, key="iterations")) if row.iterated else 20
    return row.name, row.make(table.Options(n, s, factors, iterations))


def _limits(method: table.Method) -> str:
    return f" ({method.wanted})" if method.wanted else ""


def _factors_choice(n: int, usual: Projector) -> tuple[int, ...]:
    """Draw the choice of Kronecker factors of n -> them; ones that are none of n give way to those of `usual`."""
    state = st.session_state
    choices = ["x".join(map(str, sizes)) for sizes in factorizations(n)]
    if state["factors"] not in choices:
        shown = str(usual.details["factors"]).replace(" × ", "x")
        if state["factors"]:
            st.info(f"Factors {state['factors']} do not multiply to n = {n}; {shown} is shown instead.")
        state["factors"] = shown
    return tuple(int(size) for size in st.selectbox("Factors i_k", choices, key="factors").split("x"))


def measure_choice(*, used: bool = True) -> str:
    """Draw the widget for the measure -> its name."""
    return str(st.selectbox("Sampling measure", settings.MEASURES, key="measure", help=MEASURE_HELP, disabled=not used))


def shown_choice() -> str:
    """Draw the switch between likely and possible -> "density", "certified reach" or "both"."""
    return str(
        st.segmented_control("Show", settings.SHOWN, key="show", required=True, help=SHOWN_HELP, width="stretch")
    )


def lines_choice(*, proved: bool = False) -> list[str]:
    """Draw the switches of the lines around a spectrum -> the roles to draw; they outlive the figure's own legend.

    That of what is proved is among them where there is such a proof.
    """
    state, roles = st.session_state, [role for role in settings.LINES if proved or role != "proved"]
    mirror("_lines", [role for role in roles if role not in state["hidden"].split("-")])

    def hide() -> None:
        absent = [role for role in state["hidden"].split("-") if role and role not in roles]
        state["hidden"] = "-".join([*(role for role in roles if role not in state["_lines"]), *absent])

    st.pills(
        "Lines",
        roles,
        selection_mode="multi",
        format_func=lambda role: settings.LINES[role],
        key="_lines",
        on_change=hide,
    )
    return state["_lines"]


def sample_size(key: str, label: str, options: tuple[Value, ...], *, used: bool = True) -> int:
    """Draw the widget for a number of matrices, kept under `key` -> that number."""
    return int(st.select_slider(label, options, key=key, format_func=lambda count: f"{count:,}", disabled=not used))


def matrices_choice(projector: Projector, measure: str, *, used: bool = True) -> int:
    """Draw the widget for the number of matrices of a picture -> that number."""
    chosen = st.select_slider(
        "Matrices",
        settings.MATRICES,
        key="matrices",
        format_func=lambda count: count if count == settings.AUTO else f"{count:,}",
        disabled=not used,
        help=f"auto: as many as have {MOST_AUTO:,} eigenvalues, beyond which the eye sees little more, or fewer "
        "if they would take more than a second or two. The numbers say how many.",
    )
    return enough(projector, measure) if chosen == settings.AUTO else int(str(chosen))


def enough(projector: Projector, measure: str) -> int:
    """projector, measure -> as many matrices as are drawn soon, the same on every machine."""
    from geometry.sampling import sampling_seconds

    counts = [int(count) for count in settings.MATRICES if count != settings.AUTO]
    counts = [count for count in counts if count * (projector.n - 1) <= MOST_AUTO]
    soon = [count for count in counts if sampling_seconds(projector, count, measure) <= SOON]  # type: ignore[arg-type]
    return max(soon, default=counts[0])


def target_choice() -> complex:
    """Draw the widgets for a point of the complex plane -> that point."""
    re = st.number_input("Re λ", -1.0, 1.0, step=0.01, format="%.6f", key="re")
    return complex(re, st.number_input("Im λ", -1.0, 1.0, step=0.01, format="%.6f", key="im"))


def seed_choice() -> int:
    """Draw the widget for the seed -> the seed."""
    help_text = "The same link gives the same matrices on every machine."
    return int(st.number_input("Seed", 0, 2**31 - 1, key="seed", help=help_text))


def rank_matters() -> bool:
    """Return whether the method that is chosen now has a rank or a number of terms."""
    return any(method.ranked for method in table.METHODS if method.name == st.session_state["method"])
