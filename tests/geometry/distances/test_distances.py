"""Distances: laws of a divergence, of an angle and of a residual, and the values that are known exactly."""

from itertools import permutations
from math import cos, inf, log, pi, sin, sqrt

import pytest
import torch

from geometry.distances import divergence, divergences, exactness_residual, geodesic_angle, orthogonal_root
from geometry.distances.roots import defect, sign_vectors
from projectors import Sinkhorn, methods
from projectors.rotations.cayley import cayley
from projectors.rotations.orthostochastic import skew_symmetric
from tests.projectors.table import normal, parameters, permutation_matrix, seeded

SIZES = (2, 3, 4, 5, 6, 8)
each_size = pytest.mark.parametrize("n", SIZES)
each_axis = pytest.mark.parametrize("over", ["rows", "columns"])


def rotations(n, count=20, seed=0):
    return cayley(skew_symmetric(normal(count, n * (n - 1) // 2, seed=seed), n))


def turn(n, angle, i=0, j=1):
    """A rotation (n, n) by this angle in the plane of two axes."""
    G = torch.eye(n, dtype=torch.float64)
    G[i, i] = G[j, j] = cos(angle)
    G[j, i] = sin(angle)
    G[i, j] = -G[j, i]
    return G


def balanced(n, count=20, seed=0):
    """Positive and doubly stochastic to rounding, and not orthostochastic."""
    projector = Sinkhorn(n, 300)
    return projector(parameters(projector, count, seed=seed))


def shuffled(matrices, seed=0):
    """Matrices with one permutation of all their rows and another one of all their columns."""
    n = matrices.shape[-1]
    rows, columns = (torch.randperm(n, generator=seeded(seed + k)) for k in (0, 1))
    return matrices[..., rows, :][..., columns]


# --- divergence -----------------------------------------------------------------------------------------------------


@each_axis
@each_size
def test_divergences_vanish_for_equal_matrices_only_and_are_never_negative(n, over):
    B, T = balanced(n), balanced(n, seed=1)
    assert divergences(B, B, over).abs().max() < 1e-13
    assert (divergences(B, T, over) > 0).all()
    assert divergences(B[:, None], T, over).shape == (20, 20, n)


@each_axis
@each_size
def test_divergences_of_the_barycentre_are_log_n_minus_entropies(n, over):
    T = balanced(n)
    barycentre = torch.full((n, n), 1 / n, dtype=torch.float64)
    entropies = -(T * T.log()).sum(-1 if over == "rows" else -2)
    assert torch.allclose(divergences(barycentre, T, over), log(n) - entropies, rtol=0, atol=1e-13)
    assert divergence(barycentre, torch.eye(n).double()) == pytest.approx(log(n), abs=1e-13)


def test_columns_are_rows_of_the_transpose_and_have_the_same_mean():
    B, T = balanced(5), balanced(5, seed=1)
    assert torch.allclose(divergences(B, T, "columns"), divergences(B.mT, T.mT), rtol=0, atol=1e-13)
    assert not torch.allclose(divergences(B, T, "columns"), divergences(B, T), rtol=0, atol=1e-2)
    assert torch.allclose(divergence(B.mT, T.mT), divergence(B, T), rtol=0, atol=1e-13)
    assert torch.allclose(divergences(B, T, "columns").mean(-1), divergence(B, T), rtol=0, atol=1e-13)


def test_divergence_is_infinite_where_the_matrix_excludes_what_the_target_has():
    eye, J = torch.eye(3).double(), torch.full((3, 3), 1 / 3, dtype=torch.float64)
    assert divergence(eye, J) == inf
    assert divergence(eye, eye) == 0
    half = torch.block_diag(torch.full((2, 2), 0.5, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64))
    assert divergence(half, eye) == pytest.approx(2 / 3 * log(2), abs=1e-13)
    assert divergence(eye, half) == inf


def test_divergence_has_a_finite_gradient_also_at_shared_zeros():
    eye = torch.eye(3).double().requires_grad_()
    divergence(eye, torch.eye(3).double()).backward()
    assert torch.allclose(eye.grad, -torch.eye(3).double() / 3, rtol=0, atol=1e-12)
    eye.grad = None
    divergence(torch.full((3, 3), 1 / 3).double(), eye).backward()
    assert torch.allclose(eye.grad, torch.eye(3).double() * (log(3) + 1) / 3, rtol=0, atol=1e-6)


# --- orthogonal root ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [*SIZES, 12])
def test_roots_of_orthostochastic_matrices_are_found_up_to_signs_of_rows_and_columns(n):
    Q = rotations(n, 5)
    found = orthogonal_root(Q.square())
    assert found.residual.shape == (5,)
    assert found.residual.max() < 1e-13
    signs = (found.matrix * Q).sign()
    assert torch.equal(signs, signs[:, :, :1] * signs[:, :1] * signs[:, :1, :1])


@pytest.mark.parametrize(("n", "distance"), {2: 0, 3: sqrt(2) / 3, 4: 0, 5: 0.4, 8: 0, 12: 0}.items())
def test_the_barycentre_is_as_far_from_its_root_as_hadamard_matrices_let_it(n, distance):
    found = orthogonal_root(torch.full((n, n), 1 / n, dtype=torch.float64))
    assert found.residual == pytest.approx(distance, abs=1e-13)


@each_size
def test_roots_are_orthogonal_and_the_residual_is_how_far_their_squares_are(n):
    B = balanced(n)
    found = orthogonal_root(B)
    assert (found.matrix.mT @ found.matrix - torch.eye(n)).abs().max() < 1e-13
    assert torch.allclose(found.residual, (found.matrix.square() - B).square().sum((-1, -2)).sqrt(), atol=1e-13)
    assert (found.residual.max() < 1e-13) == (n == 2)


@pytest.mark.parametrize("n", [3, 4])
def test_no_choice_of_signs_is_more_orthogonal(n):
    B = balanced(n, 5)
    Q = orthogonal_root(B).matrix
    chosen = ((Q.sign() * B.sqrt()) @ (Q.sign() * B.sqrt()).mT - torch.eye(n)).square().sum((-1, -2))
    for seed in range(200):
        S = normal(5, n, n, seed=seed).sign()
        others = ((S * B.sqrt()) @ (S * B.sqrt()).mT - torch.eye(n)).square().sum((-1, -2))
        assert (chosen <= others + 1e-12).all()


def test_beyond_the_exhaustive_sizes_most_signs_found_are_the_best():
    """All 65,536 sign matrices of order 5 against the search: 17 of 20 matrices, where a single start finds 7."""
    B = balanced(5)
    every = torch.nn.functional.pad(sign_vectors(17, B.device)[:, 1:].unflatten(-1, (4, 4)), (1, 0, 1, 0), value=1.0)
    best = torch.stack([defect(every * matrix.sqrt()).min() for matrix in B])
    found = defect(orthogonal_root(B).matrix.sign() * B.sqrt())
    assert (found <= best + 1e-9).double().mean() > 0.7


# --- geodesic angle -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [*SIZES, 12])
def test_a_small_turn_in_one_plane_is_its_own_angle(n):
    Q = rotations(n, 5, seed=2)
    for angle in (1e-7, 1e-3, 0.02):
        assert torch.allclose(
            geodesic_angle(Q.square(), (Q @ turn(n, angle)).square()),
            torch.tensor(angle, dtype=torch.float64),
            rtol=0,
            atol=1e-12,
        )


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("angle", [0, 0.3, 1.0, 1.5, pi / 2])
def test_from_the_identity_a_turn_counts_up_to_a_right_angle(n, angle):
    eye = torch.eye(n).double()
    for i, j in ((0, 1), (n - 1, 0)):
        assert geodesic_angle(eye, turn(n, angle, i, j).square()) == pytest.approx(angle, abs=1e-13)
        assert geodesic_angle(eye, turn(n, pi - angle, i, j).square()) == pytest.approx(angle, abs=1e-13)


@pytest.mark.parametrize("n", [4, 5, 6])
def test_two_planes_count_by_pythagoras(n):
    eye = torch.eye(n).double()
    both = turn(n, 0.3) @ turn(n, 0.4, 2, 3)
    assert geodesic_angle(eye, both.square()) == pytest.approx(0.5, abs=1e-13)


def cycle_angle(order):
    """The angle between I and a permutation: a cycle of odd length is a rotation, one of even length with one sign.

    Its eigenvalues are the roots of 1, or of -1; every one counts its angle squared, halved.
    """
    seen, total = set(), 0.0
    for place in range(len(order)):
        length = 0
        while place not in seen:
            seen.add(place)
            place, length = order[place], length + 1
        angles = [pi * (2 * k - (length - 1)) / length for k in range(length)] if length else []
        total += sum(angle**2 for angle in angles) / 2
    return sqrt(total)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_permutations_are_as_far_from_the_identity_as_their_cycles_say(n):
    orders = list(permutations(range(n)))
    matrices = torch.stack([permutation_matrix(order) for order in orders])
    wanted = torch.tensor([cycle_angle(order) for order in orders], dtype=torch.float64)
    assert torch.allclose(geodesic_angle(torch.eye(n).double(), matrices), wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", ["orthostochastic", "any"])
@each_size
def test_angles_are_symmetric_and_vanish_for_equal_matrices(n, kind):
    make = balanced if kind == "any" else lambda n, seed: rotations(n, seed=seed).square()
    A, B = make(n, seed=1), make(n, seed=2)
    angles = geodesic_angle(A, B)
    assert torch.allclose(angles, geodesic_angle(B, A), rtol=0, atol=1e-13)
    assert geodesic_angle(A, A).max() < 1e-13
    assert (angles > 0).all()
    assert (angles <= pi * sqrt(n // 2)).all()


@pytest.mark.parametrize(("kind", "n"), [("orthostochastic", n) for n in SIZES] + [("any", n) for n in (2, 3, 4)])
def test_angles_do_not_depend_on_the_names_of_streams(kind, n):
    A, B = (balanced(n, seed=k) if kind == "any" else rotations(n, seed=k).square() for k in (1, 2))
    angles = geodesic_angle(A, B)
    assert torch.allclose(geodesic_angle(shuffled(A), shuffled(B)), angles, rtol=0, atol=1e-12)
    assert torch.allclose(geodesic_angle(A.mT, B.mT), angles, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_detour_is_not_shorter(n):
    A, B, C = (rotations(n, 40, seed=k).square() for k in (1, 2, 3))
    assert (geodesic_angle(A, C) <= geodesic_angle(A, B) + geodesic_angle(B, C) + 1e-12).all()


def test_all_equally_good_roots_count():
    """The barycentre has six normalized Hadamard roots at n = 4: whichever an angle starts from, that one is near."""
    J = torch.full((4, 4), 0.25, dtype=torch.float64)
    H = torch.tensor([[1.0, 1], [1, -1]], dtype=torch.float64)
    first = torch.kron(H, H) / 2
    for order in permutations(range(1, 4)):
        near = (first[[0, *order]] @ turn(4, 0.1)).square()
        assert geodesic_angle(J, near) == pytest.approx(0.1, abs=1e-12)


def test_roots_that_differ_only_at_zeros_do_not_crowd_others_out():
    """Unit quaternions act from the left and from the right: two roots of the same squares, here with four zeros."""
    a, b, c = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).sqrt().tolist()
    left = torch.tensor([[a, -b, -c, 0], [b, a, 0, c], [c, 0, a, -b], [0, -c, b, a]], dtype=torch.float64)
    right = torch.tensor([[a, -b, -c, 0], [b, a, 0, -c], [c, 0, a, b], [0, c, -b, a]], dtype=torch.float64)
    assert torch.equal(left.square(), right.square())
    for root in (left, right):
        assert (root @ root.mT - torch.eye(4)).abs().max() < 1e-13
        orders = [list(order) for order in permutations(range(4))]
        squares = torch.stack([left.square()[order] for order in orders])
        near = torch.stack([(root @ turn(4, 0.1)).square()[order] for order in orders])
        assert torch.allclose(geodesic_angle(squares, near), torch.tensor(0.1, dtype=torch.float64), rtol=0, atol=1e-12)


def test_batches_broadcast_and_dtypes_are_kept():
    A, B = rotations(4, 3, seed=1).square(), rotations(4, 5, seed=2).square()
    table = geodesic_angle(A[:, None], B)
    assert table.shape == (3, 5)
    assert table[2, 1] == pytest.approx(float(geodesic_angle(A[2], B[1])), abs=1e-13)
    assert geodesic_angle(A[:0], A[:0]).shape == (0,)
    assert geodesic_angle(A.float(), A.float()).dtype == torch.float32
    assert orthogonal_root(A.float()).matrix.dtype == torch.float32
    assert orthogonal_root(A[:0]).residual.shape == (0,)
    assert geodesic_angle(rotations(8, 2).square()[:, None], rotations(8, 3).square()).shape == (2, 3)


# --- exactness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("projector", methods(4, 2).values(), ids=str)
def test_exact_methods_are_exact_and_mhc_is_not(projector):
    residual = exactness_residual(projector(4 * parameters(projector, 50)))
    assert residual.shape == (50,)
    assert (residual.max() < 1e-13) == projector.exact


def test_each_kind_of_error_is_seen():
    eye = torch.eye(3).double()
    assert exactness_residual(eye) == 0
    assert not exactness_residual(eye).signbit()
    row, column, negative = eye.clone(), eye.clone(), eye.clone()
    row[0, 0], row[1, 0] = 0.75, 0.25
    column[0, 0], column[0, 1] = 0.75, 0.25
    negative[:2, :2] = torch.tensor([[1.25, -0.25], [-0.25, 1.25]])
    assert exactness_residual(torch.stack([row, column, negative])).tolist() == [0.25, 0.25, 0.25]


# --- refusals -------------------------------------------------------------------------------------------------------


def test_bad_arguments_are_refused():
    eye = torch.eye(3)
    with pytest.raises(ValueError, match=r"over must be one of rows, columns, not 'diagonals'"):
        divergences(eye, eye, "diagonals")
    with pytest.raises(ValueError, match=r"one size .* not \(3, 3\) and \(4, 4\)"):
        divergence(eye, torch.eye(4))
    with pytest.raises(ValueError, match=r"floating-point matrices of shape .*, not torch\.int64"):
        divergence(eye, torch.eye(3).long())
    with pytest.raises(ValueError, match=r"n <= 16, not \(17, 17\)"):
        geodesic_angle(torch.eye(17), torch.eye(17))
    with pytest.raises(ValueError, match=r"one size, not \(3, 3\) and \(4, 4\)"):
        geodesic_angle(eye, torch.eye(4))
    with pytest.raises(ValueError, match=r"of shape \(2, 3\)"):
        orthogonal_root(torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"orthogonal_root wants real .*, not torch\.complex64"):
        orthogonal_root(eye.to(torch.complex64))
    with pytest.raises(ValueError, match=r"of shape \(2, 3\)"):
        exactness_residual(torch.ones(2, 3))
