"""Named views are values: equal by their fields, printed as the Python that makes them, whatever they are called."""

import copy
import pickle
from itertools import combinations
from math import pi

import numpy as np
import pytest
import torch

import geometry.slices
from geometry.slices import (
    CyclicPlane,
    CyclicSpace,
    DependentPermutationsError,
    DiagonalSpace,
    KleinSpace,
    OddPlane,
    Order3Space,
    PermutationView,
    View,
    cyclic_space,
    cyclic_view,
    diagonal_view,
    klein_view,
    odd_view,
    order3_space,
    permutation_view,
)

TRIPLE = [[0, 1, 2], [1, 0, 2], [1, 2, 0]]
DIFFERENT = [
    CyclicPlane(3),
    CyclicPlane(4),
    CyclicPlane(5),
    CyclicPlane(5, 2),
    OddPlane(),
    PermutationView(TRIPLE),
    PermutationView([(1, 0, 2), (0, 1, 2), (1, 2, 0)]),
    PermutationView(KleinSpace.permutations),
    CyclicSpace(4),
    CyclicSpace(5),
    KleinSpace(),
    Order3Space(),
    Order3Space(20),
    Order3Space(20.5),
    Order3Space(1 / 3),
    DiagonalSpace(),
]
each_view = pytest.mark.parametrize("view", DIFFERENT, ids=repr)
DERIVED = ["directions", "centre", "permutations", "labels", "vertices", "corners", "along", "edges", "section"]


def again(view):
    return eval(repr(view), dict(vars(geometry.slices)))


def same(one, other):
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else np.array_equal(one, other)


@each_view
def test_what_is_printed_is_the_python_that_makes_the_view(view):
    made = again(view)
    assert made == view
    assert made is not view
    assert hash(made) == hash(view)
    assert repr(made) == repr(view)
    assert all(same(getattr(made, each), getattr(view, each)) for each in DERIVED)


def test_different_views_differ_in_everything_that_may_be_a_key():
    for one, other in combinations(DIFFERENT, 2):
        assert one != other
        assert repr(one) != repr(other)
    assert len(set(DIFFERENT)) == len(DIFFERENT)


def test_the_angle_of_a_space_belongs_to_its_value():
    """All angles share one display name."""
    one, other = Order3Space(20), Order3Space(25)
    assert one.name == other.name
    assert (one, repr(one)) != (other, repr(other))
    assert hash(one) != hash(other)
    assert not torch.equal(one.directions, other.directions)
    assert repr(Order3Space(20)) == "Order3Space(degrees=20.0)"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CyclicPlane(np.int64(5), np.int64(2)), CyclicPlane(5, 2)),
        (Order3Space(20), Order3Space(np.float32(20))),
        (Order3Space(-0.0), Order3Space()),
        (PermutationView(np.array(TRIPLE)), PermutationView(TRIPLE)),
        (PermutationView(torch.tensor(TRIPLE)), PermutationView(tuple(map(tuple, TRIPLE)))),
    ],
    ids=repr,
)
def test_fields_are_plain_numbers_whatever_they_came_as(one, other):
    assert one == other
    assert repr(one) == repr(other)


@pytest.mark.parametrize("kind", [OddPlane, KleinSpace, DiagonalSpace, Order3Space])
def test_a_new_display_name_changes_no_snippet_and_no_key(kind, monkeypatch):
    before, key = kind(), repr(kind())
    monkeypatch.setattr(kind, "name", "chosen permutations, frequency 7")
    assert kind().name == "chosen permutations, frequency 7"
    assert (repr(kind()), kind()) == (key, before)
    assert again(kind()) == before


@each_view
def test_views_are_frozen_and_what_they_have_computed_is_no_part_of_them(view):
    fresh = again(view)
    _ = view.corners, view.section, view.along, view.edges
    assert view == fresh
    assert hash(view) == hash(fresh)
    with pytest.raises(AttributeError):
        view.n = 7
    assert view.directions is view.directions  # computed once


@each_view
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda view: pickle.loads(pickle.dumps(view))])
def test_copies_are_equal_and_see_the_same(view, copied):
    for original in (again(view), view):  # before and after arrays were computed
        found = copied(original)
        assert found == original
        assert repr(found) == repr(original)
        assert all(same(getattr(found, each), getattr(original, each)) for each in DERIVED)


def test_the_functions_make_the_same_values():
    assert (cyclic_view(5, 2), cyclic_view(3)) == (CyclicPlane(5, 2), CyclicPlane(3))
    assert (cyclic_space(6), klein_view(), odd_view(), diagonal_view()) == (
        CyclicSpace(6),
        KleinSpace(),
        OddPlane(),
        DiagonalSpace(),
    )
    assert permutation_view(TRIPLE) == PermutationView(TRIPLE)
    assert order3_space() == Order3Space(0)
    assert order3_space(pi / 2) == Order3Space(90)  # radians


def test_a_view_that_says_too_little_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        View(3)


@pytest.mark.parametrize(
    "orders", [[(0, 1, 2), (1, 0, 2), (0, 1, 2)], [(0, 1, 2, 3), (1, 0, 2, 3), (0, 1, 3, 2), (1, 0, 3, 2)]]
)
def test_permutations_of_no_plane_or_space_are_told_from_nonsense_by_the_kind_of_error(orders):
    with pytest.raises(DependentPermutationsError):
        PermutationView(orders)
    with pytest.raises(ValueError, match="three or four") as raised:
        PermutationView([(0, 1, 2), (1, 0, 2), (0, 0, 2)])
    assert not isinstance(raised.value, DependentPermutationsError)
