"""All public searches refuse the same seeds and the same targets, and say what they received."""

import re
from decimal import Decimal

import numpy as np
import pytest
import torch

from geometry.distances import nearest
from geometry.reach import boundary, path, reach_map, reach_maps, solve
from projectors import Orthostochastic, PermutationMixture

P, FORMULA = Orthostochastic(3), PermutationMixture(3)
BARYCENTRE = torch.full((1, 3, 3), 1 / 3, dtype=torch.float64)
SEARCHES = {
    "solve": lambda seed: solve(P, [0.1], seed),
    "path": lambda seed: path(P, 0.1, seed),
    "reach_map": lambda seed: reach_map(P, 21, seed),
    "reach_maps": lambda seed: reach_maps(P, 21, seed),  # at the call, not at the first map
    "boundary": lambda seed: boundary(P, [0.1], seed),
    "nearest": lambda seed: nearest(P, BARYCENTRE, seed),
    "nearest by a formula": lambda seed: nearest(FORMULA, BARYCENTRE, seed),
}
each_search = pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)


@each_search
@pytest.mark.parametrize("seed", [-1, 1.5, True, np.True_, 2**63, None, "1", np.nan])
def test_bad_seeds_are_refused(search, seed):
    with pytest.raises(ValueError, match=re.escape(f"the seed must be a whole number from 0 to {2**63 - 1}, not ")):
        search(seed)


@each_search
def test_whole_numbers_of_any_kind_and_size_are_seeds(search):
    for seed in (np.int64(3), 2**63 - 1):
        search(seed)


def _word(given: object) -> str:
    """A short name of what is given, the same in every process."""
    return "object" if type(given) is object else repr(given)[:40]


NOT_NUMBERS = [None, "0.1", ["0.1"], [None], [True], [Decimal("0.1")], [[0.1], [0.2, 0.3]], object(), [10**400]]
NOT_FINITE = [[np.nan], [0.1, np.inf], [-np.inf], np.array([np.nan])]
NOT_ONE_DIMENSIONAL = [0.5, [[0.5, 0.2]], np.zeros((1, 1)), torch.zeros(2, 1)]


@pytest.mark.parametrize("given", [*NOT_NUMBERS, *NOT_FINITE, *NOT_ONE_DIMENSIONAL, [complex(0, np.inf)]], ids=_word)
def test_bad_targets_are_refused(given):
    wanted = f"targets must be finite complex numbers of shape (m,), not {given!r}"
    with pytest.raises(ValueError, match=re.escape(wanted)):
        solve(P, given)


@pytest.mark.parametrize(
    "given", [*NOT_NUMBERS, *NOT_FINITE, *NOT_ONE_DIMENSIONAL, [0.1j], torch.tensor([1j])], ids=_word
)
def test_bad_angles_are_refused(given):
    with pytest.raises(ValueError, match=re.escape(f"angles must be finite numbers of shape (m,), not {given!r}")):
        boundary(P, given)


@pytest.mark.parametrize(
    "given", [np.nan, np.inf, complex(0, -np.inf), None, "0.1", True, [0.1], torch.zeros(1)], ids=_word
)
def test_bad_points_are_refused(given):
    wanted = re.escape(f"the target must be a finite complex number, not {given!r}")
    with pytest.raises(ValueError, match=wanted):
        path(P, given)
    with pytest.raises(ValueError, match=wanted):
        reach_map(P, 21).matrix(given)


@pytest.mark.parametrize("given", [np.eye(3)[None], [[[1.0]]], None, 0.5], ids=lambda given: type(given).__name__)
@pytest.mark.parametrize("projector", [P, FORMULA], ids=str)
def test_matrices_that_are_no_tensors_are_refused(projector, given):
    wanted = f"matrices of shape (..., 3, 3) as a torch.Tensor, not {type(given).__name__}"
    with pytest.raises(ValueError, match=re.escape(wanted)):
        nearest(projector, given)


@pytest.mark.parametrize(
    "given",
    [
        [0.1, 0.2j],
        np.array([0.1, 0.2j])[::-1],
        np.array([1, 0], dtype=np.int8),
        torch.tensor([0.1, 0.2]).requires_grad_(),
        torch.tensor([0.1j]).conj(),
        (),
    ],
    ids=lambda given: type(given).__name__,
)
def test_numbers_of_any_kind_are_targets(given):
    found = solve(P, given)
    plain = given.detach().resolve_conj().numpy() if isinstance(given, torch.Tensor) else np.asarray(given)
    np.testing.assert_array_equal(found.targets.numpy(), plain.astype(np.complex128))
    assert len(found.ended) == len(plain)
