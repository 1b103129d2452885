"""Check a certificate of eigenvalues: `python check.py CERTIFICATE` needs python-flint, and nothing else of ours.

Claim of a piece: every mu with Re mu in [a, b] and |Im mu| in [c, d] is an eigenvalue of a doubly stochastic B of
order n and of the kind that the certificate names. "real": B_ij = (1/s) sum_kl Q[(i,k),(j,l)]^2 of an orthogonal Q of
order ns; "mean": of one whose blocks are 0 off their diagonals, the mean of s squared rotations; "averaged": such a
mean with weights of sum 1, whatever they are; "complex": of a unitary Q in real form, s twice its rank; "mixture": the
Kronecker product of means of permutations with weights that are not negative.

Proof. With skew S1, S2 of its kind, Q(u) = Q0 exp(u1 S1 + u2 S2) is such a matrix for all u in R^2; the weights of
permutations are affine in u. Let m = Re mu, D = (Im mu)^2 and k > 0: real w, z, not both 0, with (B(u) - m) w = k z
and (B(u) - m) z = -(D / k) w make mu an eigenvalue of B(u), and its conjugate, as B is real: (B(u) - m)^2 w = -D w,
and w = 0 would make z 0. Written K(u, m, D) W = 0, this is linear in W = (w, z). Let (m, D) = centre + (h t1, g t2),
|t1|, |t2| <= 1; u = t + v; W = W0 + eta - u1 zeta1 - u2 zeta2, with N (W - W0) = 0 for two rows N, of which one is W0,
so that W is not 0. For every t, F(v, eta) = (K W, N (W - W0)) is a polynomial in eta, smooth in v. If a matrix A is
regular, as some |A J - I| below 1 shows, then the fixed points of (v, eta) - A F are the zeros of F; and if this
continuous map takes the convex {|v| <= nu, |eta| <= tau} into itself, it has one: Brouwer.

Bounds. |.| is the Euclidean norm of vectors and the spectral norm of matrices, which the root of the sum of squares of
entries bounds, for skew ones over the root of 2, as singular values come in pairs. Terms up to the second order in (u,
t, eta) are computed in balls, whatever exact S lies in its ball; the rest is bounded: along a ray the k-th derivative
of exp(u S) is no larger than |S|^k, and the matrix of (1/s) sum_kl X[(i,k),(j,l)] Y[(i,k),(j,l)] is no larger than |X|
|Y|, nor is such a mean with weights; so the third derivative of B is no larger than 8 |S|^3, and what is beyond than
8/6 of it.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from flint import acb, acb_mat, arb, arb_mat, ctx, fmpq

DIGITS = 80
"""Binary digits of the middles of balls."""

PAIRS = ((0, 0), (0, 1), (1, 0), (1, 1))


def dot(one: Iterable[Any], other: Iterable[Any]) -> arb:
    """The sum of the products of numbers."""
    return (arb_mat([[*one]]) * arb_mat([[*other]]).transpose())[0, 0]


def norm(*parts: arb_mat) -> arb:
    """Matrices -> an upper bound of the Euclidean norm of all their entries."""
    return sum((dot(part.entries(), part.entries()) for part in parts), arb(0)).upper().sqrt().upper()


def entrywise(X: arb_mat, Y: arb_mat) -> arb_mat:
    """The products of entries."""
    return arb_mat(X.nrows(), X.ncols(), [p * q for p, q in zip(X.entries(), Y.entries(), strict=True)])


def kronecker(X: arb_mat, Y: arb_mat) -> arb_mat:
    """A block x Y for every entry x of X."""
    return arb_mat([[p * q for p in row for q in line] for row in X.table() for line in Y.table()])


def joined(*rows: Sequence[arb_mat]) -> arb_mat:
    """Blocks, row by row -> the matrix."""
    return arb_mat([[x for q in p for x in q] for row in rows for p in zip(*map(arb_mat.table, row), strict=True)])


class Rotations:
    """B of Q0 = 2 (I + A)^-1 - I, for the skew matrix A whose free entries are the numbers of a piece, row by row.

    Those of averages are followed by whole numbers, as are their weights.
    """

    def __init__(self, told: dict[str, Any], numbers: list[int]) -> None:
        self.n, s, kind = told["n"], told["s"], told["kind"]
        free, weights = (numbers[:-s], numbers[-s:]) if kind == "averaged" else (numbers, [1] * s)
        if min(weights) < 0 or (kind == "complex" and s % 2):
            raise ValueError("weights must not be negative, and s is even of a unitary matrix in real form")
        self.left = kronecker(arb_mat(self.n, self.n, 1), arb_mat([[fmpq(each, sum(weights)) for each in weights]]))
        self.right = kronecker(arb_mat(self.n, self.n, 1), arb_mat([[1]] * s))
        self.orbits = []  # of a free entry: where it stands, with which sign
        for p, q in combinations(range(self.n * s), 2):
            if {"real": True, "mean": p % s == q % s, "averaged": p % s == q % s, "complex": p % 2 == 0}[kind]:
                sign = (-1) ** (p + q)  # x + iy is (x, -y; y, x)
                mirrored = {(p ^ 1, q ^ 1): sign, (q ^ 1, p ^ 1): -sign} if kind == "complex" else {}
                self.orbits.append({(p, q): 1, (q, p): -1} | mirrored)
        one = arb_mat(self.n * s, self.n * s, 1)
        self.Q = (one + self.skew([fmpq(each, 2 ** told["bits"]) for each in free])).inv() * 2 - one
        self.B = self.blocks(self.Q, self.Q)

    def skew(self, free: Sequence[Any]) -> arb_mat:
        """Free entries -> the matrix."""
        cells = {at: sign * x for x, orbit in zip(free, self.orbits, strict=True) for at, sign in orbit.items()}
        places = range(self.right.nrows())
        return arb_mat([[cells.get((p, q), 0) for q in places] for p in places])

    def blocks(self, X: arb_mat, Y: arb_mat) -> arb_mat:
        """The sums over blocks of products of entries, weighted."""
        return self.left * entrywise(X, Y) * self.right

    def towards(self, G: arb_mat) -> arb_mat:
        """About the S along which the sum of G B grows fastest."""
        V = self.Q.transpose() * entrywise(self.left.transpose() * G * self.right.transpose(), self.Q)
        return self.skew([(dot([V[at] for at in orbit], orbit.values()) / len(orbit)).mid() for orbit in self.orbits])

    def first(self, S: arb_mat) -> arb_mat:
        """The derivative of B along S."""
        return self.blocks(self.Q, self.Q * S) * 2

    def second(self, S: arb_mat, T: arb_mat) -> arb_mat:
        """Half of the second derivative along S and T."""
        return self.blocks(self.Q * S, self.Q * T) + self.blocks(self.Q, self.Q * (S * T + T * S)) / 2

    def beyond(self, u: arb, S: arb_mat, T: arb_mat) -> arb:
        """Of all further terms, as far as |u|, a bound: a skew matrix is no larger than its norm over the root of 2."""
        return (norm(S, T) * u) ** 3 * arb(2).sqrt() / 3


class Mixture:
    """B of the Kronecker product of means of permutations, of which the weights of the last factor move.

    The numbers of a piece are as the weights of the factors, one after another.
    """

    def __init__(self, told: dict[str, Any], numbers: list[int]) -> None:
        self.B, rest = arb_mat([[1]]), list(numbers)
        for orders in told["factors"]:
            given, rest, places = rest[: len(orders)], rest[len(orders) :], range(len(orders[0]))
            if min(given) < 0 or any(sorted(each) != list(places) for each in orders):
                raise ValueError("weights must not be negative, and permutations permute")
            self.weights = arb_mat([[fmpq(each, sum(given)) for each in given]])
            permutations = [arb_mat([[int(place == j) for j in places] for place in order]) for order in orders]
            self.vertices = [kronecker(self.B, each) for each in permutations]
            self.B = self.first(self.weights)
        self.n = self.B.nrows()
        if rest or told["n"] != self.n:
            raise ValueError("as many weights as there are permutations are wanted, and n as large as theirs")

    def towards(self, G: arb_mat) -> arb_mat:
        """The change of weights, of sum 0, along which the sum of G B grows fastest, if small weights change less."""
        growth = arb_mat([[dot(G.entries(), each.entries()) for each in self.vertices]])
        middle = (growth * self.weights.transpose()).entries() * len(self.vertices)
        _, *change = entrywise(self.weights, growth - arb_mat([middle])).mid().entries()
        return arb_mat([[-sum(change, arb(0)), *change]])

    def first(self, S: arb_mat) -> arb_mat:
        """The derivative of B along S."""
        return sum((p * q for p, q in zip(self.vertices, S.entries(), strict=True)), self.vertices[0] * 0)

    def second(self, *_: arb_mat) -> arb_mat:
        """Half of the second derivative."""
        return self.B * 0

    def beyond(self, u: arb, S: arb_mat, T: arb_mat) -> arb:
        """Of all further terms, as far as |u|, a bound: there are none, but where a weight might be negative."""
        changes = zip(self.weights.entries(), S.entries(), T.entries(), strict=True)
        return arb(0 if all(weight >= u * norm(arb_mat([pair])) for weight, *pair in changes) else "inf")


def proved(model: Rotations | Mixture, a: fmpq, b: fmpq, c: fmpq, d: fmpq) -> bool:
    """A model, a rectangle 0 <= c < d -> whether every point of it and of its mirror image is proved."""
    n, one, two, r = model.n, arb_mat(model.n, model.n, 1), arb_mat(2, 2, 1), arb(2).sqrt().upper()
    h, g, D = arb((b - a) / 2), arb((d * d - c * c) / 2), arb((d * d + c * c) / 2)
    P, k = model.B - one * arb((a + b) / 2), (2.5 * D.sqrt() + 0.05).mid()
    K = kronecker(two, P) + kronecker(arb_mat([[0, -k], [D / k, 0]]), one)
    E = [kronecker(two * -h, one), kronecker(arb_mat([[0, 0], [g / k, 0]]), one)]
    # Guesses: eigenvectors, the right one turned so that its parts are orthogonal, of which w is the shorter.
    values, left, right = acb_mat(P.mid()).eig(left=True, right=True, algorithm="approx")
    near = min(range(n), key=lambda i: abs(complex(values[i]) - 1j * float(D.sqrt())))
    y, x = (acb_mat([[row[near]] for row in Z.table()]) for Z in (left.transpose(), right))
    x *= (acb(0, (x.transpose() * x)[0, 0].arg()) / -2).exp()
    X, W = (joined((part,), (P * part / k,)).mid() for part in (x.real, x.imag))
    border = arb_mat(2, 2), joined((X, W)).transpose()
    # The directions that do to the pair of eigenvalues, to first order, what t does.
    pull = [P.transpose() * part * x.imag.transpose() + part * (P * x.imag).transpose() for part in (y.real, y.imag)]
    ways = [model.towards(each) for each in pull]
    effect = joined((*(kronecker(two, model.first(each)) * W for each in ways), K), border).mid().inv()
    share = (effect * joined([each * -W for each in E], border[:1])).mid()
    S = [ways[0] * share[0, i] + ways[1] * share[1, i] for i in range(2)]
    C = [kronecker(two, model.first(each)) for each in S]
    full = joined((*(each * -W for each in E), K), border).mid().inv().mid()
    A, J = arb_mat([row[: 2 * n] for row in full.table()]), full * joined((K,), border[1:])
    zeta = [arb_mat((A * (each * W)).mid().table()[2:]) for each in C]
    # A times the equations, term by term: what is left of the first order, and the coefficients of the second.
    of_u = [A * (C[i] * W) - J * zeta[i] for i in range(2)]
    of_t = [of_u[i] + A * (E[i] * W) for i in range(2)]
    rest = joined((*of_u, J)) - arb_mat(2 * n + 2, 2 * n + 2, 1)
    bends = [model.second(S[i], S[j]) for i, j in PAIRS]
    uu = [A * (kronecker(two, bends[2 * i + j]) * W - (C[i] * zeta[j] + C[j] * zeta[i]) / 2) for i, j in PAIRS]
    ut = [A * (E[j] * -zeta[i]) for i, j in PAIRS]
    tt = [uu[i] + (ut[i] + ut[j]) / 2 for i, j in enumerate((0, 2, 1, 3))]
    tv = [uu[i] * 2 + ut[i] for i in range(4)]
    terms = ([A * (K * W)], of_t, [rest], [A], tt, tv, uu, [A * each for each in C], [A * each for each in E])
    parts = [[norm(*(arb_mat(Z.table()[rows]) for Z in term)) for term in terms] for rows in (slice(2), slice(2, None))]
    beta, drift, size = norm(*bends), norm(*zeta), norm(W)

    def image(nu: arb, tau: arb) -> list[arb]:
        """Radii of v and of eta -> bounds of both in the image."""
        u, third = r + nu, model.beyond(r + nu, *S)
        left = third * size + (beta * u**2 + third) * (drift * u + tau)
        powers = [arb(1), r, nu + tau, left, r**2, r * nu, nu**2, u * tau, r * tau]
        return [dot(part, powers).upper() for part in parts]

    nu = tau = arb(0)
    for _ in range(12):
        nu, tau = ((bound * arb(1.02)).upper() for bound in image(nu, tau))
    ends = image(nu, tau)
    return bool(norm(rest) < 1 and (nu + tau).is_finite() and ends[0] <= nu and ends[1] <= tau)


def decided(told: dict[str, Any], numbers: list[int], *sides: fmpq) -> bool:
    """What a certificate says of the set, the integers of a piece, its sides -> whether it is proved."""
    with ctx.workprec(DIGITS):
        try:
            return proved((Mixture if told["kind"] == "mixture" else Rotations)(told, numbers), *sides)
        except ZeroDivisionError:  # a matrix that is singular, for all that is known of it
            return False


def checked(told: dict[str, Any]) -> fmpq:
    """A certificate -> the area that it proves. Raises ValueError for a piece that it does not prove, or has twice.

    Squares of level 0 are as many as cells, rows and columns counted from a corner; each level halves their sides. In
    the row of the real axis there are strips instead, of which each level halves the width.
    """
    cells, half, area, seen = told["cells"], fmpq(*told["half"]), fmpq(0), set[tuple[int, int, int]]()
    if {type(x) for piece in told["pieces"] for x in (cells, *piece[:3])} - {int}:
        raise ValueError("cells, levels, rows and columns must be whole numbers")
    for level, row, column, numbers in sorted(told["pieces"]):
        name, strip = f"the piece of level {level}, row {row} and column {column}", 2 * row + 1 == cells
        above = [(level - k, row if strip else row >> k, column >> k) for k in range(level + 1)]
        if min(level, row, column) < 0 or seen.intersection(above) or (not strip and 2 * above[-1][1] < cells):
            raise ValueError(f"{name} lies in another one, or nowhere")
        seen.add((level, row, column))
        width, height = (2 * half / (cells * 2**halvings) for halvings in (level, 0 if strip else level))
        a, c = column * width - half, fmpq(0) if strip else row * height - half
        d = height / 2 if strip else c + height
        if not decided(told, numbers, a, a + width, c, d):
            raise ValueError(f"{name} is not proved")
        area += 2 * width * (d - c)
    return area


if __name__ == "__main__":
    with (gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt") as file:
        found = checked(certificate := json.load(file))
    print("Of kind {kind}, n = {n}, s = {s}: {0:,} pieces proved,".format(len(certificate["pieces"]), **certificate))
    print(f"an area of {found}, about {int(found.p) / int(found.q):.6f}")
