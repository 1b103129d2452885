"""Check a certificate of eigenvalues: `python check.py CERTIFICATE` needs python-flint, and nothing else of ours.

Claim of a piece: every mu with Re mu in [a, b] and |Im mu| in [c, d] is an eigenvalue of a doubly stochastic B of the
kind that the certificate names. "real": B_ij = (1/s) sum_kl Q[(i,k),(j,l)]^2 of an orthogonal Q; "averaged": of one
whose blocks are 0 off their diagonals, with weights w_k of sum 1 in place of 1/s, the mean of s squared rotations;
"complex": of a unitary one in real form, s even; "mixture": the Kronecker product of means of permutations with
weights that are not negative.

Proof. With skew S1, S2 of its kind, Q(u) = Q0 exp(u1 S1 + u2 S2) is such a matrix for all u in R^2; the weights of
permutations are affine in u. Let m = Re mu, D = (Im mu)^2: a real w != 0 with ((B(u) - m)^2 + D) w = 0 makes mu an
eigenvalue of B(u). Write w = x + xi, with two entries of xi 0; (m, D) = centre + (h t1, g t2), |t1|, |t2| <= 1;
u = t + v; xi = eta - u1 zeta1 - u2 zeta2. For every t a continuous map, whose fixed points solve the equation, takes
{|v| <= nu, |eta| <= tau} into itself: Brouwer. Terms up to the second order are computed in balls, the rest is bounded:
along a ray the k-th derivative of exp(u S) is no larger than |S|^k, and the matrix of
(1/s) sum_kl X[(i,k),(j,l)] Y[(i,k),(j,l)] is no larger than |X| |Y|, nor is such a mean with weights.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from math import atan2, cos, sin
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

DIGITS = 80
"""Binary digits of the middles of balls."""

Change = tuple[list[arb_mat], list[arb_mat], arb, Callable[[arb], bool]]
"""dB/du_i; half of d2B/du_i du_j for 11, 12, 22; a bound of |S|; whether |u| may be as large."""


def dot(one: Sequence[Any], other: Sequence[Any]) -> arb:
    """The sum of the products of numbers."""
    return sum((p * q for p, q in zip(one, other, strict=True)), arb(0))


def norm(*parts: arb_mat) -> arb:
    """Matrices -> an upper bound of the Euclidean norm of all their entries."""
    return sum((dot(part.entries(), part.entries()) for part in parts), arb(0)).upper().sqrt().upper()


def matrix(height: int, width: int, entry: Callable[[int, int], Any]) -> arb_mat:
    """Size, entry of a row and a column -> the matrix."""
    return arb_mat(height, width, [entry(i, j) for i in range(height) for j in range(width)])


def columns(Z: arb_mat, places: Sequence[int]) -> arb_mat:
    """Matrix, which columns -> these."""
    return matrix(Z.nrows(), len(places), lambda i, j: Z[i, places[j]])


def rows(Z: arb_mat, places: Sequence[int]) -> arb_mat:
    """Matrix, which rows -> these."""
    return matrix(len(places), Z.ncols(), lambda i, j: Z[places[i], j])


def kernel(K: arb_mat) -> tuple[arb_mat, arb_mat]:
    """A guess of two columns, orthonormal, that K nearly takes to zero, by inverse iteration."""
    n = K.nrows()
    one, other = (matrix(n, 1, lambda i, _, j=j: 0.618 * (i + 1) * (i + 2 * j) % 1 - 0.5) for j in (1, 2))  # type: ignore[misc]
    steps = (K.transpose() * K + matrix(n, n, lambda i, j: 2.0**-40 * (i == j))).mid().inv().mid()
    for _ in range(3):
        one = (steps * one).mid()
        one = (one / norm(one)).mid()
        other = (steps * other).mid()
        other = (other - one * (one.transpose() * other)[0, 0]).mid()
        other = (other / norm(other)).mid()
    return one, other


class Rotations:
    """B(u) of Q0 = 2 (I + A)^-1 - I, for the skew matrix A whose free entries are given, row by row.

    Those of averages are followed by whole numbers, as are their weights.
    """

    def __init__(self, n: int, s: int, kind: str, theta: list[fmpq]) -> None:
        self.n, self.s, N = n, s, n * s
        theta, weights = (theta[:-s], theta[-s:]) if kind == "averaged" else (theta, [fmpq(1)] * s)
        if min(weights) < 0:
            raise ValueError("weights must not be negative")
        self.weights = [arb(each / sum(weights)) for each in weights]
        free: dict[str, Callable[[int, int], bool]] = {
            "real": lambda _, q: q > 0,
            "averaged": lambda p, q: p % s == q % s,
            "complex": lambda p, _: p % 2 == 0,
        }
        self.orbits = []  # of an entry: where it stands, with which sign
        for p, q in [(p, q) for p, q in combinations(range(N), 2) if free[kind](p, q)]:
            self.orbits.append({(p, q): 1, (q, p): -1})
            if kind == "complex":  # x + iy is (x, -y; y, x)
                sign = 1 if (p + q) % 2 == 0 else -1
                self.orbits[-1] |= {(p ^ 1, q ^ 1): sign, (q ^ 1, p ^ 1): -sign}
        if kind == "complex" and s % 2:
            raise ValueError("of a unitary matrix in real form, s is even")
        self.roots = [arb(len(orbit)).sqrt().mid() for orbit in self.orbits]
        one = matrix(N, N, lambda p, q: int(p == q))
        self.Q = (one + self.skew(theta)).inv() * 2 - one
        self.B = self.blocks(self.Q, self.Q)

    def skew(self, theta: Sequence[Any]) -> arb_mat:
        """Free entries -> the matrix."""
        cells = {at: sign * x for x, orbit in zip(theta, self.orbits, strict=True) for at, sign in orbit.items()}
        return matrix(self.n * self.s, self.n * self.s, lambda p, q: cells.get((p, q), 0))

    def blocks(self, X: arb_mat, Y: arb_mat) -> arb_mat:
        """The sums over blocks of products of entries, weighted."""
        s, cells = self.s, [[arb(0)] * self.n for _ in range(self.n)]
        for p in range(self.n * s):
            for q in range(self.n * s):
                cells[p // s][q // s] += X[p, q] * Y[p, q] * self.weights[p % s]
        return matrix(self.n, self.n, lambda i, j: cells[i][j])

    def gradient(self, W: arb_mat) -> list[arb]:
        """Along which free entries of S the sum of W B grows, times the roots of how often they stand there."""
        N, s, Q = self.n * self.s, self.s, self.Q.mid()
        V = (Q.transpose() * matrix(N, N, lambda p, q: Q[p, q] * (W[p // s, q // s] * self.weights[p % s]).mid())).mid()
        return [
            (sum(V[at] * sign for at, sign in orbit.items()) * 2 / root).mid()
            for orbit, root in zip(self.orbits, self.roots, strict=True)
        ]

    def along(self, given: list[list[arb]]) -> Change:
        """Free entries of S1 and S2, so multiplied -> how B changes."""
        S = [self.skew([(x / root).mid() for x, root in zip(each, self.roots, strict=True)]) for each in given]
        QS = [self.Q * each for each in S]
        halves = [(QS[i], QS[j], QS[i] * S[j] + QS[j] * S[i]) for i, j in ((0, 0), (0, 1), (1, 1))]
        second = [self.blocks(one, other) + self.blocks(self.Q, both) / 2 for one, other, both in halves]
        return [self.blocks(self.Q, each) * 2 for each in QS], second, norm(*S) / arb(2).sqrt().lower(), lambda _: True


class Mixture:
    """B(u) of the Kronecker product of means of permutations, of which the weights of the last factor move.

    The integers of a piece are as the weights of the factors, one after another.
    """

    def __init__(self, factors: list[list[list[int]]], numbers: list[int]) -> None:
        still, rest = arb_mat([[1]]), list(numbers)
        for place, orders in enumerate(factors, 1):
            given, rest = rest[: len(orders)], rest[len(orders) :]
            if min(given) < 0 or any(sorted(each) != list(range(len(orders[0]))) for each in orders):
                raise ValueError("weights must not be negative, and permutations permute")
            self.weights = [arb(fmpq(each, sum(given))) for each in given]
            self.vertices = [self.product(still, order) for order in orders]
            still = self.mean(self.weights) if place < len(factors) else still
        if rest:
            raise ValueError("as many weights as there are permutations are wanted")
        self.n, self.B = self.vertices[0].nrows(), self.mean(self.weights)
        self.roots = [each.sqrt().mid() for each in self.weights]  # what may change more, counts as nearer

    def product(self, still: arb_mat, order: list[int]) -> arb_mat:
        """The Kronecker product of a matrix and a permutation."""
        m, size = len(order), still.nrows() * len(order)
        return matrix(size, size, lambda i, j: still[i // m, j // m] * int(order[i % m] == j % m))

    def mean(self, weights: list[arb]) -> arb_mat:
        """Weights -> the sum of the vertices, so weighted."""
        return sum((p * q for p, q in zip(self.vertices, weights, strict=True)), self.vertices[0] * 0)

    def gradient(self, W: arb_mat) -> list[arb]:
        """Along which change of weights over their roots the sum of W B grows, while theirs stays, but for rounding."""
        growth = [dot(W.entries(), each.entries()).mid() for each in self.vertices]
        middle = dot(self.weights, growth).mid()
        return [(root * (each - middle)).mid() for root, each in zip(self.roots, growth, strict=True)]

    def along(self, given: list[list[arb]]) -> Change:
        """Two such changes, made to be of sum 0 exactly -> how B changes."""
        change = [[root * each for root, each in zip(self.roots, part, strict=True)] for part in given]
        change = [[-sum(each[1:], arb(0)), *each[1:]] for each in change]
        room = [(weight, norm(arb_mat([pair]))) for weight, *pair in zip(self.weights, *change, strict=True)]
        first, none = [self.mean(each) for each in change], self.B * 0
        return first, [none] * 3, arb(0), lambda size: all(w >= size * most for w, most in room)


def proved(model: Rotations | Mixture, a: fmpq, b: fmpq, c: fmpq, d: fmpq) -> bool:
    """A model, a rectangle 0 <= c < d -> whether every point of it and of its mirror image is proved."""
    n, one = model.n, matrix(model.n, model.n, lambda i, j: int(i == j))
    h, g, D = arb((b - a) / 2), arb((d * d - c * c) / 2), arb((d * d + c * c) / 2)
    P = model.B - one * arb((a + b) / 2)
    K = P * P + one * D
    (X, Z), y = kernel(K), kernel(K.transpose())
    minors = {(i, j): abs(float((X[i, 0] * Z[j, 0] - X[j, 0] * Z[i, 0]).mid())) for i, j in combinations(range(n), 2)}
    pivots = next(pair for pair, minor in minors.items() if minor > 0.7 * max(minors.values()))
    rest = [i for i in range(n) if i not in pivots]
    # Of the combinations of the two columns the one that P makes longest.
    along, across, over = (float(((P * U).transpose() * (P * V))[0, 0].mid()) for U, V in ((X, X), (X, Z), (Z, Z)))
    angle = atan2(2 * across, along - over) / 2
    x = (X * cos(angle) + Z * sin(angle)).mid()
    T = [P * x * (2 * h), x * -g]
    # The least directions that do to the pair of eigenvalues, to first order, what t does.
    G = [model.gradient(each * (P * x).transpose() + (P.transpose() * each) * x.transpose()) for each in y]
    gram = matrix(2, 2, lambda i, j: dot(G[i], G[j]).mid())
    share = gram.inv().mid() * matrix(2, 2, lambda k, i: (y[k].transpose() * T[i])[0, 0].mid())
    S = [[(p * share[0, i] + q * share[1, i]).mid() for p, q in zip(*G, strict=True)] for i in range(2)]
    b1, (b11, b12, b22), sigma, allowed = model.along(S)
    M = matrix(n, n, lambda i, j: T[j][i, 0] if j < 2 else K[i, rest[j - 2]])
    A = M.mid().inv().mid()
    if not (norm(A * M - one) < 1 and any(x[i, 0] != 0 for i in pivots)):  # so that no w is 0
        return False
    L = [P * each + each * P for each in b1]
    moved = [(A * (each * x)).mid() for each in L]
    zeta = [matrix(n, 1, lambda i, _, z=z: 0 if i in pivots else z[2 + rest.index(i), 0]) for z in moved]  # type: ignore[misc]
    # A times the equation, term by term: what is left of the first order, and the coefficients of the second.
    first = [A * (L[i] * x - K * zeta[i]) for i in range(2)]
    of_t, of_v = [first[i] - A * T[i] for i in range(2)], [first[i] - columns(one, [i]) for i in range(2)]
    of_eta = A * columns(K, rest) - columns(one, range(2, n))
    uu, ut, pairs = {}, {}, ((0, 0), (0, 1), (1, 0), (1, 1))
    for (i, j), bend in zip(pairs, (b11, b12, b12, b22), strict=True):
        both = b1[i] * (b1[j] * x) + b1[j] * (b1[i] * x) - L[i] * zeta[j] - L[j] * zeta[i]
        uu[i, j] = A * (P * (bend * x) + bend * (P * x) + both / 2)
        ut[i, j] = A * ((P * zeta[i] - b1[i] * x) * (2 * h) if j == 0 else zeta[i] * -g)
    tt = [uu[i, j] + (ut[i, j] + ut[j, i]) / 2 + A * x * (h * h * int(i == j == 0)) for i, j in pairs]
    tv = [uu[i, j] * 2 + ut[j, i] for i, j in pairs]
    u_eta = [A * columns(each, rest) for each in L]
    t_eta = [A * columns(P, rest) * (-2 * h), A * columns(one, rest) * g]
    terms = ([A * (K * x)], of_t, of_v, [of_eta], [A], tt, tv, uu.values(), u_eta, t_eta)
    parts = [[norm(*(rows(Z, part) for Z in term)) for term in terms] for part in (range(2), range(2, n))]
    beta1, beta2, drift, size = norm(*b1), norm(b11, b12, b12, b22), norm(*zeta), norm(x)
    r = arb(2).sqrt().upper()

    def image(nu: arb, tau: arb) -> list[arb]:
        """Radii of v and of eta -> bounds of both in the image."""
        u, mu = r + nu, h * r
        xi, third = drift * u + tau, (sigma * u) ** 3 * 4 / 3
        high = beta2 * u**2 + third
        whole = beta1 * u + high
        left = (2 * norm(P) * third + 2 * beta1 * u * high + high**2 + 2 * mu * high) * size
        left += (2 * norm(P) * high + whole**2 + 2 * mu * whole + mu**2) * xi
        powers = [arb(1), r, nu, tau, left, r**2, r * nu, nu**2, u * tau, r * tau]
        return [dot(part, powers).upper() for part in parts]

    nu = tau = arb(0)
    for _ in range(12):
        nu, tau = ((bound * arb(1.02)).upper() for bound in image(nu, tau))
        if not (nu < 4 and tau < 1000):
            return False
    ends = image(nu, tau)
    return bool(ends[0] <= nu and ends[1] <= tau and allowed(r + nu))


def decided(told: dict[str, Any], numbers: list[int], *sides: fmpq) -> bool:
    """What a certificate says of the set, the integers of a piece, its sides -> whether it is proved."""
    with ctx.workprec(DIGITS):
        try:
            return proved(model_of(told, numbers), *sides)
        except ZeroDivisionError:  # a matrix that is singular, for all that is known of it
            return False


def model_of(told: dict[str, Any], numbers: list[int]) -> Rotations | Mixture:
    """What a certificate says of the set, the integers of a piece -> the matrix that it starts from."""
    if told["kind"] == "mixture":
        return Mixture(told["factors"], numbers)
    return Rotations(told["n"], told["s"], told["kind"], [fmpq(each, 2 ** told["bits"]) for each in numbers])


def checked(told: dict[str, Any]) -> fmpq:
    """A certificate -> the area that it proves. Raises ValueError for a piece that it does not prove, or has twice.

    Squares of level 0 are as many as cells, rows and columns counted from a corner; each level halves their sides. In
    the row of the real axis there are strips instead, of which each level halves the width.
    """
    cells, half, area, seen = told["cells"], fmpq(*told["half"]), fmpq(0), set[tuple[int, int, int]]()
    for level, row, column, numbers in sorted(told["pieces"]):
        name, strip = f"the piece of level {level}, row {row} and column {column}", 2 * row + 1 == cells
        above = [(level - k, row if strip else row >> k, column >> k) for k in range(level + 1)]
        if min(level, row, column) < 0 or seen.intersection(above) or (not strip and 2 * above[-1][1] < cells):
            raise ValueError(f"{name} lies in another one, or nowhere")
        seen.add((level, row, column))
        width = 2 * half / (cells * 2**level)
        height = 2 * half / cells if strip else width
        a, c = column * width - half, fmpq(0) if strip else row * height - half
        d = height / 2 if strip else c + height
        if not decided(told, numbers, a, a + width, c, d):
            raise ValueError(f"{name} is not proved")
        area += 2 * width * (d - c)
    return area


if __name__ == "__main__":
    with (gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt") as file:
        certificate = json.load(file)
    found = checked(certificate)
    print(f"{len(certificate['pieces']):,} pieces proved: an area of {found}, about {int(found.p) / int(found.q):.6f}")
