"""Measures, depth and conversion: by invariance, limits, and matrices whose answers are known."""

from math import cos, sin, sqrt

import pytest
import torch
from torch import Tensor

import inspector
from inspector.conversion import HOLDS
from learning.depth import amax_gains, repeated
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn


def mixtures(count: int, n: int = 4, seed: int = 0) -> Tensor:
    projector = PermutationMixture(n)
    return projector(projector.initial(count, generator=torch.Generator().manual_seed(seed)))


def test_measures_do_not_depend_on_the_order_of_streams() -> None:
    matrices = mixtures(20)
    order = [2, 0, 3, 1]
    before, after = inspector.measures(matrices), inspector.measures(matrices[:, order][:, :, order])
    for name in ("second", "gap", "entropy", "from_identity", "from_permutation", "from_uniform", "row_error"):
        assert (getattr(before, name) - getattr(after, name)).abs().max() < 1e-12, name
    assert (before.eigenvalues - after.eigenvalues).abs().max() < 1e-9
    assert bool((before.inside_perfect_mirsky & before.inside_karpelevich).all())


def test_the_nearest_permutation_is_the_nearest() -> None:
    from projectors.averages.permutation import permutation_matrices

    matrices = mixtures(30)
    all_distances = torch.linalg.matrix_norm(matrices[:, None] - permutation_matrices(4))
    found = inspector.measures(matrices)
    assert (found.from_permutation - all_distances.amin(1)).abs().max() < 1e-12
    identity = torch.eye(4).double()
    assert (
        torch.linalg.matrix_norm(matrices - identity[found.permutation]) - found.from_permutation
    ).abs().max() < 1e-12


def test_the_perron_root_goes_exactly_where_only_rows_or_only_columns_are_exact() -> None:
    """Of row-stochastic A, the others are eigenvalues of A less 1 J/n-like: compare with all of A's own."""
    raw = torch.rand(10, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) ** 3
    for matrices in (raw / raw.sum(-1, keepdim=True), raw / raw.sum(-2, keepdim=True)):
        found = inspector.measures(matrices).eigenvalues
        for values, matrix in zip(found, matrices, strict=True):
            everything = torch.linalg.eigvals(matrix)
            assert sorted(torch.cat([values, torch.ones(1)]).abs().tolist()) == pytest.approx(
                sorted(everything.abs().tolist())
            )
    # Neither kind exact: what is nearest to 1 goes, and the rest is there.
    odd = torch.tensor([[0.9, 0.2, 0], [0, 0.8, 0.3], [0.2, 0.1, 0.7]], dtype=torch.float64)
    values, everything = inspector.measures(odd).eigenvalues, torch.linalg.eigvals(odd)
    assert min(abs(values.sum() - (everything.sum() - root)) for root in everything) < 1e-12


def test_where_no_eigenvalue_is_real_the_nearest_to_one_goes() -> None:
    turn = [[[cos(angle), -sin(angle)], [sin(angle), cos(angle)]] for angle in (2.0, 0.1)]
    left = inspector.measures(torch.block_diag(*map(torch.tensor, turn))).eigenvalues
    assert left.real.sort().values.tolist() == pytest.approx([cos(2), cos(2), cos(0.1)], abs=1e-6)


def test_one_poisoned_matrix_leaves_the_others_alone() -> None:
    matrices = mixtures(3)
    poisoned = matrices.clone()
    poisoned[1, 0, 0] = torch.nan
    clean, found = inspector.measures(matrices), inspector.measures(poisoned)
    assert torch.equal(clean.second[[0, 2]], found.second[[0, 2]])
    assert bool(found.second[1].isnan())
    assert not bool(found.inside_karpelevich[1])


def test_entropy_is_between_permutations_and_the_uniform_matrix() -> None:
    t = torch.linspace(0, 1, 11, dtype=torch.float64)[:, None, None]
    path = t / 3 + (1 - t) * torch.eye(3).roll(1, 0)
    entropy = inspector.measures(path).entropy
    assert entropy[0] == 0
    assert entropy[-1] == pytest.approx(1)
    assert bool((entropy.diff() > 0).all())


def test_depth_of_equal_layers_is_the_power() -> None:
    matrix = mixtures(1)[0]
    found = inspector.depth(matrix.expand(30, 4, 4))
    assert (found.composites[6] - torch.linalg.matrix_power(matrix, 7)).abs().max() < 1e-14
    assert (found.left - repeated(matrix[None], 30)[:, 0] / sqrt(3)).abs().max() < 1e-14
    assert (found.gains - 1).abs().max() < 1e-13
    assert found.mixed_after is not None
    assert found.left[found.mixed_after - 1] <= 0.05 < found.left[found.mixed_after - 2]
    assert inspector.depth(torch.eye(4).expand(5, 4, 4)).mixed_after is None


def test_gains_are_those_of_the_appendix() -> None:
    from geometry.sampling import sample

    layers = sample(Sinkhorn(4, 2), 20, "initial", 0)
    assert torch.equal(inspector.depth(layers).gains, amax_gains(Sinkhorn(4, 2), 20, count=1)[..., 0])


@pytest.mark.parametrize(
    "bad", [torch.ones(3, 3), torch.ones(0, 3, 3), torch.full((2, 3, 3), torch.nan), torch.ones(2, 3, 2)]
)
def test_depth_refuses_what_is_no_stack(bad: Tensor) -> None:
    with pytest.raises(ValueError, match="depth wants"):
        inspector.depth(bad)


def test_members_are_converted_exactly_and_others_as_near_as_they_can_be() -> None:
    projector = Orthostochastic(4, 1)
    members = projector(projector.initial(5, generator=torch.Generator().manual_seed(0)))
    found = inspector.convert(members, projector)
    assert bool(found.held.all())
    assert (projector(found.theta) - members).abs().max() < HOLDS
    assert torch.equal(projector(found.theta), found.matrix)
    uniform = torch.full((1, 3, 3), 1 / 3, dtype=torch.float64)
    (nearest,) = inspector.convert(uniform, Orthostochastic(3, 1)).distance
    assert nearest == pytest.approx(sqrt(2) / 3, abs=1e-6)  # there is no Hadamard matrix of order 3


def test_what_a_trained_network_would_take() -> None:
    """KromHC holds none of the twelve, go-mHC few at s = 1 and more at s = 2, the full sets all of them."""
    trained = inspector.example("trained mHC")
    krom = Kronecker((PermutationMixture(2), PermutationMixture(2)))
    held = {
        projector: int(inspector.convert(trained, projector).held.sum())
        for projector in (krom, Orthostochastic(4, 1), Orthostochastic(4, 2), PermutationMixture(4), Sinkhorn(4))
    }
    assert held[krom] == 0
    assert held[krom] <= held[Orthostochastic(4, 1)] < held[Orthostochastic(4, 2)] < 12
    assert held[PermutationMixture(4)] == held[Sinkhorn(4)] == 12


def test_a_matrix_that_is_not_doubly_stochastic_keeps_its_own_error_apart() -> None:
    row_stochastic = torch.tensor([[[1.0, 0], [1, 0]]], dtype=torch.float64)
    found = inspector.convert(row_stochastic, PermutationMixture(2))
    assert found.distance < 1e-6
    assert found.error == pytest.approx(1, abs=1e-6)  # its nearest doubly stochastic matrix is J/2


def test_conversion_refuses_other_sizes() -> None:
    with pytest.raises(ValueError, match="with n = 3, not n = 4"):
        inspector.convert(inspector.example("trained mHC"), Orthostochastic(3, 1))


def test_rounding_turns_nothing() -> None:
    """A mean of permutations whose eigenvalue 0 is fourfold, with two eigenvectors: all are real, but for rounding."""
    identity = torch.eye(6, dtype=torch.float64)
    defective = (identity[[4, 1, 3, 5, 2, 0]] + identity[[3, 5, 4, 1, 2, 0]]) / 2
    cycle, slow = identity.roll(1, 0), identity + 1e-4 * (identity.roll(1, 0) - identity)
    found = inspector.measures(torch.stack([defective, cycle, slow]))
    assert found.rotates.tolist() == [False, True, True]
