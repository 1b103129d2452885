"""What `eigenvalues` promises beyond the numbers: one order, derivatives or a refusal, and which matrices it takes."""

import numpy as np
import pytest
import scipy.linalg
import torch

from geometry.spectra import eigenvalues, unordered_eigenvalues
from geometry.spectra.closed_forms import spectrum
from projectors import Sinkhorn
from tests.geometry.test_spectra import doubly_stochastic, permutation_sums
from tests.projectors.table import normal, seeded

each_size = pytest.mark.parametrize("n", range(2, 10))


def permutation_matrices(n, count):
    orders = torch.rand(count, n, generator=seeded(3)).argsort(-1)
    return torch.nn.functional.one_hot(orders, n).double()


def circulants(n, count):
    """With simple weights: many moduli and real parts are equal exactly."""
    powers = torch.stack([torch.eye(n, dtype=torch.float64).roll(k, 1) for k in range(n)])
    weights = torch.randint(0, 3, (count, n), generator=seeded(4)).double() + torch.eye(n)[0]
    return torch.einsum("bk,kij->bij", weights / weights.sum(-1, keepdim=True), powers)


@each_size
@pytest.mark.parametrize("make", [doubly_stochastic, permutation_matrices, circulants])
def test_permuted_copies_and_transposes_have_one_order(n, make):
    matrices = make(n, 60)
    P = permutation_matrices(n, 60)
    values = eigenvalues(matrices)
    torch.testing.assert_close(eigenvalues(P @ matrices @ P.mT), values, rtol=0, atol=1e-7)
    torch.testing.assert_close(eigenvalues(matrices.mT), values, rtol=0, atol=1e-7)


@each_size
@pytest.mark.parametrize("make", [doubly_stochastic, permutation_sums, permutation_matrices, circulants])
def test_moduli_fall_and_conjugates_are_neighbours(n, make):
    values = eigenvalues(make(n, 100))
    assert (values.abs().diff(dim=-1) <= 2e-9).all()
    for row in values:
        skip = False
        for place, value in enumerate(row.tolist()):
            if skip or value.imag == 0:
                skip = False
                continue
            assert value.imag > 0
            assert row[place + 1].item() == value.conjugate()
            skip = True


@pytest.mark.parametrize("n", [3, 4, 5])
def test_where_all_coincide_their_sum_has_a_derivative_and_one_of_them_has_none(n):
    """The sum of all is the trace less 1; of J/n, all are 0, and so is the derivative of any sum of squares."""
    B = torch.full((2, n, n), 1 / n, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(eigenvalues(B).real.sum(), B)
    deflation = torch.eye(n, dtype=torch.float64) - 1 / n
    torch.testing.assert_close(slope, deflation.expand(2, n, n), rtol=0, atol=1e-12)
    (slope,) = torch.autograd.grad(eigenvalues(B).abs().square().sum(), B)
    assert slope.abs().max() < 1e-12
    with pytest.raises(ValueError, match=r"no derivative where eigenvalues coincide: matrix 0 .* more than once"):
        eigenvalues(B)[..., 0].real.sum().backward()


def test_three_that_are_equally_far_apart_have_derivatives():
    """Cardano's formula takes the third root of 0 there. Each moves as its place on the diagonal does."""
    C = torch.diag(torch.tensor([0.5, 0, -0.5], dtype=torch.float64)).requires_grad_()
    for place, value in enumerate(spectrum(C[None])[0].detach().real.tolist()):
        (slope,) = torch.autograd.grad(spectrum(C[None])[0, place].real, C)
        wanted = torch.diag((C.detach().diagonal() - value).abs() < 1e-12).double()
        torch.testing.assert_close(slope, wanted, rtol=0, atol=1e-12)


def tangent(G):
    """The part of a gradient that sums of rows and columns do not see."""
    return G - G.mean(-1, keepdim=True) - G.mean(-2, keepdim=True) + G.mean((-1, -2), keepdim=True)


def averages(*sizes):
    """J/n for each size, beside each other: as many eigenvalues 1 as there are, and 0 for the rest."""
    return torch.block_diag(*(torch.full((n, n), 1 / n, dtype=torch.float64) for n in sizes))


def neighbours(n):
    """Every stream averaged with the next, one after the other: 0 is an eigenvalue n / 2 times, with one vector."""
    whole = torch.eye(n, dtype=torch.float64)
    for place in range(n - 1):
        whole[:, place : place + 2] = whole[:, place : place + 2].mean(-1, keepdim=True)
    return whole


@pytest.mark.parametrize(
    "B",
    [averages(2, 2, 2, 2), averages(4, 4), averages(9), averages(3), averages(3, 3).roll(3, 0), averages(1, 1, 4, 5)],
    ids=["2222", "44", "9", "3", "33 swapped", "1145"],
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_multiple_eigenvalues_of_normal_matrices_move_together(B, dtype):
    """The sum of all |lambda|^2 is, to first order, the squared norm of a normal matrix: its gradient is 2 B."""
    B = B.to(dtype).requires_grad_()
    (slope,) = torch.autograd.grad(eigenvalues(B).abs().square().sum(), B)
    torch.testing.assert_close(tangent(slope), tangent(2 * B), rtol=0, atol=50 * torch.finfo(dtype).eps)


@pytest.mark.parametrize("n", [3, 5, 8, 12, 16, 32])
def test_where_eigenvectors_fall_together_derivatives_are_right_or_refused(n):
    B = neighbours(n).requires_grad_()
    total = eigenvalues(B).square().real.sum()  # tr B^2 less 1
    if n > 8:
        with pytest.raises(ValueError, match="eigenvectors fall together"):
            torch.autograd.grad(total, B)
    if n < 8:  # at 8 either, as rounding will have it
        (slope,) = torch.autograd.grad(total, B)
        torch.testing.assert_close(tangent(slope), tangent(2 * B.mT), rtol=0, atol=1e-4)
    (slope,) = torch.autograd.grad(eigenvalues(B)[0].real, B)
    values, left, right = scipy.linalg.eig(B.detach().numpy(), left=True)
    second = np.argsort(-np.abs(values))[1]
    y, x = left[:, second].conj(), right[:, second]
    torch.testing.assert_close(
        tangent(slope), tangent(torch.from_numpy((np.outer(y, x) / (y @ x)).real)), rtol=1e-4, atol=1e-6
    )


def test_a_double_eigenvalue_with_one_eigenvector_has_no_derivative():
    B = torch.tensor([[2, 4, 10], [8, 6, 2], [6, 6, 4]], dtype=torch.float64) / 16
    B.requires_grad_()
    with pytest.raises(ValueError, match=r"has the eigenvalue -0\.125.* 2 times or nearly so, and not as many"):
        eigenvalues(B).square().real.sum().backward()


@pytest.mark.parametrize("n", [3, 4, 5, 7])
def test_second_derivatives_are_right_or_refused(n):
    B = doubly_stochastic(n, 2).requires_grad_()

    def total(B):
        return eigenvalues(B).pow(3).real.sum()

    (slope,) = torch.autograd.grad(total(B), B, create_graph=True)
    (second,) = torch.autograd.grad((slope * B.detach()).sum(), B)
    deflation = torch.eye(n, dtype=torch.float64) - 1 / n
    C = (deflation @ B @ deflation).detach().requires_grad_()  # tr C^3 is the sum
    (slope,) = torch.autograd.grad((C @ C @ C).diagonal(dim1=-2, dim2=-1).sum(), C, create_graph=True)
    (wanted,) = torch.autograd.grad((slope * C.detach()).sum(), C)
    torch.testing.assert_close(tangent(second), tangent(wanted))
    J = averages(n).requires_grad_()
    (slope,) = torch.autograd.grad(total(J), J, create_graph=True)
    with pytest.raises(ValueError, match="no second derivative"):
        slope.square().sum().add(slope[0, 0]).backward()


@pytest.mark.parametrize("n", [4, 6])
def test_a_double_eigenvalue_spoils_neither_simple_ones_nor_other_matrices(n):
    """Two transpositions: -1 twice, 1 in the others."""
    swap = torch.eye(n, dtype=torch.float64)[[1, 0, 3, 2, *range(4, n)]]
    simple = doubly_stochastic(n, 1)[0]
    B = torch.stack([simple, swap]).requires_grad_()
    (slope,) = torch.autograd.grad(eigenvalues(B)[0, 0].abs(), B)
    assert slope.isfinite().all()
    assert slope[1].abs().max() == 0
    alone = simple.clone().requires_grad_()
    torch.testing.assert_close(slope[0], torch.autograd.grad(eigenvalues(alone)[0].abs(), alone)[0])
    with pytest.raises(ValueError, match=r"matrix 1 of the batch"):
        eigenvalues(B)[1, -1].real.backward()


@pytest.mark.parametrize("n", [3, 4, 5])
def test_training_from_the_barycentre_is_told_why_it_cannot(n):
    theta = torch.zeros(1, n * n, dtype=torch.float64, requires_grad=True)
    with pytest.raises(ValueError, match="coincide"):
        eigenvalues(Sinkhorn(n)(theta))[..., 0].real.sum().backward()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (torch.ones(2, 3, 3), r"row 0 of matrix 0 sums to 3, more than the tolerance of 0\.001 from 1"),
        (
            torch.eye(3).repeat(2, 2, 1, 1) * torch.tensor([1, 1, 1.1]),
            r"row 2 of matrix \(0, 0\) sums to 1.1",
        ),
        (torch.tensor([[1.0, 0], [1, 0]]), r"column 0 sums to 2"),
        (torch.tensor([[1.5, -0.5], [-0.5, 1.5]]), r"entry \(0, 1\) is -0.5, below 0"),
        (torch.full((3, 3), torch.nan), r"entry \(0, 0\) is nan"),
        (torch.full((3, 3), torch.inf), r"entry \(0, 0\) is inf"),
        (torch.eye(3).long(), r"floating-point matrices of shape .*, not torch\.int64"),
        ([[1.0]], r"as a torch\.Tensor, not list"),
        (torch.eye(3).numpy(), r"as a torch\.Tensor, not ndarray; torch\.as_tensor makes"),
    ],
)
def test_matrices_without_a_perron_root_are_refused(given, said):
    with pytest.raises(ValueError, match=said):
        eigenvalues(given)


def test_the_look_at_the_numbers_can_be_left_out():
    assert eigenvalues(torch.ones(2, 3, 3), tolerance=None).abs().max() < 1e-6
    assert eigenvalues(1.01 * torch.eye(3), tolerance=0.02).shape == (2,)
    assert unordered_eigenvalues(torch.ones(2, 3, 3)).shape == (2, 2)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 9])
def test_what_is_not_finite_stays_in_its_row(n, capfd):
    matrices = doubly_stochastic(n, 3)
    alone = eigenvalues(matrices)
    matrices[1, 0, 0] = torch.nan
    found = eigenvalues(matrices, tolerance=None)
    assert found[1].isnan().all()
    torch.testing.assert_close(found[[0, 2]], alone[[0, 2]], rtol=0, atol=1e-13)
    assert capfd.readouterr() == ("", "")  # LAPACK prints where it is handed nan


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("n", [3, 6])
def test_half_precision_is_computed_in_single(n, dtype):
    matrices = doubly_stochastic(n, 50).to(dtype)
    values = eigenvalues(matrices)
    assert values.dtype == torch.complex64
    torch.testing.assert_close(values, eigenvalues(matrices.float(), tolerance=None))


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_torch_func_sees_the_same(n):
    matrices = doubly_stochastic(n, 4)
    weights = normal(n - 1)

    def loss(B):
        return (eigenvalues(B).abs() * weights).sum()

    torch.testing.assert_close(torch.vmap(eigenvalues)(matrices), eigenvalues(matrices))
    B = matrices.clone().requires_grad_()
    (slope,) = torch.autograd.grad(sum(loss(each) for each in B), B)
    torch.testing.assert_close(torch.vmap(torch.func.grad(loss))(matrices), slope)
    assert eigenvalues(torch.empty(5, n, n, device="meta")).shape == (5, n - 1)
