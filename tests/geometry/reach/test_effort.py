"""Efforts are values that are checked; every search stops when its time is up, and says why it ended."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
import torch

from geometry.distances import nearest
from geometry.distances.frobenius import Matching
from geometry.effort import USUAL, Deadline, reasons
from geometry.reach import Effort, Ended, boundary, path, reach_map, reach_maps, solve
from geometry.reach.search.hunt import Hunt
from geometry.regions import order3_gap
from geometry.sampling import sample
from geometry.slices import cyclic_view
from geometry.stopping import stopping, to_stop
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import permutation_matrix, sum_error

NOW = Effort(seconds=0)
INSIDE, OUTSIDE = 0.2 + 0.3j, 0.99j
RESISTING = complex(sum(order3_gap(2)) / 2)
"""Between what rank 2 reaches and what a theorem excludes, of order 3."""
PAIR = (PermutationMixture(2), PermutationMixture(3))


@dataclass(frozen=True)
class NeverFinite(Kronecker):
    """A projector as somebody might write it who divides by a sum that vanishes."""

    def matrices(self, theta):
        return super().matrices(theta) * torch.nan


@dataclass(frozen=True)
class OftenNotFinite(Kronecker):
    """Finite for one half of all parameters."""

    def matrices(self, theta):
        return super().matrices(theta) * torch.where(theta[..., :1] > 0, 1.0, torch.nan)[..., None]


BETWEEN = (0.75 * torch.eye(3) + 0.25 * permutation_matrix((1, 2, 0)))[None]
FACE = cyclic_view(4).embed(torch.tensor([[0.5, y] for y in (0, 0.1, 0.2, 0.3, 0.4, 0.5)], dtype=torch.float64))


def edge(n=3):
    """Half-way from the identity to a cycle, and the identity: no member of O_{3,1}, and a member."""
    identity = torch.eye(n, dtype=torch.float64)
    return torch.stack([(identity + permutation_matrix([*range(1, n), 0])) / 2, identity])


# Efforts.


def test_an_effort_is_a_value():
    assert Effort() == USUAL
    assert hash(Effort(rounds=3)) == hash(replace(USUAL, rounds=3))
    assert eval(repr(Effort(seconds=2.5, starts=3))) == Effort(seconds=2.5, starts=3)
    assert Effort(rounds=np.int64(5)) == Effort(rounds=5)


@pytest.mark.parametrize("field", fields(Effort), ids=lambda field: field.name)
def test_bad_efforts_are_refused(field):
    bad = (0, -1, 2.5, True, None, "3", 10**12) if isinstance(field.default, int) else (-1, np.nan, None, "3", True)
    for value in bad:
        with pytest.raises(ValueError, match=rf"the effort's {field.name} must be .*, not {value!r}"):
            Effort(**{field.name: value})


def test_a_coarse_map_has_a_middle():
    with pytest.raises(ValueError, match="the effort's coarse must be odd and at least 5, not 60"):
        Effort(coarse=60)


def test_the_usual_effort_changes_nothing():
    for search in (
        lambda **effort: solve(Orthostochastic(4, 2), [INSIDE, OUTSIDE], **effort).theta,
        lambda **effort: boundary(Orthostochastic(3), [0.3, 2.0], **effort).theta,
        lambda **effort: reach_map(Orthostochastic(3), 21, **effort).theta,
        lambda **effort: nearest(Orthostochastic(3), edge(), **effort).theta,
    ):
        assert torch.equal(search(), search(effort=Effort()))


def solved(effort):
    """Of targets that resist, more than are polished by default."""
    return solve(Orthostochastic(3, 2), np.full(40, RESISTING), effort=effort)


def on_a_face(effort):
    """As slices are searched: patient with what is close alone."""
    matching = Matching(Orthostochastic(4, 2), FACE, 2, effort)
    list(matching.search(8))
    return matching.result()


def pushed_little(effort):
    """From one start, with two steps between exchanges: each leads farther."""
    return boundary(Orthostochastic(4), [0.3, 1.0], effort=replace(effort, tries=1, pushes=2))


REACHING = {
    "rounds": (1, lambda effort: solved(effort).iterations),
    "iterations": (2, lambda effort: solved(effort).iterations),
    "neighbours": (1, lambda effort: solved(effort).iterations),
    "polished": (3, lambda effort: solved(effort).residual),
    "stubborn": (1, lambda effort: solve(Orthostochastic(3, 2), [RESISTING], effort=effort).iterations),
    "descent": (1, lambda effort: solved(effort).residual),
    "path": (1, lambda effort: path(Orthostochastic(4, 2), INSIDE, effort=effort)),
    "map_rounds": (1, lambda effort: reach_map(Orthostochastic(3), 51, effort=effort).residual),
    "hole_rounds": (1, lambda effort: [part.finished for part in reach_maps(Unistochastic(6), effort=effort)]),
    "patience": (1, lambda effort: reach_map(Orthostochastic(3), 51, effort=effort).residual),
    "farthest": (0.1, lambda effort: reach_map(Orthostochastic(3), 51, effort=effort).residual),
    "coarse": (21, lambda effort: boundary(Orthostochastic(4), [0.3], effort=effort).theta),
    "tries": (1, lambda effort: boundary(Orthostochastic(4, 2), [2.27], effort=effort).theta),
    "exchanges": (1, lambda effort: pushed_little(effort).radius),
    "pushes": (1, lambda effort: boundary(Orthostochastic(4), [0.3], effort=effort).radius),
    "finest": (1e-2, lambda effort: boundary(Orthostochastic(4), [0.3], effort=effort).radius),
    "starts": (1, lambda effort: nearest(Orthostochastic(3, 2), BETWEEN, effort=effort).theta),
    "steps": (2, lambda effort: nearest(Orthostochastic(3, 2), BETWEEN, effort=effort).distance),
    "idle": (1, lambda effort: nearest(Orthostochastic(4, 2), FACE, effort=effort).distance),
    "stalled": (0.9, lambda effort: nearest(Orthostochastic(4, 2), FACE, effort=effort).distance),
    "reflections": (1, lambda effort: nearest(Unistochastic(8), sample(Unistochastic(8), 20), effort=effort).theta),
    "close": (1e-9, lambda effort: on_a_face(effort).distance),
    "patient_steps": (1, lambda effort: nearest(Orthostochastic(4, 2), FACE, 2, effort=effort).distance),
    "patient_idle": (1, lambda effort: nearest(Orthostochastic(4, 2), FACE, 2, effort=effort).distance),
}


def test_all_numbers_are_tried():
    assert {"seconds", *REACHING} == {field.name for field in fields(Effort)}


@pytest.mark.parametrize("name", REACHING)
def test_every_number_reaches_its_search(name):
    less, search = REACHING[name]
    assert not np.array_equal(search(Effort(**{name: less})), search(USUAL), equal_nan=True)


def test_starts_are_short_for_an_effort():
    one, same = (
        nearest(Orthostochastic(3, 2), BETWEEN, **each) for each in ({"starts": 3}, {"effort": Effort(starts=3)})
    )
    assert torch.equal(one.theta, same.theta)


# Deadlines.


def test_a_deadline_knows_whether_it_cut_anything_off():
    never, now = Deadline(Effort()), Deadline(NOW)
    assert list(never.before("abc")) == ["a", "b", "c"]
    assert not never.cut
    assert not now.cut
    assert list(now.before("")) == []
    assert not now.cut
    assert list(now.before("abc")) == []
    assert now.cut


SEARCHES = {
    "reach_map": lambda effort: reach_map(Orthostochastic(4), 31, effort=effort).ended,
    "solve": lambda effort: solve(Orthostochastic(4), [0.9, 0.9j], effort=effort).ended[1],
    "solve, polishing": lambda effort: solve(Orthostochastic(4), [1.5j], effort=replace(effort, rounds=1)).ended[0],
    "boundary": lambda effort: boundary(Orthostochastic(4), [0.3], effort=effort).ended[0],
    "nearest": lambda effort: nearest(Orthostochastic(4), FACE, effort=effort).ended[1],
    "nearest, by reflections": lambda effort: nearest(Unistochastic(5), edge(5), effort=effort).ended[0],
}


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves by a second whenever it is read; called, it tells the time without moving."""
    times = [0]

    def read():
        times[0] += 1
        return float(times[0])

    monkeypatch.setattr("geometry.effort.perf_counter", read)
    return lambda: times[0]


@pytest.mark.parametrize("seconds", [1, 4])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_stops_at_its_next_step(name, seconds, clock):
    """Every step looks at the clock once: few do so after the end."""
    assert SEARCHES[name](Effort(seconds=seconds)) is Ended.OUT_OF_TIME
    assert clock() <= seconds + 12


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_stops_when_it_is_asked_to(name, steps):
    asked = []

    def when():
        asked.append(len(asked))
        return len(asked) > steps

    with stopping(when):
        assert SEARCHES[name](USUAL) is Ended.OUT_OF_TIME
    assert len(asked) <= steps + 12
    assert not to_stop()


def test_a_map_that_is_cut_off_keeps_what_it_has(monkeypatch):
    monkeypatch.setattr(Hunt, "_batch", lambda self: 50)
    stream = reach_maps(Orthostochastic(3), 31)
    cells = next(stream).reached.sum()
    with stopping(lambda: True):
        last = list(stream)[-1]
    assert last.ended is Ended.OUT_OF_TIME
    assert not last.finished
    assert last.reached.sum() >= cells > 0


def test_solutions_out_of_time_are_the_nearest_random_matrices():
    found = solve(Orthostochastic(4, 2), [INSIDE, OUTSIDE, 0.5], effort=NOW, paths=True)
    assert found.ended == (Ended.OUT_OF_TIME,) * 3
    assert not found.solved.any()
    assert (found.iterations == 0).all()
    assert found.residual[0] < 0.2
    assert sum_error(found.matrix) < 1e-12
    assert torch.equal(found.matrix, Orthostochastic(4, 2)(found.theta))
    assert [len(way) for way in found.paths] == [1, 1, 1]


def test_a_path_out_of_time_is_its_start():
    whole = path(Orthostochastic(4, 2), INSIDE)
    np.testing.assert_allclose(path(Orthostochastic(4, 2), INSIDE, effort=NOW), whole[:1], rtol=1e-12)


def test_a_map_out_of_time_says_so():
    found = reach_map(Orthostochastic(3), 21, effort=NOW)
    assert found.ended is Ended.OUT_OF_TIME
    assert not found.finished
    assert not found.touched.any()
    sought = int((~np.isnan(found.residual)).sum())
    assert found.counts() == {reason: sought * (reason is Ended.OUT_OF_TIME) for reason in Ended}


def test_a_boundary_out_of_time_says_so():
    found = boundary(Orthostochastic(3), [0.3, 2.0], effort=NOW)
    assert found.ended == (Ended.OUT_OF_TIME,) * 2
    assert (found.radius == 0).all()


def test_nearest_matrices_out_of_time_are_random_ones():
    found = nearest(Orthostochastic(3), edge(), effort=NOW)
    assert found.ended == (Ended.OUT_OF_TIME,) * 2
    assert not found.member.any()
    assert torch.equal(found.matrix, Orthostochastic(3)(found.theta))
    assert (found.distance < 1).all()
    assert nearest(PermutationMixture(3), edge(), effort=NOW).member.all()  # a formula needs no time


# The other reasons.


def test_what_is_met_has_converged_and_what_resists_has_stalled():
    assert solve(Orthostochastic(3), [INSIDE / 3, OUTSIDE]).ended == (Ended.CONVERGED, Ended.STALLED)
    assert nearest(Orthostochastic(3), edge()).ended == (Ended.STALLED, Ended.CONVERGED)
    assert boundary(Orthostochastic(3), [0.3, 2.0, 0.0]).ended == (Ended.CONVERGED,) * 3
    assert boundary(Kronecker((PermutationMixture(2),) * 2), [0, 0.5]).ended == (Ended.CONVERGED, Ended.STALLED)
    assert boundary(Orthostochastic(3, 2), [0.3], effort=Effort(pushes=2)).ended == (Ended.STALLED,)
    found = reach_map(Orthostochastic(3), 21)
    assert found.ended is Ended.CONVERGED
    counts = found.counts()
    assert counts[Ended.CONVERGED] == found.reached.sum()
    assert counts[Ended.STALLED] == (np.isfinite(found.residual) & ~found.reached).sum() > 0
    assert counts[Ended.OUT_OF_TIME] == counts[Ended.NOT_FINITE] == 0


def test_matrices_that_are_not_finite_are_a_reason():
    projector = NeverFinite(PAIR)
    found = solve(projector, [INSIDE, 0.5], paths=True)
    assert found.ended == (Ended.NOT_FINITE,) * 2
    assert (found.residual == np.inf).all()
    assert [len(way) for way in found.paths] == [0, 0]
    assert len(path(projector, INSIDE)) == 0
    whole = reach_map(projector, 21)
    assert whole.ended is Ended.CONVERGED
    assert not whole.touched.any()
    counts = whole.counts()
    assert counts[Ended.NOT_FINITE] == sum(counts.values()) > 100
    edges = boundary(projector, [0.3, 2.0])
    assert edges.ended == (Ended.NOT_FINITE,) * 2
    assert (edges.radius == 0).all()
    closest = nearest(projector, edge(6))
    assert closest.ended == (Ended.NOT_FINITE,) * 2
    assert not closest.member.any()


def test_some_matrices_that_are_not_finite_do_no_harm():
    projector = OftenNotFinite(PAIR)
    found = solve(projector, [0.1, 0.3, -0.2])
    assert found.ended == (Ended.CONVERGED,) * 3
    targets = projector(torch.tensor([[0.5, 0.1, 0.2, 0.3, 0.1, 0, 0.1, -0.4]], dtype=torch.float64))
    assert nearest(projector, targets).ended == (Ended.CONVERGED,)


def test_matrices_that_are_not_doubly_stochastic_do_not_count():
    """One step of balancing leaves sums far from 1: the distance of such a matrix is infinite."""
    distance = torch.tensor([0.0, 1e-8, 2e-8, torch.inf, torch.nan], dtype=torch.float64)
    met, unmet, unusable = Ended.CONVERGED, Ended.STALLED, Ended.NOT_FINITE
    assert reasons(distance, 1e-8, cut=False) == (met, met, unmet, unusable, unusable)
    assert reasons(distance, 1e-8, cut=True) == (met, met, *[Ended.OUT_OF_TIME] * 3)
    assert set(solve(Sinkhorn(4, 1), [INSIDE, 0.9j]).ended) <= {met, unmet}
