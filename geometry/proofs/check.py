"""Check a certificate of eigenvalues: `python check.py CERTIFICATE` needs python-flint, and nothing else of ours.

Claim of a piece: every mu with Re mu in [a, b] and |Im mu| in [c, d] is an eigenvalue of a doubly stochastic B of the
kind that the certificate names. "real": B_ij = (1/s) sum_kl Q[(i,k),(j,l)]^2 of an orthogonal Q; "averaged": of one
whose blocks are 0 off their diagonals, the mean of s squared rotations; "complex": of a unitary one in real form, s
even; "mixture": a mean of permutations with weights that are not negative.

Proof. With skew S1, S2 of its kind, Q(u) = Q0 exp(u1 S1 + u2 S2) is such a matrix for all u in R^2; the weights of
permutations are affine in u. Let m = Re mu, D = (Im mu)^2: a real w != 0 with ((B(u) - m)^2 + D) w = 0 makes mu an
eigenvalue of B(u). Write w = x + xi, with two entries of xi 0; (m, D) = centre + (h t1, g t2), |t1|, |t2| <= 1;
u = t + v; xi = eta - u1 zeta1 - u2 zeta2. For every t a continuous map, whose fixed points solve the equation, takes
{|v| <= nu, |eta| <= tau} into itself: Brouwer. Terms up to the second order are computed in balls, the rest is bounded:
along a ray the k-th derivative of exp(u S) is no larger than |S|^k, and the matrix of
(1/s) sum_kl X[(i,k),(j,l)] Y[(i,k),(j,l)] is no larger than |X| |Y|.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

Entry = Callable[[int, int], Any]

DIGITS = 80
"""Binary digits of the middles of balls."""


def norm(*parts: Any) -> arb:
    """Numbers and matrices -> an upper bound of the Euclidean norm of all their entries."""
    entries = [entry for part in parts for entry in (part.entries() if isinstance(part, arb_mat) else [part])]
    return sum((entry * entry for entry in entries), arb(0)).upper().sqrt().upper()


def matrix(height: int, width: int, entry: Entry) -> arb_mat:
    """Size, entry of a row and a column -> the matrix."""
    return arb_mat(height, width, [entry(i, j) for i in range(height) for j in range(width)])


def kernel(K: arb_mat, n: int) -> arb_mat:
    """A guess of two columns that K nearly takes to zero, by inverse iteration."""
    found, shift = (
        matrix(n, 2, lambda i, j: arb((7 * i + 3 * j) % 5 - 1.7)),
        matrix(n, n, lambda i, j: 2.0**-40 * (i == j)),
    )
    for _ in range(2):
        found = ((K.mid() + shift).inv().mid() * found).mid()
        found = (found / norm(found).mid()).mid()
    return found


class Rotations:
    """B(u) of Q0 = 2 (I + A)^-1 - I, for the skew matrix A whose upper triangle is given, row by row."""

    def __init__(self, n: int, s: int, kind: str, theta: list[fmpq]) -> None:
        self.n, self.s, self.kind, N = n, s, kind, n * s
        free = [(p, q) for p in range(N) for q in range(p + 1, N) if kind != "averaged" or p % s == q % s]
        upper = dict(zip(free, theta, strict=True))
        self.check(entry := lambda p, q: upper.get((p, q), -upper.get((q, p), fmpq(0))))
        one = matrix(N, N, lambda p, q: int(p == q))
        self.Q = (one + matrix(N, N, entry)).inv() * 2 - one
        self.B = self.blocks(self.Q, self.Q)

    def check(self, entry: Entry) -> None:
        """Refuse a matrix that is not exactly skew and of this kind."""
        every = [(p, q) for p in range(self.n * self.s) for q in range(self.n * self.s)]
        if not all(entry(p, q) == -entry(q, p) == self.tied(entry, p, q) for p, q in every):
            raise ValueError(f"a matrix that is not skew, or not {self.kind}")

    def tied(self, entry: Entry, p: int, q: int) -> Any:
        """The entry of what is nearest among matrices of this kind."""
        if self.kind == "averaged":
            return entry(p, q) if p % self.s == q % self.s else 0
        if self.kind == "complex":  # x + iy is (x, -y; y, x)
            return (entry(p, q) + (1 if (p ^ q) % 2 == 0 else -1) * entry(p ^ 1, q ^ 1)) / 2
        return entry(p, q)

    def blocks(self, X: arb_mat, Y: arb_mat) -> arb_mat:
        """The sums over blocks of products of entries, over s."""
        s, cells = self.s, [[arb(0)] * self.n for _ in range(self.n)]
        for p in range(self.n * s):
            for q in range(self.n * s):
                cells[p // s][q // s] += X[p, q] * Y[p, q]
        return matrix(self.n, self.n, lambda i, j: cells[i][j] / s)

    def gradient(self, W: arb_mat) -> arb_mat:
        """Along which S the sum of W B grows, as numbers."""
        N, s, Q = self.n * self.s, self.s, self.Q.mid()
        V = (Q.transpose() * matrix(N, N, lambda p, q: Q[p, q] * W[p // s, q // s].mid())).mid()
        return matrix(N, N, lambda p, q: self.tied(lambda i, j: (V[i, j] - V[j, i]) / s, p, q)).mid()

    def along(self, S: list[arb_mat]) -> tuple[list[arb_mat], list[arb_mat], arb, Callable[[arb], bool]]:
        """S1, S2 -> dB/du_i; half of d2B/du_i du_j for 11, 12, 22; a bound of |S|; whether |u| may be as large."""
        for each in S:
            self.check(lambda p, q, each=each: each[p, q])  # type: ignore[misc]
        QS = [self.Q * each for each in S]
        halves = [(QS[i], QS[j], QS[i] * S[j] + QS[j] * S[i]) for i, j in ((0, 0), (0, 1), (1, 1))]
        second = [self.blocks(one, other) + self.blocks(self.Q, both) / 2 for one, other, both in halves]
        return [self.blocks(self.Q, each) * 2 for each in QS], second, norm(*S) / arb(2).sqrt().lower(), lambda _: True


class Mixture:
    """B(u) of the mean of given permutations, with given weights at u = 0."""

    def __init__(self, n: int, permutations: list[list[int]], weights: list[fmpq]) -> None:
        if sum(weights) != 1 or min(weights) < 0 or any(sorted(each) != list(range(n)) for each in permutations):
            raise ValueError("weights must be of sum 1 and not negative, and permutations permute")
        self.n, self.permutations, self.weights = n, permutations, [arb(each) for each in weights]
        self.roots = [each.sqrt().mid() for each in self.weights]  # what may change more, counts as nearer
        self.B = self.mean(self.weights)

    def mean(self, weights: list[arb]) -> arb_mat:
        """Weights -> the sum of the permutations, so weighted."""
        cells = [[arb(0)] * self.n for _ in range(self.n)]
        for weight, order in zip(weights, self.permutations, strict=True):
            for i, j in enumerate(order):
                cells[i][j] += weight
        return matrix(self.n, self.n, lambda i, j: cells[i][j])

    def gradient(self, W: arb_mat) -> arb_mat:
        """Along which change of weights over their roots the sum of W B grows, while theirs stays, but for rounding."""
        growth = [sum((W[i, j] for i, j in enumerate(order)), arb(0)).mid() for order in self.permutations]
        middle = sum((weight * each for weight, each in zip(self.weights, growth, strict=True)), arb(0)).mid()
        return matrix(1, len(growth), lambda _, k: self.roots[k] * (growth[k] - middle)).mid()

    def along(self, S: list[arb_mat]) -> tuple[list[arb_mat], list[arb_mat], arb, Callable[[arb], bool]]:
        """As that of rotations; changes of weights are made to be of sum 0 exactly."""
        change = [[root * each for root, each in zip(self.roots, part.entries(), strict=True)] for part in S]
        change = [[-sum(each[1:], arb(0)), *each[1:]] for each in change]
        room = [(weight, norm(*pair)) for weight, *pair in zip(self.weights, *change, strict=True)]
        nothing = [matrix(self.n, self.n, lambda i, j: 0)] * 3
        return (
            [self.mean(each) for each in change],
            nothing,
            arb(0),
            lambda size: all(w >= size * most for w, most in room),
        )


def proved(model: Rotations | Mixture, a: fmpq, b: fmpq, c: fmpq, d: fmpq) -> bool:
    """A model, a rectangle 0 <= c < d -> whether every point of it and of its mirror image is proved."""
    n, one = model.n, matrix(model.n, model.n, lambda i, j: int(i == j))
    h, g, D = arb((b - a) / 2), arb((d * d - c * c) / 2), arb((d * d + c * c) / 2)
    P = model.B - one * arb((a + b) / 2)
    K = P * P + one * D
    X, Y = kernel(K, n), kernel(K.transpose(), n)
    minors = {(i, j): abs(float((X[i, 0] * X[j, 1] - X[i, 1] * X[j, 0]).mid())) for i, j in combinations(range(n), 2)}
    pivots = max(minors, key=lambda pair: minors[pair])
    places = [*pivots, *(i for i in range(n) if i not in pivots)]
    guess = (X * matrix(2, 2, lambda i, j: X[pivots[i], j]).inv() * arb_mat(2, 1, [1, 0])).mid()
    x = matrix(n, 1, lambda i, _: int(i == pivots[0]) if i in pivots else guess[i, 0])
    T = [P * x * (2 * h), x * -g]
    # The least directions that do to the pair of eigenvalues, to first order, what t does.
    y = [matrix(n, 1, lambda i, _, k=k: Y[i, k]) for k in range(2)]  # type: ignore[misc]
    G = [model.gradient(each * (P * x).transpose() + (P.transpose() * each) * x.transpose()) for each in y]
    gram = matrix(2, 2, lambda i, j: sum((p * q for p, q in zip(G[i].entries(), G[j].entries(), strict=True)), arb(0)))
    share = gram.mid().inv().mid() * matrix(2, 2, lambda k, i: (y[k].transpose() * T[i])[0, 0].mid())
    S = [(G[0] * share[0, i].mid() + G[1] * share[1, i].mid()).mid() for i in range(2)]
    b1, (b11, b12, b22), sigma, allowed = model.along(S)
    M = matrix(n, n, lambda i, j: T[j][i, 0] if j < 2 else K[i, places[j]])
    A = M.mid().inv().mid()
    if not norm(A * M - one) < 1:
        return False
    L = [P * each + each * P for each in b1]
    moved = [(A * (each * x)).mid() for each in L]
    zeta = [matrix(n, 1, lambda i, _, z=z: 0 if i in pivots else z[places.index(i), 0]) for z in moved]  # type: ignore[misc]

    def on_eta(Z: arb_mat) -> arb_mat:
        return A * matrix(n, n - 2, lambda i, j: Z[i, places[j + 2]])

    # A times the equation, term by term: what is left of the first order, and the coefficients of the second.
    first = [A * (L[i] * x - K * zeta[i]) for i in range(2)]
    of_t = [first[i] - A * T[i] for i in range(2)]
    of_v = [first[i] - matrix(n, 1, lambda k, _, i=i: int(k == i)) for i in range(2)]  # type: ignore[misc]
    of_eta = on_eta(K) - matrix(n, n - 2, lambda i, j: int(i == j + 2))
    uu, ut, pairs = {}, {}, ((0, 0), (0, 1), (1, 0), (1, 1))
    for (i, j), bend in zip(pairs, (b11, b12, b12, b22), strict=True):
        both = b1[i] * (b1[j] * x) + b1[j] * (b1[i] * x) - L[i] * zeta[j] - L[j] * zeta[i]
        uu[i, j] = A * (P * (bend * x) + bend * (P * x) + both / 2)
        ut[i, j] = A * ((P * zeta[i] - b1[i] * x) * (2 * h) if j == 0 else zeta[i] * -g)
    tt = [uu[i, j] + (ut[i, j] + ut[j, i]) / 2 + A * x * (h * h * int(i == j == 0)) for i, j in pairs]
    tv = [uu[i, j] * 2 + ut[j, i] for i, j in pairs]
    u_eta, t_eta = [on_eta(each) for each in L], [on_eta(P) * (-2 * h), on_eta(one) * g]
    beta1, beta2, along = norm(*b1), norm(b11, b12, b12, b22), norm(*zeta)
    p, size, r = norm(P), norm(x), arb(2).sqrt().upper()

    def image(nu: arb, tau: arb) -> Iterator[arb]:
        """Radii of v and of eta -> bounds of both in the image."""
        u, mu = r + nu, h * r
        xi, third = along * u + tau, (sigma * u) ** 3 * 4 / 3
        high = beta2 * u**2 + third
        whole = beta1 * u + high
        left = (2 * p * third + 2 * beta1 * u * high + high**2 + 2 * mu * high) * size
        left += (2 * p * high + whole**2 + 2 * mu * whole + mu**2) * xi
        for part in (range(2), range(2, n)):

            def of(*given: arb_mat, part: range = part) -> arb:
                return norm(*(Z[i, j] for Z in given for i in part for j in range(Z.ncols())))

            total = of(A * (K * x)) + of(*of_t) * r + of(*of_v) * nu + of(of_eta) * tau + of(A) * left
            total += (
                of(*tt) * r**2 + of(*tv) * r * nu + of(*uu.values()) * nu**2 + (of(*u_eta) * u + of(*t_eta) * r) * tau
            )
            yield total.upper()

    nu = tau = arb(0)
    for _ in range(12):
        nu, tau = ((bound * arb(1.02)).upper() for bound in image(nu, tau))
        if not (nu < 4 and tau < 1000):
            return False
    ends = list(image(nu, tau))
    return bool(ends[0] <= nu and ends[1] <= tau and allowed(r + nu))


def model_of(told: dict[str, Any], numbers: list[int]) -> Rotations | Mixture:
    """What a certificate says of the set, the integers of a piece -> the matrix that it starts from."""
    if told["kind"] == "mixture":
        return Mixture(told["n"], told["permutations"], [fmpq(each, sum(numbers)) for each in numbers])
    return Rotations(told["n"], told["s"], told["kind"], [fmpq(each, 2 ** told["bits"]) for each in numbers])


def decided(told: dict[str, Any], numbers: list[int], *sides: fmpq) -> bool:
    """What a certificate says of the set, the integers of a piece, its sides -> whether it is proved."""
    try:
        with ctx.workprec(DIGITS):
            return proved(model_of(told, numbers), *sides)
    except ZeroDivisionError:  # a matrix that is singular, for all that is known of it
        return False


def checked(told: dict[str, Any]) -> fmpq:
    """A certificate -> the area that it proves. Raises ValueError for a piece that it does not prove, or has twice."""
    cells, half = told["cells"], fmpq(*told["half"])
    area, seen = fmpq(0), set()
    for level, row, column, numbers in sorted(told["pieces"]):
        name = f"the piece of level {level}, row {row} and column {column}"
        if min(level, row, column) < 0 or any((level - k, row >> k, column >> k) in seen for k in range(level + 1)):
            raise ValueError(f"{name} lies in another one, or nowhere")
        seen.add((level, row, column))
        side = 2 * half / (cells * 2**level)
        a, below = column * side - half, row * side - half
        c, d = max(below, fmpq(0)), below + side
        if not (c < d and decided(told, numbers, a, a + side, c, d)):
            raise ValueError(f"{name} is not proved")
        area += 2 * side * (d - c)
    return area


if __name__ == "__main__":
    with (gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt") as file:
        certificate = json.load(file)
    found = checked(certificate)
    print(f"{len(certificate['pieces']):,} pieces proved: an area of {found}, about {int(found.p) / int(found.q):.6f}")
