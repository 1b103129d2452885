"""Sinkhorn's iteration: what it keeps at every step, and what it converges to."""

from itertools import pairwise

import pytest
import torch

from projectors import Sinkhorn
from projectors.balanced.sinkhorn import balance, sinkhorn
from tests.projectors.table import EXACT, few, normal, parameters, sum_error

SIZES = (2, 3, 5, 8)
KINDS = [Sinkhorn(n, iterations, positive) for n in SIZES for iterations in (1, 20) for positive in ("exp", "abs")]
each_kind = pytest.mark.parametrize("projector", KINDS, ids=str)
each_size = pytest.mark.parametrize("n", SIZES)


def row_sums(logits, iterations):
    return sinkhorn(logits, iterations).sum(-1)


def interaction(logits):
    """What adding constants to rows and columns cannot change."""
    return logits - logits.mean(-1, keepdim=True) - logits.mean(-2, keepdim=True) + logits.mean((-2, -1), keepdim=True)


@each_kind
def test_columns_sum_to_one(projector):
    for size in (1e-6, 1.0, 30.0, 1e3, 1e6):
        columns = projector(size * parameters(projector, 50)).sum(-2)
        assert (columns - 1).abs().max() < 1e-12, f"parameters of size {size}"


@each_size
def test_row_sums_close_in_at_every_iteration(n):
    """Rows are weighted means of what the columns were, so that their range can only shrink; its limit is 1."""
    logits = normal(50, n, n)
    sums = torch.stack([row_sums(logits, iterations) for iterations in range(1, 12)])
    assert (sums.amax(-1).diff(dim=0) < 1e-13).all()
    assert (sums.amin(-1).diff(dim=0) > -1e-13).all()
    errors = [sum_error(sinkhorn(logits, iterations)) for iterations in (1, 5, 20, 1000)]
    assert all(later <= earlier + 1e-13 for earlier, later in pairwise(errors))
    assert errors[0] > 1e-2
    assert errors[-1] < 1e-12


@pytest.mark.parametrize("iterations", [1, 7, 300])
def test_diagonal_scaling_keeps_cross_ratios(iterations):
    """With sums of 1 this determines the limit: the one doubly stochastic matrix that is a scaling of the kernel."""
    logits = normal(20, 5, 5)
    balanced = sinkhorn(logits, iterations)
    assert (interaction(balanced.log()) - interaction(logits)).abs().max() < 1e-12
    kernel = logits.exp()
    assert (interaction(balance(kernel, iterations).log()) - interaction(logits)).abs().max() < 1e-12


@each_size
def test_rank_one_kernels_are_balanced_in_one_iteration(n):
    for size in (1.0, 80.0, 1e4):
        logits = size * (normal(10, n, 1) + normal(10, 1, n, seed=1))
        assert (sinkhorn(logits, 1) - 1 / n).abs().max() < 1e-13 * max(10, 10 * size)


@pytest.mark.parametrize("iterations", [1, 2, 20])
def test_row_constants_drop_out_at_once_and_column_constants_in_the_limit(iterations):
    logits, rows, columns = normal(10, 4, 4), 3 * normal(10, 4, 1, seed=1), normal(10, 1, 4, seed=2)
    assert (sinkhorn(logits + rows, iterations) - sinkhorn(logits, iterations)).abs().max() < 1e-13
    assert (sinkhorn(logits + columns, 500) - sinkhorn(logits, 500)).abs().max() < 1e-12
    assert (sinkhorn(logits + columns, 1) - sinkhorn(logits, 1)).abs().max() > 1e-3


def test_transposing_commutes_with_the_limit():
    logits = normal(10, 4, 4)
    assert (sinkhorn(logits.mT, 500) - sinkhorn(logits, 500).mT).abs().max() < 1e-12


@pytest.mark.parametrize("projector", EXACT[::7], ids=str)
def test_doubly_stochastic_matrices_are_fixed_points(projector):
    matrices = projector(parameters(projector, few(projector, 5)))
    for iterations in (1, 20):
        assert (balance(matrices, iterations) - matrices).abs().max() < 1e-12


def test_scaling_a_kernel_changes_nothing():
    kernel = normal(10, 4, 4).exp()
    for scale in (1e-60, 1e-3, 1e60):
        assert (balance(scale * kernel, 5) - balance(kernel, 5)).abs().max() < 1e-13


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_far_apart_logits_stay_finite(dtype):
    """With their gradients; and where one permutation outweighs all others by far, it is the limit."""
    for size in (1e3, 1e6):
        logits = (size * normal(20, 5, 5)).to(dtype).requires_grad_()
        balanced = sinkhorn(logits)
        balanced.square().sum().backward()
        assert balanced.isfinite().all()
        assert logits.grad.isfinite().all()
        assert (balanced.sum(-2) - 1).abs().max() < 1e-4
    order = torch.tensor([2, 0, 3, 1])
    winner = torch.eye(4, dtype=dtype)[order]
    assert (sinkhorn(1e6 * winner) - winner).abs().max() < 1e-6


def test_the_map_is_continuous_where_the_logarithmic_domain_takes_over():
    """Around a spread of 200 (20 in single precision) the same logits, a little more apart, have the same balance."""
    for dtype, spread, tolerance in ((torch.float64, 200.0, 1e-9), (torch.float32, 20.0, 1e-4)):
        shape = normal(10, 4, 4)
        unit = (shape - shape.amin()) / (shape.amax() - shape.amin())
        below, above = ((spread * (1 + 1e-12 * side) + side * 1e-5) * unit for side in (-1, 1))
        change = sinkhorn(below.to(dtype)) - sinkhorn(above.to(dtype))
        assert change.abs().max() < 40 * 2e-5 + tolerance
        assert (sinkhorn(below.to(dtype)).sum(-2) - 1).abs().max() < 1e-5


@each_size
def test_signs_do_not_matter_in_the_linear_ablation(n):
    projector = Sinkhorn(n, positive="abs")
    theta = parameters(projector, 10)
    assert torch.equal(projector(theta), projector(-theta))
    assert torch.equal(projector(theta), projector(theta.abs()))
    assert (projector(1e3 * theta.sign()) - 1 / n).abs().max() < 1e-13


@each_size
def test_linear_ablation_survives_rows_of_zeros(n):
    projector = Sinkhorn(n, positive="abs")
    theta = parameters(projector, 10)
    theta[:, :n] = 0
    assert projector(theta).isfinite().all()
    assert (projector(torch.zeros(n * n, dtype=torch.float64)) - 1 / n).abs().max() < 1e-13
