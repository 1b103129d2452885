"""Several planes of eigenvalues as one figure that plays: a button, a pause, and a slider to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

import plotly.graph_objects as go

from figures.style import Style

PACE = 900
"""Milliseconds that a plane is shown."""


def film(planes: Mapping[str, go.Figure], style: Style) -> go.Figure:
    """Figures of one kind by label -> a figure that plays them; a trace that some of them lack is there and empty."""
    most = max(len(plane.data) for plane in planes.values())
    frames = []
    for label, plane in planes.items():
        traces = [trace or go.Scatter(x=[], y=[]) for trace, _ in zip_longest(plane.data, range(most))]
        shown = {"annotations": plane.layout.annotations, "shapes": plane.layout.shapes}
        frames.append(go.Frame(data=traces, name=label, layout=shown))
    first = next(iter(planes.values()))
    figure = go.Figure(frames[0].data, first.layout, frames)
    timing: dict[str, object] = {"frame": {"duration": PACE, "redraw": True}, "transition": {"duration": 0}}
    play = {"label": "Play", "method": "animate", "args": [None, timing | {"fromcurrent": True}]}
    pause = {"label": "Pause", "method": "animate", "args": [[None], timing | {"mode": "immediate"}]}
    at_once = {"frame": {"duration": 0, "redraw": True}, "mode": "immediate"}
    steps = [{"label": label, "method": "animate", "args": [[label], at_once]} for label in planes]
    ink = {"color": style.ink}
    buttons: dict[str, object] = {"type": "buttons", "direction": "left", "buttons": [play, pause], "showactive": False}
    buttons |= {"x": 0, "y": -0.13, "xanchor": "left", "yanchor": "top", "bgcolor": style.faint, "font": ink}
    slider: dict[str, object] = {
        "steps": steps,
        "currentvalue": {"font": ink},
        "font": ink,
        "pad": {"t": 6},
        "tickcolor": style.ink,
    }
    slider |= {"x": 0.24, "y": -0.09, "len": 0.76, "xanchor": "left", "yanchor": "top"}
    return figure.update_layout(updatemenus=[buttons], sliders=[slider], margin_b=130)
