"""A sweep's store, which the server's owner names: what every method reaches over n and s, certified and proved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

import streamlit as st

from figures.spectrum.curves import coverage_curves
from ui import frame
from ui.spectrum import proved
from ui.take import Taken, row
from ui.words import literal
from ui.work import kept

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from figures.style import Style

ATLAS = "BIRKHOFF_EXPLORER_ATLAS"
"""The environment variable that names a store of `python -m sweeps`, by its path or URL."""

Shares = dict[str, dict[int, tuple[float, float]]]


def _read(url: str) -> dict[str, list[Any]]:
    """Address of a store -> its columns, read again when there are more results in it."""
    from sweeps import Store
    from sweeps import atlas as columns

    store = Store(url)
    return kept(("atlas", url, len(store.keys())), partial(columns, store))


def curves(columns: Mapping[str, list[Any]], n: int, s: int) -> tuple[Shares, Shares]:
    """Columns of an atlas -> by method, shares certified and touched: at this n against s, at this s against n.

    What does not depend on s is the same for every s that the atlas has.
    """
    ranks = sorted({rank for rank in columns["s"] if rank}) or [s]
    against_s: Shares = {}
    against_n: Shares = {}
    places = zip(*(columns[name] for name in ("method", "n", "s", "certified", "touched")), strict=True)
    for method, size, rank, certified, touched in places:
        if isnan(certified):
            continue
        for each in [rank] if rank else ranks:
            if size == n:
                against_s.setdefault(method, {})[each] = certified, touched
            if each == s:
                against_n.setdefault(method, {})[size] = certified, touched
    return against_s, against_n


def figure(columns: Mapping[str, list[Any]], n: int, s: int, style: Style, *, title: str | None = None) -> go.Figure:
    """Certified shares of an atlas against s and against n."""
    return coverage_curves(*curves(columns, n, s), n=n, s=s, style=style, title=title)


def show(n: int, s: int) -> None:
    """Draw the section, where the server's owner names a store."""
    if not (url := os.environ.get(ATLAS, "")):
        return
    st.header("Atlas")
    try:
        columns = _read(url)
    except (OSError, ValueError, ImportError) as error:
        st.error(f"The store that {ATLAS} names cannot be read: {literal(str(error))}.")
        return
    if not columns["method"]:
        st.warning(f"The store that {ATLAS} names has no maps and no proofs.")
        return
    st.markdown("From a sweep's store: all that it has on certified and proved reach, as shares of PMₙ.")
    title = f"Atlas — n = {n}, s = {s}"
    if any(curves(columns, n, s)):
        alt = f"Certified coverage against s at n = {n} and against n at s = {s}, from a sweep"
        frame.chart(figure(columns, n, s, frame.style()), "atlas", alt)
    ranks = st.column_config.NumberColumn(label="s", help="0 where it does not matter.")
    proved.draw(columns, {"N": "n", "S": ranks})
    row(
        Taken(
            name="atlas",
            title=title,
            figure=partial(figure, columns, n, s, title=title),
            arrays=columns,
            columns=lambda: columns,
            recipe={"rows": len(columns["method"]), "n": n, "s": s},
            code=f'arrays = atlas(Store(os.environ["{ATLAS}"]))',  # where it is, is the owner's own
        )
    )
