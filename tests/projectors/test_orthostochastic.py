"""The Cayley transform and its block norms."""

import pytest
import torch

from projectors import Orthostochastic, Unistochastic
from projectors.rotations.cayley import cayley
from projectors.rotations.rotational import block_norms
from projectors.rotations.skew import skew_hermitian, skew_symmetric
from tests.projectors.inverses import parameters_of, parameters_of_skew
from tests.projectors.table import magnitudes, normal, parameters, permutation_matrix, permutations_of

KINDS = [kind(n, s) for kind in (Orthostochastic, Unistochastic) for n in (2, 3, 4, 5) for s in (1, 2, 3)]
each_kind = pytest.mark.parametrize("projector", KINDS, ids=str)


def skew_matrix(projector, theta):
    fill = skew_symmetric if isinstance(projector, Orthostochastic) else skew_hermitian
    return fill(theta, projector.n * projector.s)


@each_kind
def test_skew_matrices_are_skew_and_hold_every_parameter_once(projector):
    theta = parameters(projector, 3)
    A = skew_matrix(projector, theta)
    assert torch.equal(A.mH, -A)
    found = torch.stack([parameters_of_skew(one) for one in A])
    assert torch.equal(found.sort(-1).values, theta.sort(-1).values)


@each_kind
def test_cayley_transform_is_unitary_and_inverted_by_itself(projector):
    for size, tolerance in ((1.0, 1e-13), (50.0, 1e-12), (1e3, None), (1e6, None), (1e12, None)):
        A = skew_matrix(projector, size * parameters(projector, 5) / 5)
        Q = cayley(A)
        eye = torch.eye(A.shape[-1], dtype=A.dtype)
        assert (Q.mH @ Q - eye).abs().max() < 2e-13
        if tolerance:
            assert ((eye + A) @ Q - (eye - A)).abs().max() < tolerance * 5
    small = cayley(skew_matrix(projector, parameters(projector, 5) / 5))
    assert (cayley(cayley(small)) - small).abs().max() < 1e-12


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
@pytest.mark.parametrize(("n", "s"), [(2, 1), (4, 1), (3, 2), (2, 3)])
def test_inverse_skew_matrices_have_the_same_image(kind, n, s):
    """Q(A^-1) = -Q(A), which links a huge A to a tiny one."""
    projector = kind(n, s)
    for size in (1.0, 1e2, 1e4, 1e8):
        A = size * skew_matrix(projector, parameters(projector, 5))
        assert (cayley(torch.linalg.inv(A)) + cayley(A)).abs().max() < 1e-11


def test_huge_matrices_count_as_their_rescaling():
    """Along a ray the transform converges like 1/|A|: beyond 1e12 it is its limit."""
    A = skew_symmetric(normal(5, 15), 6)
    Q = cayley(1e10 * A)
    for size in (1e13, 1e100, 1e300):
        assert (cayley(size * A) - Q).abs().max() < 1e-8


@each_kind
def test_reversing_the_parameters_transposes_the_matrix(projector):
    for theta in (parameters(projector, 5), magnitudes(projector, 5, -3, 2)):
        assert (projector(-theta) - projector(theta).mT).abs().max() < 1e-12


@pytest.mark.parametrize("n", [2, 3, 4])
def test_conjugating_a_unitary_keeps_its_image(n):
    """The complex conjugate of A has the conjugate Q, with the same absolute values."""
    projector = Unistochastic(n, 2)
    A = skew_matrix(projector, parameters(projector, 5))
    conjugated = torch.stack([parameters_of_skew(one) for one in A.conj()])
    assert (projector(conjugated) - projector(parameters(projector, 5))).abs().max() < 1e-13


@each_kind
def test_signs_and_permutations_inside_blocks_change_nothing(projector):
    """Signs of rows and columns, and orthogonal mixing within a block, are invisible; block permutations are not."""
    n, s = projector.n, projector.s
    Q = cayley(skew_matrix(projector, parameters(projector, 5)))
    B = block_norms(Q, s)
    within = torch.linalg.qr(normal(n, s, s))[0].to(Q.dtype)
    assert (block_norms(Q @ torch.block_diag(*within), s) - B).abs().max() < 1e-13
    assert (block_norms(torch.block_diag(*within) @ Q, s) - B).abs().max() < 1e-13
    P = permutation_matrix((*range(1, n), 0))
    turned = torch.kron(P, torch.eye(s, dtype=torch.float64)).to(Q.dtype)
    assert (block_norms(turned @ Q, s) - P @ B).abs().max() < 1e-13
    assert (block_norms(Q @ turned, s) - B @ P).abs().max() < 1e-13


@each_kind
def test_parameters_of_a_transform_reach_its_image(projector):
    """The reach is the image of all orthogonal or unitary matrices, those with eigenvalue -1 and det -1 included."""
    N = projector.n * projector.s
    random = normal(N, N, dtype=torch.complex128 if isinstance(projector, Unistochastic) else torch.float64)
    Q = torch.linalg.qr(random)[0]
    for det_sign in (1, -1):
        Q = Q.clone()
        Q[:, 0] *= det_sign
        assert (projector(parameters_of(Q)) - block_norms(Q, projector.s)).abs().max() < 1e-12
    reflection = torch.eye(N, dtype=Q.dtype) - 2 * torch.outer(Q[0].conj(), Q[0])
    assert (projector(parameters_of(reflection)) - block_norms(reflection, projector.s)).abs().max() < 1e-12


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_vertices_are_reached_at_parameters_of_at_most_one(n):
    """Not at infinity, as for a softmax over permutations."""
    projector = Orthostochastic(n)
    for order in permutations_of(n):
        P = permutation_matrix(order)
        theta = parameters_of(P)
        assert theta.abs().max() <= 1 + 1e-12
        assert (projector(theta) - P).abs().max() < 1e-13


@pytest.mark.parametrize("kind", [Orthostochastic, Unistochastic])
def test_initial_parameters_have_variance_two(kind):
    """Those of Theta - Theta^T (or Theta^H) for standard normal Theta."""
    theta = kind(8, 3).initial(100, generator=torch.Generator().manual_seed(0))
    assert abs(float(theta.mean())) < 5 * (2 / theta.numel()) ** 0.5
    assert abs(float(theta.var()) - 2) < 5 * 2 * (2 / theta.numel()) ** 0.5
