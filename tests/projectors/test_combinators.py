"""Kronecker products, mixtures and mixtures of permutations: the algebra that makes them what they are."""

import pytest
import torch

from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from projectors.averages.kronecker import kronecker
from projectors.averages.permutation import permutation_matrices, permutation_mixture
from tests.projectors.table import normal, parameters, permutation_matrix, permutations_of

ATOMS = [Orthostochastic(3, 2), Unistochastic(2), PermutationMixture(3), Sinkhorn(4)]
each_atom = pytest.mark.parametrize("projector", ATOMS, ids=str)


def test_kronecker_product_of_matrices():
    A, B = normal(2, 5, 3, 3), normal(2, 5, 2, 2, seed=1)
    C, D = normal(2, 5, 3, 3, seed=2), normal(2, 5, 2, 2, seed=3)
    assert (kronecker(A, B) @ kronecker(C, D) - kronecker(A @ C, B @ D)).abs().max() < 1e-13
    assert torch.equal(kronecker(A, B)[1, 2], torch.kron(A[1, 2], B[1, 2]))
    assert torch.equal(kronecker(A, B)[..., :2, 4:6], A[..., :1, 2:3] * B)


def test_factors_take_their_parameters_in_order():
    projector = Kronecker((Orthostochastic(3), PermutationMixture(2), Unistochastic(2)))
    theta = parameters(projector)
    matrices = [factor(part) for factor, part in zip(projector.factors, theta.split([3, 2, 4]), strict=True)]
    assert projector.n == 12
    assert (projector(theta) - kronecker(kronecker(*matrices[:2]), matrices[2])).abs().max() < 1e-13


@each_atom
def test_kronecker_of_one_factor_is_the_factor(projector):
    theta = parameters(projector, 4)
    assert (Kronecker((projector,))(theta) - projector(theta)).abs().max() < 1e-13


@each_atom
def test_equal_parts_average_to_themselves(projector):
    theta = parameters(projector, 4)
    logits = normal(4, 3)
    assert (Mixture(projector, 3)(torch.cat([theta.repeat(1, 3), logits], 1)) - projector(theta)).abs().max() < 1e-13
    assert (Mixture(projector, 3, (0, 1, 0))(theta.repeat(1, 3)) - projector(theta)).abs().max() < 1e-13


@each_atom
def test_weights_are_those_of_the_convex_combination(projector):
    first, second = parameters(projector, 4), parameters(projector, 4, seed=1)
    B, C = projector(first), projector(second)
    fixed = Mixture(projector, 2, (0.25, 0.75))(torch.cat([first, second], 1))
    assert (fixed - (0.25 * B + 0.75 * C)).abs().max() < 1e-13
    logits = torch.tensor([0.0, 3.0]).log1p().double().expand(4, 2)  # weights 1 to 4
    learned = Mixture(projector, 2)(torch.cat([first, second, logits], 1))
    assert (learned - (0.2 * B + 0.8 * C)).abs().max() < 1e-7


@each_atom
def test_initial_mixture_is_evenly_weighted(projector):
    mixture = Mixture(projector, 3)
    theta = mixture.initial(4, generator=torch.Generator().manual_seed(0))
    parts = theta[:, :-3].reshape(4, 3, -1)
    assert (mixture(theta) - projector(parts).mean(1)).abs().max() < 1e-13


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_permutation_matrices_are_all_of_them_in_lexicographic_order(n):
    wanted = torch.stack([permutation_matrix(order) for order in permutations_of(n)])
    assert torch.equal(permutation_matrices(n), wanted)


@pytest.mark.parametrize("n", [0, 9, 2.0, True])
def test_permutation_matrices_of_other_sizes_are_refused(n):
    with pytest.raises(ValueError, match=rf"whole number from 1 to 8, not {n}"):
        permutation_matrices(n)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_mixture_of_permutations_is_affine_in_its_weights(n):
    projector = PermutationMixture(n)
    p = projector.parameter_count
    assert (projector(torch.full((p,), 3.0, dtype=torch.float64)) - 1 / n).abs().max() < 1e-13
    theta = parameters(projector)
    assert (projector(theta + 7) - projector(theta)).abs().max() < 1e-13
    weights = theta.softmax(0)
    assert (permutation_mixture(weights, n) - projector(theta)).abs().max() < 1e-13
    vertices = permutation_mixture(torch.eye(p, dtype=torch.float64)[:24], n)
    assert (vertices - permutation_matrices(n)[:24]).abs().max() < 1e-13


def test_large_parameters_single_out_a_vertex():
    theta = torch.zeros(24, 24, dtype=torch.float64).fill_diagonal_(1e3)
    assert (PermutationMixture(4)(theta) - permutation_matrices(4)).abs().max() < 1e-13
