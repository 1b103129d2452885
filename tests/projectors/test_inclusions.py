"""Which matrices are inside the reach: each is built as an orthogonal matrix and then reached through a projector."""

import pytest
import torch

from projectors import Kronecker, Orthostochastic, PermutationMixture, Unistochastic
from projectors.rotations.cayley import cayley
from projectors.rotations.skew import skew_hermitian, skew_symmetric
from tests.projectors.inverses import reached
from tests.projectors.table import normal, parameters, permutation_matrix


def rotation(n, s, seed=0):
    """A random orthogonal matrix (ns, ns), and its matrix in O_{n,s}."""
    projector = Orthostochastic(n, s)
    theta = parameters(projector, seed=seed)
    return cayley(skew_symmetric(theta, n * s)), projector(theta)


def direct_sum(n, *matrices):
    """Matrices (n a, n a), (n b, n b), ... -> (n (a + b + ...), ...): in block i, j they stand along the diagonal."""
    blocks = [Q.unflatten(1, (n, -1)).unflatten(0, (n, -1)).transpose(1, 2) for Q in matrices]
    whole = torch.stack(
        [torch.stack([torch.block_diag(*(b[i, j] for b in blocks)) for j in range(n)]) for i in range(n)]
    )
    return whole.transpose(1, 2).flatten(2).flatten(0, 1)


def simplex(count, seed=0):
    return normal(count, seed=seed).softmax(0)


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize(("n", "s"), [(2, 1), (3, 1), (3, 2), (4, 2)])
def test_reach_grows_along_divisibility(n, s, factor):
    Q, B = rotation(n, s)
    widened = torch.kron(Q.contiguous(), torch.eye(factor, dtype=Q.dtype))
    assert (reached(widened, n) - B).abs().max() < 1e-12


@pytest.mark.parametrize(("n", "a", "b"), [(2, 1, 1), (3, 1, 1), (3, 1, 2), (4, 2, 1), (3, 3, 2)])
def test_weighted_means_of_two_ranks_are_in_their_sum(n, a, b):
    (Q, B), (R, C) = rotation(n, a), rotation(n, b, seed=1)
    assert (reached(direct_sum(n, Q, R), n) - (a * B + b * C) / (a + b)).abs().max() < 1e-12


@pytest.mark.parametrize(("n", "s"), [(2, 1), (3, 1), (4, 1), (3, 2)])
def test_unistochastic_is_orthostochastic_of_twice_the_rank(n, s):
    projector = Unistochastic(n, s)
    theta = parameters(projector)
    U = cayley(skew_hermitian(theta, n * s))
    Q = torch.stack([torch.stack([U.real, -U.imag], -1), torch.stack([U.imag, U.real], -1)], -2)
    assert (reached(Q.transpose(1, 2).flatten(2).flatten(0, 1), n) - projector(theta)).abs().max() < 1e-12


@pytest.mark.parametrize(("n", "s"), [(2, 1), (3, 2), (4, 1)])
def test_orthostochastic_is_unistochastic(n, s):
    """Its parameters are the real ones: the imaginary parts vanish."""
    theta = parameters(Orthostochastic(n, s))
    padded = torch.cat([theta, torch.zeros((n * s) ** 2 - len(theta), dtype=theta.dtype)])
    assert (Unistochastic(n, s)(padded) - Orthostochastic(n, s)(theta)).abs().max() < 1e-13


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_kronecker_of_pairs_is_orthostochastic(levels):
    """A 2 x 2 doubly stochastic matrix holds the squared cosine and sine of a rotation."""
    projector = Kronecker((PermutationMixture(2),) * levels)
    theta = parameters(projector)
    Q = torch.ones(1, 1, dtype=torch.float64)
    for p in theta.unflatten(0, (levels, 2)).softmax(-1)[:, 0]:
        cosine, sine = p.sqrt(), (1 - p).sqrt()
        Q = torch.kron(Q, torch.stack([cosine, -sine, sine, cosine]).reshape(2, 2))
    assert (reached(Q, projector.n) - projector(theta)).abs().max() < 1e-12


@pytest.mark.parametrize("s", [1, 2, 3])
def test_two_by_two_is_covered_by_every_method(s):
    """B_2 is a segment: each point has its squared cosine."""
    for p in (0.0, 1e-3, 0.25, 0.5, 0.9, 1.0):
        cosine, sine = p**0.5, (1 - p) ** 0.5
        Q = torch.kron(torch.tensor([[cosine, -sine], [sine, cosine]], dtype=torch.float64), torch.eye(s).double())
        assert (reached(Q, 2) - torch.tensor([[p, 1 - p], [1 - p, p]], dtype=Q.dtype)).abs().max() < 1e-12


def conjugate(x):
    return torch.cat([x[:1], -x[1:]])


def hypercomplex(x, y):
    """The Cayley-Dickson product of two vectors of length 1, 2, 4 (quaternions) or 8 (octonions)."""
    if len(x) == 1:
        return x * y
    (a, b), (c, d) = x.chunk(2), y.chunk(2)
    left = hypercomplex(a, c) - hypercomplex(conjugate(d), b)
    return torch.cat([left, hypercomplex(d, a) + hypercomplex(b, conjugate(c))])


@pytest.mark.parametrize("n", [2, 4, 8])
def test_simplex_of_exclusive_ors_is_orthostochastic(n):
    """Multiplication by a unit quaternion (octonion) reaches every mean of the Klein four-group (of Z_2^3) at s = 1."""
    for weights in (simplex(n), simplex(n, seed=1), torch.full((n,), 1 / n, dtype=torch.float64)):
        left = torch.stack([hypercomplex(weights.sqrt(), unit) for unit in torch.eye(n, dtype=torch.float64)], 1)
        group = torch.stack([permutation_matrix([i ^ g for i in range(n)]) for g in range(n)])
        assert (reached(left, n) - (weights[:, None, None] * group).sum(0)).abs().max() < 1e-12


CYCLES = [(1, 2, 0), (1, 2, 3, 0), (0, 2, 3, 1), (4, 0, 1, 2, 3)]


@pytest.mark.parametrize("order", CYCLES, ids=str)
@pytest.mark.parametrize("s", [1, 2, 3])
def test_edges_hold_the_multiples_of_one_over_s(order, s):
    n, P = len(order), permutation_matrix(order)
    eye = torch.eye(n, dtype=torch.float64)
    for m in range(s + 1):
        Q = direct_sum(n, *[P] * m, *[eye] * (s - m))
        assert (reached(Q, n) - ((1 - m / s) * eye + m / s * P)).abs().max() < 1e-12


@pytest.mark.parametrize("t", [0.1, 0.5, 0.77])
def test_edges_of_transpositions_are_filled(t):
    Q = torch.eye(4, dtype=torch.float64)
    Q[:2, :2] = torch.tensor([[(1 - t) ** 0.5, -(t**0.5)], [t**0.5, (1 - t) ** 0.5]], dtype=Q.dtype)
    swap = permutation_matrix((1, 0, 2, 3))
    assert (reached(Q, 4) - ((1 - t) * torch.eye(4, dtype=Q.dtype) + t * swap)).abs().max() < 1e-12


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_barycentre_is_reached_where_a_flat_matrix_exists(n):
    """The Fourier matrix for every n; a real Hadamard matrix at 2 and 4; the exchange of two factors at s = n."""
    place = torch.arange(n, dtype=torch.float64)
    fourier = torch.polar(
        torch.full((n, n), n**-0.5, dtype=torch.float64), 2 * torch.pi * torch.outer(place, place) / n
    )
    assert (reached(fourier, n) - 1 / n).abs().max() < 1e-12
    exchange = permutation_matrix([n * k + i for i in range(n) for k in range(n)])
    assert (reached(exchange, n) - 1 / n).abs().max() < 1e-12
    if n in (2, 4):
        hadamard = torch.ones(1, 1, dtype=torch.float64)
        while len(hadamard) < n:
            hadamard = torch.kron(hadamard, torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=torch.float64))
        assert (reached(hadamard / n**0.5, n) - 1 / n).abs().max() < 1e-12
