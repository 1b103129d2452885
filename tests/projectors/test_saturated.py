"""Parameters at the ends of the number line: masked, saturated, near overflow, not numbers."""

import pytest
import torch
from scipy.optimize import linear_sum_assignment

from geometry.distances import birkhoff_projection
from geometry.polytope import exactness_residual
from projectors import (
    EuclideanProjection,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
)
from projectors.conventions import CONVENTIONS
from tests.projectors.table import EXACT, each_projector, few, normal, parameters, sum_error

INF, NAN = float("inf"), float("nan")
each_width = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def masked(*rows, dtype=torch.float64):
    """Rows of 0 and 1 -> logits (9,) that are -inf where there is a 0."""
    present = torch.tensor([[int(entry) for entry in row] for row in rows])
    return torch.where(present == 1, 0.5, -INF).to(dtype).flatten()


def test_a_mask_keeps_its_zeros_and_the_rest_is_balanced():
    """Zeros in a pattern of total support: the limit has them, and the iteration reaches it."""
    logits = torch.stack([masked("111", "111", "111"), masked("011", "101", "110")]).requires_grad_()
    matrices = Sinkhorn(3, 50)(logits)
    assert sum_error(matrices.detach()) < 1e-9
    torch.testing.assert_close(matrices[1], (1 - torch.eye(3, dtype=torch.float64)) / 2)
    (matrices * torch.arange(9.0).view(3, 3)).sum().backward()
    assert logits.grad.isfinite().all()


def test_a_single_permutation_is_all_that_a_triangle_holds():
    matrix = Sinkhorn(3, 10_000)(masked("100", "110", "111"))
    torch.testing.assert_close(matrix, torch.eye(3, dtype=torch.float64), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (("111", "000", "111"), "row 1 is -inf throughout"),
        (("011", "011", "011"), "column 0 is -inf throughout"),
        (("100", "100", "111"), "every permutation meets one of -inf"),
    ],
)
@pytest.mark.parametrize("convention", ["go-mHC", "mHC"])
def test_a_mask_without_a_permutation_is_refused(rows, why, convention):
    logits = torch.stack([masked("111", "111", "111"), masked(*rows)])
    if convention == "mHC":
        logits = logits.unflatten(-1, (3, 3)).mT.flatten(-2)
    with pytest.raises(ValueError, match=rf"logits of matrix 1 of 2 leave no doubly stochastic matrix: {why}"):
        Sinkhorn(3, convention=CONVENTIONS[convention])(logits)


@pytest.mark.parametrize(
    ("projector", "row", "said"),
    [
        (PermutationMixture(2), [-INF, -INF], r"theta\[1\], which holds -inf at places 0, 1"),
        (PermutationMixture(2), [INF, 0], r"theta\[1\], which holds inf at place 0"),
        (Sinkhorn(2), [0, INF, 0, 0], r"theta\[1\], which holds inf at place 1"),
        (Sinkhorn(2, positive="abs"), [0, 0, 0, -INF], r"theta\[1\], which holds -inf at place 3"),
        (Orthostochastic(3), [0, INF, 0], r"theta\[1\], which holds inf at place 1"),
        (Unistochastic(2), [0, 1, 2, -INF], r"theta\[1\], which holds -inf at place 3"),
        (
            Kronecker((Orthostochastic(2), PermutationMixture(2))),
            [INF, 0, 0],
            r"theta\[1\], which holds inf at place 0",
        ),
        (Mixture(Orthostochastic(2), 2), [0, 0, -INF, -INF], r"theta\[1\], which holds -inf at places 2, 3"),
    ],
    ids=str,
)
def test_what_has_no_matrix_is_refused_by_its_row(projector, row, said):
    theta = torch.stack([torch.zeros(len(row)), torch.tensor(row, dtype=torch.float32)])
    with pytest.raises(ValueError, match=said):
        projector(theta)


def test_softmaxes_take_a_mask():
    theta = torch.tensor([-INF, 0.0, -INF, -INF, -INF, 0.0], requires_grad=True)
    matrix = PermutationMixture(3)(theta)
    torch.testing.assert_close(matrix.detach(), torch.tensor([[0.5, 0, 0.5], [0, 0.5, 0.5], [0.5, 0.5, 0]]))
    matrix[0, 0].backward()
    assert theta.grad.isfinite().all()


@each_width
@pytest.mark.parametrize("size", [1e4, "near overflow"])
@each_projector
def test_huge_parameters_give_finite_matrices_and_gradients(projector, size, dtype):
    size = 0.94 * torch.finfo(dtype).max if size == "near overflow" else size
    count = few(projector, 5)
    theta = (size * parameters(projector, count).sign()).to(dtype).requires_grad_()
    matrices = projector(theta)
    assert matrices.isfinite().all()
    assert matrices.min() >= 0
    if projector in EXACT:
        assert sum_error(matrices.detach()) < 50 * projector.n * torch.finfo(dtype).eps
    matrices.square().sum().backward()
    assert theta.grad.isfinite().all()


@each_projector
def test_nan_stays_in_its_row(projector):
    theta = parameters(projector, 3)
    alone = projector(theta)
    theta[1, -1] = NAN
    found = projector(theta)
    assert found[1].isnan().any()
    torch.testing.assert_close(found[[0, 2]], alone[[0, 2]], rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [1e3, 1e7, 1e10, 1e30])
@pytest.mark.parametrize("projector", [Orthostochastic(3), Orthostochastic(5), Unistochastic(3)], ids=str)
def test_plain_formulas_of_rotations_hold_for_parameters_of_any_size(projector, size):
    theta = size * parameters(projector, 20).float()
    torch.testing.assert_close(torch.func.vmap(projector)(theta), projector(theta), rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [1e4, 1e6, 1e8, 1e14])
@pytest.mark.parametrize("projector", [Orthostochastic(3, 1), Orthostochastic(5, 1), Orthostochastic(3, 3)], ids=str)
def test_small_gradients_of_large_parameters_of_rotations_are_those_of_differences(projector, size):
    """In single precision too: Adam divides their size away, so that rounding would be a direction like any other.

    Of odd order: those of even order fall so fast that differences of values do not see them.
    """
    theta, weights = size * parameters(projector, 1), normal(projector.n, projector.n, seed=2)

    def value(point):
        return (projector(point) * weights.to(point)).sum((-1, -2))

    leaf = theta.float().requires_grad_()
    (gradient,) = torch.autograd.grad(value(leaf), leaf)
    steps = 1e-4 * size * torch.eye(projector.parameter_count, dtype=torch.float64)
    differences = (value(theta + steps) - value(theta - steps)) / (2e-4 * size)
    assert (gradient - differences).norm() < 1e-3 * differences.norm()


@pytest.mark.parametrize("size", [1.0, 300.0, 1e6])
def test_what_lines_have_in_common_does_not_move_a_projection(size):
    """Of a matrix as large as its scale, or one that differs little from sums of rows and columns that are large."""
    projector, theta = EuclideanProjection(4), normal(30, 4, 4)
    offsets = size * (normal(30, 4, 1, seed=1) + normal(30, 1, 4, seed=2))
    near = projector((theta + offsets).flatten(1))
    torch.testing.assert_close(near, projector(theta.flatten(1)), rtol=0, atol=1e-13 * size + 1e-12)
    torch.testing.assert_close(birkhoff_projection(theta + offsets), near, rtol=0, atol=1e-11 * size + 1e-8)


@pytest.mark.parametrize("spread", [0.0, 5.0])
@pytest.mark.parametrize("size", [1.0, 100.0, 1e4, 1e9])
@pytest.mark.parametrize("n", [2, 3, 4, 8, 20])
def test_no_doubly_stochastic_matrix_is_nearer_whatever_the_size(n, size, spread):
    """The angle to every vertex is obtuse, and the vertex that is farthest that way is an assignment."""
    given = size * normal(20, n, n) * (spread * normal(20, n, n, seed=1)).exp()
    found = birkhoff_projection(given)
    assert found.min() >= 0
    assert exactness_residual(found).max() < 1e-14
    for away, matrix in zip(given - found, found, strict=True):
        row, column = linear_sum_assignment(away.numpy(), maximize=True)
        assert away[row, column].sum() - (away * matrix).sum() < 1e-13 * n * away.abs().max()


def test_what_is_far_above_or_below_the_others_leaves_them_their_projection():
    small = 3 * normal(10, 3, 3)
    given = small.new_zeros(10, 5, 5)
    given[:, :3, :3], given[:, 3, 3], given[:, 4, :4] = small, 1e9, -1e15
    wanted = torch.stack([torch.block_diag(block, torch.eye(2)) for block in birkhoff_projection(small)])
    torch.testing.assert_close(birkhoff_projection(given), wanted, rtol=0, atol=1e-12)


def test_the_nearest_matrix_depends_neither_on_company_nor_on_a_constant():
    small = 3 * normal(3, 6, 6)
    alone = birkhoff_projection(small)
    company = birkhoff_projection(torch.cat([small, torch.full((1, 6, 6), 1e8)]))
    torch.testing.assert_close(company[:3], alone, rtol=0, atol=1e-12)
    torch.testing.assert_close(birkhoff_projection(small + 1e8), alone, rtol=0, atol=1e-6)
    stuck = torch.tensor([[46.0, -12, -46], [-48, 55, 44], [41, -4, -28]], dtype=torch.float64)
    assert birkhoff_projection(stuck).round(decimals=9).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
