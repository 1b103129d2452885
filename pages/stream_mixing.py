"""Which method learns a target matrix fastest?"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from figures.style import PAPER
from ui import exports, frame, links, mixing, mixing_laws, mixing_results, training

if TYPE_CHECKING:
    from learning.stream_mixing import Run

frame.begin(
    "pages/stream_mixing.py",
    "Every method learns the same random doubly stochastic matrices from noisy data, as in section 5.1 of the go-mHC "
    "paper: which comes down to the theoretical minimum, and how soon?",
)
chosen = mixing.preset_choice()
if chosen in mixing_laws.LAWS:
    mixing_laws.show(mixing_laws.LAWS[chosen])
    frame.reading("stream_mixing")
    st.stop()
left, right = st.columns([10, 27], gap="medium")
with left:
    own = chosen == mixing.OWN
    preset = None if own else mixing.presets()[chosen]
    experiments = mixing.own() if preset is None else mixing.shortened(preset)
links.write()
shows = preset.shows if preset else "losses"
title = chosen if preset else "own experiment"
if experiments is None:
    st.stop()

with right:
    plot, bar = st.empty(), st.empty()
seconds = mixing.expected_seconds(experiments)
key = ("started", tuple(experiments.items()))
if seconds > 45 and st.session_state.get("started") != key and not training.known(experiments):
    with right:
        st.info(f"This takes about {frame.duration(seconds)}. Shorten it, or start it; it can be cancelled.")
        st.button("Train", type="primary", key="start", on_click=lambda: st.session_state.update(started=key))
    frame.reading("stream_mixing")
    st.stop()

drawing = count()


def draw(runs: dict[str, Run]) -> None:
    """Show the curves as they stand."""
    told = f"{title}: " + "; ".join(
        f"{label}, {run.step:,} of {run.experiment.iterations:,} iterations of {', '.join(run.names)}"
        for label, run in runs.items()
    )
    figure = mixing_results.picture(runs, shows, frame.style())
    plot.plotly_chart(figure, theme=None, key=f"curves_{next(drawing)}", alt=told)


runs = training.trained(experiments, bar, draw)
with right:
    mixing_results.table(runs)
mixing_results.learned(runs)
mixing_results.comparison(title, runs)
told, first = f"{title}: " + ", ".join(runs), next(iter(experiments.values()))
exports.row(
    partial(mixing_results.picture, runs, shows, PAPER, title=told),
    partial(training.tables, runs),
    partial(training.archives, runs),
    training.snippets(experiments),
    f"stream-mixing_{title.replace(' ', '-').replace('.', '')}_n{first.n}_{first.iterations}_seed{first.seed}",
)
frame.reading("stream_mixing")
