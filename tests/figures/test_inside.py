"""Figures of the polytope's inside and of training: what is drawn is what was given."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
import pytest

from figures.inks import inks
from figures.polytope.slice import chosen_point, polytope_plane, slice_cells
from figures.polytope.space import Sample, polytope_space
from figures.style import DARK, LIGHT, PAPER
from figures.training.losses import Curve, loss_curves

CORNERS = np.array([[1.0, 0.0], [-0.5, 0.866], [-0.5, -0.866]])
CENTRES = np.linspace(-1, 1, 5)


@dataclass
class Solid:
    """Corners, edges and labels, as a view has them."""

    corners: np.ndarray
    edges: list[tuple[int, int]]
    labels: list[str]


STYLES = {"light": LIGHT, "dark": DARK, "paper": PAPER}


def cells(member, touched, distance):
    return slice_cells(member, touched, distance, CENTRES, np.full((5, 5), "", dtype=object))


def test_members_paler_cells_and_distances_share_the_plane_without_overlap() -> None:
    member, touched = np.zeros((5, 5), bool), np.zeros((5, 5), bool)
    member[2, 2] = touched[2, 2] = touched[2, 3] = True
    distance = np.full((5, 5), np.nan)
    distance[2] = [0.4, 0.2, 0.0, 0.01, 0.3]
    rest, within, *_ = cells(member, touched, distance)
    assert np.isfinite(rest.z).sum() == 3
    np.testing.assert_array_equal(within.z[2], [np.nan, np.nan, 2, 1, np.nan])
    assert not (np.isfinite(rest.z) & np.isfinite(within.z)).any()


def test_a_slice_without_anything_outside_needs_no_colour_bar() -> None:
    full = np.ones((5, 5), bool)
    assert not cells(full, full, np.zeros((5, 5)))[0].showscale
    assert cells(~full, ~full, np.ones((5, 5)))[0].showscale
    assert not cells(~full, ~full, np.full((5, 5), np.inf))[0].showscale  # nothing is known yet


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_line_has_its_own_colour_and_every_corner_its_label(style) -> None:
    line = np.array([0, 1j, 1])
    lines = {"shadow": ("shadow", line), "0": ("first", line), "1": ("second", line)}
    figure = polytope_plane(chosen_point(0.1, 0.2, CORNERS[0], style), lines, CORNERS, ["I", "P", "P²"], style=style)
    inks = [trace.line.color for trace in figure.data if trace.mode == "lines"]
    assert len(set(inks)) == 3
    assert next(trace for trace in figure.data if trace.name == "corners").text == ("I", "P", "P²")
    marks = {trace.name: (trace.x[0], trace.y[0]) for trace in figure.data if trace.mode == "markers"}
    assert marks == {"chosen point": (0.1, 0.2), "shadow of the nearest matrix": (1.0, 0.0)}


def test_labels_of_many_corners_are_thinned_out() -> None:
    angle = 2 * np.pi * np.arange(64) / 64
    figure = polytope_plane([], {}, np.stack([np.cos(angle), np.sin(angle)], 1), [f"P{k}" for k in range(64)])
    assert len(figure.data[-1].text) == 16


@pytest.mark.parametrize("members", [False, True])
def test_the_eye_follows_turn_and_tilt_and_corners_that_fall_together_share_a_label(members: bool) -> None:
    corners = np.array([[0, 0, 1.0], [0, 1, 0], [0, 1, 0]])
    sample = Sample(np.zeros((3, 3)), np.arange(3.0), 2.0, members)
    figure = polytope_space(sample, Solid(corners, [(0, 1)], ["a", "b", "c"]), turn=90, tilt=30)
    eye = figure.layout.scene.camera.eye
    size = np.linalg.norm([eye.x, eye.y, eye.z])
    np.testing.assert_allclose(
        [eye.x, eye.y, eye.z], size * np.array([0, cos(radians(30)), sin(radians(30))]), atol=1e-9
    )
    assert next(trace for trace in figure.data if trace.name == "corners").text == ("a", "b, c")
    scale = next(trace for trace in figure.data if trace.name == "matrices").marker
    assert (scale.cmin, scale.cmax) == (0, 2)
    assert (scale.colorscale[0][1] == LIGHT.reached) == members


@pytest.mark.parametrize("tilt", [-90, -20, 0, 45, 90])
def test_no_corner_is_out_of_sight_from_any_side(tilt: float) -> None:
    """Corners of Z5 in space are 1.41 from the middle, and the camera sees 45 degrees."""
    angle = 2 * np.pi * np.arange(5) / 5
    corners = np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle)], 1)
    for turn in range(0, 360, 30):
        solid, sample = Solid(corners, [(0, 1)], list("abcde")), Sample(np.zeros((1, 3)), np.zeros(1), 1.0)
        scene = polytope_space(sample, solid, turn=turn, tilt=tilt).layout.scene
        eye = np.array([scene.camera.eye[axis] for axis in "xyz"])
        seen = corners / np.ptp(scene.xaxis.range) - eye
        cosines = seen @ -eye / np.linalg.norm(seen, axis=1) / np.linalg.norm(eye)
        assert cosines.min() > cos(radians(22.5))


def test_only_members_have_the_colour_of_members() -> None:
    distance, corners = np.array([0.0, 1e-5, 1e-3, 2.0]), np.eye(3)
    figure = polytope_space(Sample(np.zeros((4, 3)), distance, 2.0, True), Solid(corners, [(0, 1)], list("abc")))
    marks = next(trace for trace in figure.data if trace.name == "matrices")
    ends = [place for place, ink in marks.marker.colorscale if ink == LIGHT.reached]
    assert list(marks.marker.color <= max(ends) * 2.0) == [True, False, False, False]
    np.testing.assert_allclose(marks.customdata, distance)


def test_curves_show_mean_spread_convergence_and_floor() -> None:
    steps, mean = np.array([0.0, 1, 10, 100]), np.array([4.0, 2, 1, 1])
    curve = Curve(steps, mean, mean / 2, mean * 2, converged=10)
    figure = loss_curves({"one": curve, "flat": Curve(steps, mean, mean, mean)}, floor=0.5)
    band, line, star, other, explained = figure.data
    assert (line.name, other.name, explained.name) == ("one", "flat", "converged")
    np.testing.assert_array_equal(line.x, [0.5, 1, 10, 100])  # 0 has no place on a logarithmic axis
    np.testing.assert_array_equal(band.y[:4], mean * 2)
    assert (star.x[0], star.y[0]) == (10, 1)
    assert figure.layout.shapes[0].y0 == 0.5
    assert len(loss_curves({"one": curve}, spread=False).data) == 3
    assert "converged" not in {trace.name for trace in loss_curves({"flat": Curve(steps, mean, mean, mean)}).data}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_method_keeps_its_colour_and_no_two_share_one(style) -> None:
    first, second = inks(["KromHC", "go-mHC, s = 2", "mine"], style), inks(["mine", "mHC", "other", "KromHC"], style)
    assert first["KromHC"] == second["KromHC"]
    assert len(set(first.values())) == 3
    assert len(set(second.values())) == 4
    assert len(inks([f"curve {k}" for k in range(30)], style)) == 30
