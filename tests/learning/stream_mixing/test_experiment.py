"""An experiment is a value: equal ones are equal, and what cannot be is refused, with the received value named."""

import pickle
import re
from dataclasses import fields, replace

import pytest

from learning.stream_mixing.choices import CHOICES
from learning.stream_mixing.experiment import StreamMixing, standard_methods
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn

REFUSED = [
    ("n", 1),
    ("n", 65),
    ("n", 4.0),
    ("n", True),
    ("target_rank", 0),
    ("target_rank", 17),
    ("count", 0),
    ("count", 4097),
    ("count", -1),
    ("samples", 0),
    ("samples", 10_001),
    ("iterations", 0),
    ("iterations", 200_001),
    ("seed", -1),
    ("seed", 2**63),
    ("noise", -0.1),
    ("noise", float("nan")),
    ("noise", float("inf")),
    ("noise", "0.1"),
    ("noise", None),
    ("noise", 10**400),
    ("noise", 1j),
    ("projector_noise", -1e-9),
    ("sparsity", 1.0),
    ("sparsity", 1.5),
    ("sparsity", -0.5),
    ("rate", 0.0),
    ("rate", 1e9),
    ("start_distance", 0.0),
    ("start_distance", 1.0),
    ("targets", "haar"),
    ("objective", "Features"),
    ("features", None),
    ("parameters", "paper"),
    ("optimizer", "lbfgs"),
]
REFUSED_METHODS = [
    (7, "not 7"),
    (None, "not None"),
    ([], "not []"),
    ((("mHC-lite", 4),), "not ('mHC-lite', 4)"),
    ((("mHC-lite", PermutationMixture(5)),), "not ('mHC-lite', PermutationMixture(n=5))"),
    (((PermutationMixture(4), "mHC-lite"),), "not (PermutationMixture(n=4), 'mHC-lite')"),
    ((("same", PermutationMixture(4)), ("same", Sinkhorn(4))), "not ['same', 'same']"),
]


@pytest.mark.parametrize(("field", "value"), REFUSED, ids=lambda value: repr(value)[:30])
def test_what_cannot_be_is_refused_with_its_value(field, value):
    with pytest.raises(ValueError, match=f"{field} .* not {re.escape(repr(value))}$"):
        StreamMixing(**{field: value})


@pytest.mark.parametrize(("methods", "received"), REFUSED_METHODS)
def test_what_are_no_methods_of_this_size_is_refused(methods, received):
    with pytest.raises(ValueError, match=f"methods must be .* {re.escape(received)}$"):
        StreamMixing(n=4, methods=methods)


@pytest.mark.parametrize(
    ("what", "too_large"),
    [
        ("parameters", {"n": 8, "count": 4096}),
        ("entries", {"n": 64, "count": 1000, "methods": (("go-mHC", Orthostochastic(64, 1)),)}),
        ("behind its targets", {"n": 8, "targets": "permutations", "methods": (("mHC", Sinkhorn(8)),), "count": 1000}),
        ("behind its targets", {"n": 32, "targets": "unistochastic", "target_rank": 16}),
        ("feature values", {"n": 16, "samples": 10_000, "count": 4096, "methods": (("mHC", Sinkhorn(16)),)}),
    ],
)
def test_what_would_not_fit_into_memory_is_refused(what, too_large):
    with pytest.raises(ValueError, match=f"{what}.*: reduce"):
        StreamMixing(**too_large)


def test_permutations_of_nine_are_too_many():
    with pytest.raises(ValueError, match="not 9"):
        StreamMixing(n=9, targets="permutations")


def test_equal_experiments_are_one_key():
    assert {StreamMixing(): 1}[StreamMixing(n=4, methods=standard_methods(4), noise=0.1)] == 1
    assert StreamMixing(methods=list(standard_methods(4))) == StreamMixing()
    assert StreamMixing(seed=1) != StreamMixing()
    experiment = StreamMixing(objective="read-out", sparsity=0.5)
    assert pickle.loads(pickle.dumps(experiment)) == experiment
    assert eval(repr(experiment), {**globals()}) == experiment
    hash(experiment)
    assert {field.name for field in fields(experiment)} >= set(CHOICES)


def test_whole_numbers_become_what_they_are():
    assert isinstance(StreamMixing(noise=1).noise, float)
    assert replace(StreamMixing(), sparsity=0).sparsity == 0.0


def test_standard_methods_are_those_that_exist():
    assert [name for name, _ in standard_methods(7)] == ["mHC-lite", *(f"go-mHC, s = {s}" for s in (1, 2, 3))]
    assert [name for name, _ in standard_methods(12, ranks=(2,))] == ["KromHC", "go-mHC, s = 2"]
    assert dict(standard_methods(4))["KromHC"] == Kronecker((PermutationMixture(2), PermutationMixture(2)))


def test_what_is_larger_is_expected_to_take_longer():
    usual = StreamMixing().expected_seconds
    assert 1 < usual < 60  # of a run that takes some five seconds
    assert StreamMixing(iterations=20_000).expected_seconds == pytest.approx(2 * usual)
    assert usual < StreamMixing(count=128).expected_seconds < 2 * usual
    assert StreamMixing(methods=standard_methods(4)[:1]).expected_seconds < usual < StreamMixing(n=8).expected_seconds
