"""What all figures share: inks of what is drawn, colours of methods, and the word for what is not finished."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from figures import marks
from figures.cost import growth, reach_for_price
from figures.inks import inks
from figures.polytope.slice import polytope_plane
from figures.spectrum.curves import coverage_curves
from figures.spectrum.plane import spectral_plane
from figures.style import DARK, DASHES, LIGHT, PAPER, titled
from geometry.regions import karpelevich
from projectors import table

STYLES = {"light": LIGHT, "dark": DARK, "paper": PAPER}
every_style = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)

DRAWN_TOGETHER = [
    ("unit circle", "perfect_mirsky", "karpelevich", "hypocycloid", "exception"),
    ("unit circle", "perfect_mirsky", "karpelevich", "exact"),
    ("unit circle", "karpelevich", "target", "way there"),
    ("shadow", "section", "exact", "certified slice"),
]


@every_style
def test_what_is_drawn_together_differs(style) -> None:
    assert set(style.roles) == set(LIGHT.roles) >= set(DASHES)
    for together in DRAWN_TOGETHER:
        assert len({style.roles[role] for role in together}) == len(together)


@every_style
def test_the_lines_of_a_plane_are_drawn_for_what_they_are(style) -> None:
    line = np.array([0, 1j, 1])
    lines = {role: (role, line) for role in ("shadow", "section", "certified slice")}
    drawn = {trace.name: trace.line for trace in polytope_plane([], lines, np.eye(2), "ab", style=style).data[:3]}
    assert {name: look.color for name, look in drawn.items()} == {role: style.roles[role] for role in lines}
    assert [drawn[role].dash for role in lines] == ["solid", "dash", "solid"]


@every_style
def test_unfinished_work_says_so_in_the_corner_of_the_picture(style) -> None:
    figure = go.Figure(layout={"annotations": [{"text": "another"}]})
    assert marks.mark_partial(figure, style) is figure
    another, note = figure.layout.annotations
    assert (another.text, note.text) == ("another", "partial")
    assert (note.xref, note.yref, note.xanchor, note.yanchor) == ("x domain", "y domain", "left", "top")
    assert 0 <= note.x < 0.1
    assert 0.9 < note.y <= 1
    lines = {"karpelevich": karpelevich(5)}
    (name, note) = marks.mark_partial(spectral_plane([], lines, style=style), style).layout.annotations
    assert note.y < name.y - 0.02  # below the name of the line
    (note,) = marks.mark_partial(go.Figure(go.Scatter3d()), style).layout.annotations
    assert (note.xref, note.yref) == ("paper", "paper")
    assert note.font.color not in {note.bgcolor, style.ground}
    assert note.font.size > style.font_size
    assert not note.showarrow


def test_a_title_makes_room_for_itself_and_a_figure_without_one_has_none() -> None:
    with_title, without = (titled(go.Figure(), title, left=1, top=(2, 30), bottom=3) for title in ("words", None))
    assert (with_title.layout.title.text, with_title.layout.margin.t) == ("words", 30)
    assert (without.layout.title.text, without.layout.margin.t) == (None, 2)
    assert titled(go.Figure(), None, left=1, top=(2, 3), bottom=3, legend=False).layout.legend.y is None


def test_cells_are_full_or_touched_or_nothing() -> None:
    full, touched = np.array([[True, False], [False, False]]), np.array([[True, True], [False, False]])
    cells = marks.two_colour_cells(full, touched, np.array([-0.5, 0.5]), LIGHT, name="cells")
    np.testing.assert_array_equal(cells.z, [[2, 1], [np.nan, np.nan]])
    inks_at = {place: ink for place, ink in cells.colorscale if place in {0, 1}}
    assert inks_at == {0: LIGHT.touched, 1: LIGHT.reached}


def test_a_method_has_its_own_ink_whatever_else_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [row.name for row in table.METHODS]
    alone = {name: inks([name], LIGHT)[name] for name in names}
    assert len(set(alone.values())) == len(names)
    assert inks(["another", *names[::-1], "residual"], LIGHT).items() >= alone.items()
    for row in table.METHODS:
        assert alone[row.name].colour == LIGHT.curves[row.colour % 8]
    mine, other = (
        replace(table.METHODS[-1], name=name, colour=colour) for name, colour in (("mine", 6), ("other", None))
    )
    assert inks(["mine"], LIGHT)["mine"].colour != LIGHT.curves[6]
    monkeypatch.setattr(table, "METHODS", (*table.METHODS, mine, other))
    assert inks(["mine"], LIGHT)["mine"].colour == LIGHT.curves[6]
    assert inks(["other"], LIGHT)["other"] == inks([*names, "other"], LIGHT)["other"] not in alone.values()


def test_pictures_of_prices_and_of_a_plane_draw_methods_in_the_same_colours_as_curves() -> None:
    names = ["TBP-mHC", "identity", "go-mHC, s = 1", "averaged orthostochastic, k = 3"]
    own = {name: ink.colour for name, ink in inks(names, LIGHT).items()}
    lines = growth({"numbers": {name: ([2], [1]) for name in names[::-1]}}).data
    assert {line.name: line.line.color for line in lines} == own
    points = reach_for_price(dict.fromkeys(names[::-1], (1.0, 0.5, 0.5)), (), price="", budget=None).data
    assert {point.name: point.marker.color for point in points} == own
    around = {str(place): (name, np.array([0, 1j])) for place, name in enumerate(names)}
    plane = polytope_plane([], around, np.eye(2), "ab").data[: len(names)]
    assert {line.name: line.line.color for line in plane} == own
    partial = polytope_plane([], {"0": ("identity (partial)", np.array([0, 1j]))}, np.eye(2), "ab").data[0]
    assert partial.line.color == own["identity"]


def test_ranks_of_one_method_have_colours_of_their_own() -> None:
    ranks = [f"go-mHC, s = {s}" for s in (2, 1, 3)]
    assert [inks([name], LIGHT)[name].colour for name in ranks] == [LIGHT.curves[place] for place in (3, 4, 6)]
    assert len(set(inks([*ranks, "go-mHC", "go-mHC, s = 4"], LIGHT).values())) == 5
    assert len({ink.colour for ink in inks(["go-mHC", "go-mHC, s = 2"], LIGHT).values()}) == 2
    both = [f"{name}, s = {s}" for s in (1, 2, 3) for name in ("go-mHC", "go-mHC, unitary")]
    assert len(set(inks(both, LIGHT).values())) == 6


def test_more_methods_than_colours_are_all_drawn() -> None:
    against = {f"method {k}": {2: (0.1, 0.2)} for k in range(9)}
    drawn = coverage_curves(against, {}, n=4, s=2).data
    assert [trace.name for trace in drawn] == list(against)
