"""Whose logits: Sinkhorn's iterations in the order, and with the epsilon, of the projects that run them."""

import numpy as np
import pytest
import torch

from geometry.reach import solve
from geometry.sampling import MEASURES, sample
from projectors import Orthostochastic, Sinkhorn
from projectors.conventions import CONVENTIONS, Convention
from projectors.recipes import from_recipe
from tests.projectors.table import normal, sum_error

LOGITS = [[-1.5, 1, 0, -1], [0, -0.5, 0, 1.5], [1.5, 1.5, 0, 0.5], [-0.5, 0, 0, -0.5]]

HYPER_CONNECTIONS = [
    [0.07791809121408838, 0.4887476025404989, 0.3389518971074882, 0.09438240913792445],
    [0.17935303061501107, 0.05601077849332995, 0.17408716815561065, 0.5905490227360484],
    [0.4995648626752772, 0.25721838948127934, 0.10819525196688219, 0.13502149587656126],
    [0.23901097651143952, 0.20289680933649465, 0.38249268017343624, 0.17559953397862965],
]
"""What `sinkhorn_knopps` of hyper-connections 0.4.11 gives for LOGITS after 3 iterations, run in float64."""

DEEPSEEK = [
    [0.07823609105609851, 0.4863636181359353, 0.3375803250350202, 0.094722518012851],
    [0.18034804619936695, 0.05582023095739446, 0.17363857710796535, 0.5935440056024497],
    [0.5013498299464838, 0.2558387374806823, 0.10770549064691425, 0.13544110044481855],
    [0.24006503013817007, 0.20197641934484284, 0.3810746101694241, 0.17629136963094794],
]
"""What modeling_deepseek_v4 of transformers 5.24 calls comb: LOGITS, 3 iterations, an epsilon of 1e-6, in float64."""


@pytest.mark.parametrize(
    ("whose", "theirs"), [("hyper-connections", HYPER_CONNECTIONS), ("DeepSeek-V4", DEEPSEEK)], ids=["columns", "eps"]
)
def test_their_logits_give_their_matrix(whose, theirs):
    logits = torch.tensor(LOGITS, dtype=torch.float64)
    ours = Sinkhorn(4, 3, convention=CONVENTIONS[whose])(logits.flatten()[None])[0]
    assert (ours - torch.tensor(theirs, dtype=torch.float64)).abs().max() < 1e-12
    usual = Sinkhorn(4, 3)(logits.flatten()[None])[0]
    assert (usual - ours).abs().max() > 1e-6  # the conventions do differ


@pytest.mark.parametrize("name", ["mHC", "mhc-lite", "hyper-connections"])
@pytest.mark.parametrize("positive", ["exp", "abs"])
def test_columns_first_is_the_composition_of_the_papers_equation_9(name, positive):
    """T_r(T_c(M)), again and again, from the positive matrix."""
    projector = Sinkhorn(5, 4, positive, CONVENTIONS[name])
    theta = normal(20, 25)
    M = theta.exp() if positive == "exp" else theta.abs()
    M = M.unflatten(-1, (5, 5))
    for _ in range(4):
        M = M / M.sum(-2, keepdim=True)
        M = M / M.sum(-1, keepdim=True)
    assert (projector(theta) - M).abs().max() < 1e-12


@pytest.mark.parametrize(("first", "exact"), [("rows", -2), ("columns", -1)])
def test_the_last_lines_are_exact_and_the_first_are_not(first, exact):
    matrices = Sinkhorn(4, 3, convention=Convention(first))(normal(50, 16))
    assert (matrices.sum(exact) - 1).abs().max() < 1e-14
    assert (matrices.sum(-3 - exact) - 1).abs().max() > 1e-3


@pytest.mark.parametrize("convention", [*CONVENTIONS.values(), Convention("rows", np.float64(1e-6))])
def test_a_convention_prints_as_what_makes_it(convention):
    projector = Sinkhorn(4, 7, convention=convention)
    assert from_recipe(repr(projector)) == projector


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("first", "exact"), [("rows", -2), ("columns", -1)])
def test_samples_are_matrices_of_the_convention(first, exact, measure):
    matrices = sample(Sinkhorn(4, 3, convention=Convention(first)), 500, measure)
    assert (matrices.sum(exact) - 1).abs().max() < 1e-13
    assert (matrices.sum(-3 - exact) - 1).abs().max() > 1e-3
    short = sample(Sinkhorn(4, 3, convention=Convention(first, 0.01)), 500, measure)
    assert (short.sum(exact) < 1).all()


def test_all_orders_have_one_limit():
    theta = normal(20, 16)
    matrices = [Sinkhorn(4, 2000, convention=Convention(first))(theta) for first in ("rows", "columns")]
    torch.testing.assert_close(*matrices, rtol=0, atol=1e-12)


def test_an_epsilon_keeps_all_sums_short_of_one():
    theta = normal(50, 16)
    sums = sum_error(Sinkhorn(4, 20, convention=Convention("rows", 1e-6))(theta))
    assert 5e-7 < sums < 1e-3
    matrices = Sinkhorn(4, 200, convention=Convention("rows", 1e-6))(theta)
    assert (matrices.sum(-2) < 1).all()


def test_the_convention_is_part_of_the_value():
    other = Sinkhorn(4, convention=CONVENTIONS["DeepSeek-V4"])
    assert other != Sinkhorn(4)
    assert eval(repr(other), {"Sinkhorn": Sinkhorn, "Convention": Convention}) == other
    assert repr(Sinkhorn(4)) == "Sinkhorn(n=4, iterations=20, positive='exp')"
    assert Sinkhorn(4, convention=CONVENTIONS["go-mHC"]) == Sinkhorn(4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Convention("diagonals"), "first must be one of rows, columns, not 'diagonals'"),
        (lambda: Convention(epsilon=-1e-6), "epsilon must be a number from 0 to 0.1, not -1e-06"),
        (lambda: Convention(epsilon=float("nan")), "epsilon must be a number from 0 to 0.1, not nan"),
        (lambda: Convention(epsilon="1e-6"), "epsilon must be a number from 0 to 0.1, not '1e-6'"),
        (lambda: Sinkhorn(4, convention="DeepSeek-V4"), "convention must be a Convention, .*, not 'DeepSeek-V4'"),
        (lambda: Sinkhorn(4, 20, "abs", Convention("rows", 1e-6)), "positive must be 'exp', not 'abs'"),
    ],
)
def test_others_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_what_cannot_be_doubly_stochastic_is_not_searched():
    with pytest.raises(ValueError, match=r"epsilon of 1e-06 keeps .* ask for the convention without it"):
        solve(Sinkhorn(3, convention=CONVENTIONS["DeepSeek-V4"]), [0.1])


def test_columns_first_reaches_what_rows_first_reaches():
    found = solve(Sinkhorn(3, 20, convention=CONVENTIONS["mHC"]), [0.3, -0.2 + 0.4j])
    assert found.solved.all()
    assert sum_error(found.matrix) < 1e-8


def test_the_notebooks_sign_of_the_rotation_transposes():
    """go-mHC's notebook takes (I - X)^-1 (I + X), the inverse of the Cayley transform in its README: theta of -X."""
    projector = Orthostochastic(3, 2)
    theta = normal(10, projector.parameter_count)
    A, eye = projector.skew(theta), torch.eye(6, dtype=torch.float64)
    Q = torch.linalg.solve(eye - A, eye + A)
    theirs = Q.square().unflatten(-1, (3, 2)).unflatten(-3, (3, 2)).sum((-1, -3)) / 2
    torch.testing.assert_close(projector(-theta), theirs)
    torch.testing.assert_close(projector(theta).mT, theirs)
