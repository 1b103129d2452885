"""What is not a projector, and what is not its theta, is refused in words that name what came and what was wanted."""

import re
import warnings

import numpy as np
import pytest
import torch

from geometry.effort import Effort
from geometry.grid import Window
from geometry.spectra import eigenvalues
from geometry.survey import survey
from learning.choosing import Budget, choice, row_error
from learning.cost import affordable
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods
from projectors.checks import whole_number
from projectors.recipes import from_recipe
from tests.projectors.table import each_projector, parameters

KINDS = (Sinkhorn, PermutationMixture, Orthostochastic, Unistochastic)
NOT_WHOLE = (2.0, 2.5, "3", None, True, False, np.True_, np.float64(3), 3j, (3,), float("nan"), np.array([3, 4]))
NOT_WHOLE += (np.array(True), torch.tensor(True), torch.tensor([True]), torch.tensor(3.0), torch.tensor([3, 4]))


def received(value):
    return re.escape(repr(value))


@pytest.mark.parametrize("value", [*NOT_WHOLE, -1, 0, 1], ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_size_is_a_whole_number_of_at_least_two(kind, value):
    with pytest.raises(ValueError, match=rf"whole number from 2 to 4096, not {received(value)}"):
        kind(value)


@pytest.mark.parametrize("value", [*NOT_WHOLE, -1, 0], ids=repr)
def test_ranks_and_counts_are_whole_numbers_of_at_least_one(value):
    wanted = rf"whole number from 1 to \d+, not {received(value)}"
    for make in (
        lambda: Orthostochastic(3, value),
        lambda: Unistochastic(3, value),
        lambda: Mixture(Orthostochastic(3), value),
    ):
        with pytest.raises(ValueError, match=wanted):
            make()
    with pytest.raises(ValueError, match=rf"whole number from 1 to 10000, not {received(value)}"):
        Sinkhorn(3, value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Sinkhorn(10**30), "from 2 to 4096"),
        (lambda: Orthostochastic(64, 65), "from 1 to 64, not 65"),
        (lambda: Mixture(Orthostochastic(3), 10**9), "from 1 to 4096"),
        (lambda: Kronecker((Orthostochastic(64),) * 3), "product of the factors' sizes, must be .* 4096, not 262144"),
        (lambda: Mixture(Orthostochastic(3), 2, weights=0.5), "2 non-negative numbers of sum 1, not 0.5"),
        (lambda: Mixture(Orthostochastic(3), 2, weights="ab"), "2 non-negative numbers of sum 1, not 'ab'"),
        (lambda: methods(4, 2, factors=4), "factors of n = 4 must be a sequence of whole numbers, not 4"),
    ],
)
def test_sizes_are_bounded_before_anything_is_made(make, said):
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize("n", [9, 10, 64])
def test_all_permutations_stop_at_order_8(n):
    with pytest.raises(ValueError, match=rf"at most 8 .*not {n}"):
        PermutationMixture(n)


def test_positive_is_one_of_two_words():
    with pytest.raises(ValueError, match="'exp' or 'abs', not 'relu'"):
        Sinkhorn(3, positive="relu")


@pytest.mark.parametrize("factors", [(), [], None, 4, (2, 2), (PermutationMixture(2), 2), PermutationMixture(2), "ab"])
def test_kronecker_factors_are_projectors(factors):
    with pytest.raises(ValueError, match=rf"projectors?, not {received(factors)}"):
        Kronecker(factors)


@pytest.mark.parametrize("projector", [None, 3, Orthostochastic, "Orthostochastic(3)"])
def test_what_is_averaged_is_a_projector(projector):
    with pytest.raises(ValueError, match=rf"projector to average, not {received(projector)}"):
        Mixture(projector, 2)


def test_a_weight_of_minus_zero_is_none_and_prints_as_it_is_read():
    mixture = Mixture(Orthostochastic(3), 2, (1.0, -0.0))
    assert from_recipe(repr(mixture)) == mixture


@pytest.mark.parametrize(
    "weights",
    [(), (1.0,), (0.5, 0.6), (-0.5, 1.5), (0.5, 0.25, 0.25), (float("nan"), 1.0), (float("nan"),) * 2, (np.inf, 0)],
    ids=str,
)
def test_weights_are_a_point_of_the_simplex(weights):
    with pytest.raises(ValueError, match=rf"2 non-negative numbers of sum 1, not {received(weights)}"):
        Mixture(Orthostochastic(3), 2, weights)


@each_projector
def test_theta_of_the_wrong_length_or_dtype_is_refused(projector):
    p = projector.parameter_count
    right = rf"\(\.\.\., {p}\)"
    for theta in (torch.zeros(2, p + 1), torch.zeros(p - 1), torch.zeros(p, 2 if p != 2 else 3), torch.zeros(())):
        with pytest.raises(ValueError, match=rf"{right}, not torch.float32 of shape {re.escape(str((*theta.shape,)))}"):
            projector(theta)
    for dtype in (torch.int64, torch.complex128, torch.bool):
        with pytest.raises(ValueError, match=rf"{re.escape(str(projector))} wants real .*{right}, not {dtype}"):
            projector(torch.zeros(p, dtype=dtype))
    assert projector(parameters(projector)).shape == (projector.n, projector.n)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3)], ids=repr)
def test_whole_numbers_of_any_make_become_ints(value):
    assert type(whole_number(value, "n", 3, 3)) is int
    assert whole_number(value, "n", 1) == 3
    with pytest.raises(ValueError, match="n must be a whole number from 4 to 5, not"):
        whole_number(value, "n", 4, 5)
    with pytest.raises(ValueError, match="n must be a whole number from 1 to 2, not"):
        whole_number(value, "n", 1, 2)


@pytest.mark.parametrize("whole", [np.int64, np.uint8, np.array])
def test_whole_numbers_of_any_make_make_the_same_projector(whole):
    """Not only an equal one: the same text, which is what reports and addresses hold."""
    for kind, *numbers in (
        (Sinkhorn, 3, 5),
        (PermutationMixture, 3),
        (Orthostochastic, 3, 2),
        (Unistochastic, 3, 2),
        (lambda k: Mixture(Orthostochastic(3), k), 2),
    ):
        wanted, found = kind(*numbers), kind(*map(whole, numbers))
        assert found == wanted
        assert hash(found) == hash(wanted)
        assert repr(found) == repr(wanted)
        assert found(parameters(found)).shape == (3, 3)


def test_numbers_that_are_not_written_out_are_refused():
    for layout in (torch.sparse_coo, torch.sparse_csr):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # torch's own, that it is not finished
            theta = torch.eye(9, dtype=torch.float64).to_sparse(layout=layout)
        for refuses in (Sinkhorn(3), eigenvalues):
            with pytest.raises(ValueError, match=r"\.to_dense\(\) makes it one"):
                refuses(theta)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: from_recipe(5),
        lambda: row_error(Sinkhorn(3), count=0),
        lambda: row_error(3),
        lambda: choice(4, budget=5),
        lambda: Budget(exact="no"),
        lambda: choice(4, shares={}),
        lambda: affordable({}, {}, seconds="a", times={}),
        lambda: next(survey(Sinkhorn(3), 5, window=3)),
        lambda: Effort(seconds=10**400),
        lambda: Window("0", 0.1),
    ],
)
def test_what_is_no_value_at_all_is_refused_everywhere(ask):
    with pytest.raises(ValueError, match=r"must|wanted|needs"):
        ask()
    assert Window(np.float64(0.5), 0.1) == Window(0.5 + 0j, 0.1)
    assert Effort(seconds=np.float32(1)).seconds == 1.0
