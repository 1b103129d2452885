"""What the checker would say, in float64 and for many squares at once: it chooses what is worth checking.

The same quantities as in `geometry.proofs.check`, where they are explained, without a bound of the rounding: nothing
here proves anything.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import Protocol

import torch
from torch import Tensor

ROUNDS = 12
SLACK = 1.02
"""As in the checker: how often the radii are enlarged until they hold their image, and by how much at a time."""


class Model(Protocol):
    """A batch of matrices `B` (b, n, n) of a set, and how they move within it."""

    n: int
    B: Tensor

    def gradient(self, W: Tensor) -> Tensor:
        """W (b, n, n) -> the direction along which the sum of W B grows (b, ...)."""

    def along(self, S: list[Tensor]) -> tuple[list[Tensor], list[Tensor], Tensor, Tensor]:
        """Two directions -> dB/du_i; half of d2B/du_i du_j for 11, 12, 22; bounds (b,) of their size; how large |u|."""


class Rotations:
    """Block means of squares of orthogonal Q (b, N, N), N = ns, weighted (b, s); `kind` as in certificates."""

    def __init__(self, Q: Tensor, weights: Tensor, n: int, kind: str) -> None:
        self.Q, self.n, self.s, self.kind = Q, n, weights.shape[-1], kind
        self.weights = weights.repeat(1, n)[:, :, None]
        self.B = self._blocks(Q, Q)

    def gradient(self, W: Tensor) -> Tensor:
        """The skew part of Q' (W, spread over blocks, times Q), of its kind."""
        spread = W.repeat_interleave(self.s, -2).repeat_interleave(self.s, -1)
        V = self.Q.mT @ (self.Q * spread * self.weights)
        G = V - V.mT
        if self.kind == "averaged":
            term = torch.arange(G.shape[-1], device=G.device) % self.s
            return G * (term[:, None] == term)
        if self.kind == "complex":
            parts = G.unflatten(-1, (-1, 2)).unflatten(-3, (-1, 2))  # b, row, part, column, part
            real = (parts[:, :, 0, :, 0] + parts[:, :, 1, :, 1]) / 2
            imaginary = (parts[:, :, 1, :, 0] - parts[:, :, 0, :, 1]) / 2
            rows = torch.stack([torch.stack([real, -imaginary], -1), torch.stack([imaginary, real], -1)], 2)
            return rows.flatten(-2).flatten(1, 2)
        return G

    def along(self, S: list[Tensor]) -> tuple[list[Tensor], list[Tensor], Tensor, Tensor]:
        """Of Q exp(u1 S1 + u2 S2); nothing ends it."""
        QS = [self.Q @ each for each in S]
        halves = [(QS[i], QS[j], QS[i] @ S[j] + QS[j] @ S[i]) for i, j in ((0, 0), (0, 1), (1, 1))]
        second = [self._blocks(one, other) + self._blocks(self.Q, both) / 2 for one, other, both in halves]
        size = _norm(*S) / sqrt(2)
        return [2 * self._blocks(self.Q, each) for each in QS], second, size, torch.full_like(size, inf)

    def _blocks(self, X: Tensor, Y: Tensor) -> Tensor:
        weighted = X * Y * self.weights
        return weighted.unflatten(-1, (self.n, self.s)).unflatten(-3, (self.n, self.s)).sum((-3, -1))


class Mixtures:
    """Means of `vertices` (k, n, n), or each of its own (b, k, n, n), with weights (b, k)."""

    def __init__(self, vertices: Tensor, weights: Tensor) -> None:
        self.vertices, self.weights, self.n = vertices.expand(len(weights), -1, -1, -1), weights, vertices.shape[-1]
        self.roots = weights.sqrt()
        self.B = self._mean(weights)

    def gradient(self, W: Tensor) -> Tensor:
        """The change of weights over their roots, of sum 0."""
        growth = torch.einsum("bkij,bij->bk", self.vertices, W)
        middle = (self.weights * growth).sum(-1, keepdim=True)
        return (self.roots * (growth - middle))[:, None]

    def along(self, S: list[Tensor]) -> tuple[list[Tensor], list[Tensor], Tensor, Tensor]:
        """Affine, as far as no weight is negative."""
        change = [self.roots * each[:, 0] for each in S]
        room = (self.weights / sum(each.square() for each in change).sqrt()).amin(-1)  # type: ignore[union-attr]
        return [self._mean(each) for each in change], [torch.zeros_like(self.B)] * 3, torch.zeros_like(room), room

    def _mean(self, weights: Tensor) -> Tensor:
        return torch.einsum("bk,bkij->bij", weights, self.vertices)


def forecast(model: Model, sides: Tensor) -> Tensor:
    """Matrices, one for every rectangle a, b, c, d of sides (b, 4) -> whether it would be proved (b,)."""
    a, b, c, d = sides.T[:, :, None, None]
    n, one = model.n, torch.eye(model.n, dtype=sides.dtype, device=sides.device)
    h, g, D = (b - a) / 2, (d * d - c * c) / 2, (d * d + c * c) / 2
    P = model.B - (a + b) / 2 * one
    K = P @ P + D * one
    Y, _, X = torch.linalg.svd(K)
    X, Y = X[:, -2:].mT, Y[:, :, -2:]
    x, places = _seed(X, P), _places(X)

    def columns(Z: Tensor) -> Tensor:
        return Z.gather(2, places[:, None, 2:].expand(-1, n, -1))

    Px = P @ x
    T = [Px * (2 * h), -x * g]
    S = _directions(model, Y, Px, P, x, T)
    b1, (b11, b12, b22), sigma, room = model.along(S)
    A, _ = torch.linalg.inv_ex(torch.cat([*T, columns(K)], -1))
    L = [P @ each + each @ P for each in b1]
    zeta = [torch.zeros_like(x).scatter(1, places[:, 2:, None], (A @ (each @ x))[:, 2:]) for each in L]

    first = [A @ (L[i] @ x - K @ zeta[i]) for i in range(2)]
    of_t = [first[i] - A @ T[i] for i in range(2)]
    of_v = [first[i] - one[:, i : i + 1] for i in range(2)]
    of_eta = A @ columns(K) - one[:, 2:]
    uu, ut, pairs = {}, {}, ((0, 0), (0, 1), (1, 0), (1, 1))
    for (i, j), bend in zip(pairs, (b11, b12, b12, b22), strict=True):
        both = b1[i] @ (b1[j] @ x) + b1[j] @ (b1[i] @ x) - L[i] @ zeta[j] - L[j] @ zeta[i]
        uu[i, j] = A @ (P @ (bend @ x) + bend @ Px + both / 2)
        ut[i, j] = A @ ((P @ zeta[i] - b1[i] @ x) * (2 * h) if j == 0 else zeta[i] * -g)
    tt = [uu[i, j] + (ut[i, j] + ut[j, i]) / 2 + A @ x * (h * h * int(i == j == 0)) for i, j in pairs]
    tv = [uu[i, j] * 2 + ut[j, i] for i, j in pairs]
    u_eta = [A @ columns(each) for each in L]
    t_eta = [A @ columns(P) * (-2 * h), A @ columns(one.expand_as(P)) * g]
    beta1, beta2, along, p, size = _norm(*b1), _norm(b11, b12, b12, b22), _norm(*zeta), _norm(P), _norm(x)
    terms = ([A @ (K @ x)], of_t, of_v, [of_eta], [A], tt, tv, uu.values(), u_eta, t_eta)
    parts = [[_norm(*(Z[:, part] for Z in term)) for term in terms] for part in (slice(2), slice(2, n))]
    r, width = sqrt(2), h[:, 0, 0]

    def image(nu: Tensor, tau: Tensor) -> list[Tensor]:
        u, mu = r + nu, width * r
        xi, third = along * u + tau, (sigma * u) ** 3 * 4 / 3
        high = beta2 * u**2 + third
        whole = beta1 * u + high
        left = (2 * p * third + 2 * beta1 * u * high + high**2 + 2 * mu * high) * size
        left = left + (2 * p * high + whole**2 + 2 * mu * whole + mu**2) * xi
        return [
            zero + t * r + v * nu + eta * tau + a * left + tt * r**2 + tv * r * nu + uu * nu**2
            + (u_eta * u + t_eta * r) * tau
            for zero, t, v, eta, a, tt, tv, uu, u_eta, t_eta in parts
        ]  # fmt: skip

    nu = tau = torch.zeros_like(width)
    for _ in range(ROUNDS):
        nu, tau = (bound * SLACK for bound in image(nu, tau))
    ends = image(nu, tau)
    return (nu < 4) & (tau < 1000) & (ends[0] <= nu) & (ends[1] <= tau) & (r + nu <= room)


def _norm(*parts: Tensor) -> Tensor:
    """Matrices (b, ...) -> the Euclidean norm of all their entries (b,)."""
    return torch.stack([part.square().flatten(1).sum(-1) for part in parts]).sum(0).sqrt()


def _seed(X: Tensor, P: Tensor) -> Tensor:
    """Orthonormal columns X (b, n, 2), P (b, n, n) -> of their combinations of norm 1 the one that P makes longest."""
    PX = P @ X
    inner = PX.mT @ PX
    angle = torch.atan2(2 * inner[:, 0, 1], inner[:, 0, 0] - inner[:, 1, 1]) / 2
    return X @ torch.stack([angle.cos(), angle.sin()], -1)[..., None]


def _places(X: Tensor) -> Tensor:
    """Columns X (b, n, 2) -> all rows (b, n), those two first that tell the columns apart about as well as any."""
    n = X.shape[1]
    i, j = torch.triu_indices(n, n, 1, device=X.device)
    minors = (X[:, i, 0] * X[:, j, 1] - X[:, i, 1] * X[:, j, 0]).abs()
    best = (minors > 0.7 * minors.amax(-1, keepdim=True)).byte().argmax(-1)
    pivots = torch.stack([i[best], j[best]], -1)
    rank = torch.arange(n, device=X.device).expand(len(X), n)
    first = rank.new_tensor([-2, -1]).expand(len(X), 2)
    return rank.scatter(1, pivots, first).argsort(-1)


def _directions(model: Model, Y: Tensor, Px: Tensor, P: Tensor, x: Tensor, T: list[Tensor]) -> list[Tensor]:
    """The least directions that do to the pair of eigenvalues, to first order, what t does."""
    G = [model.gradient(y @ Px.mT + (P.mT @ y) @ x.mT) for y in (Y[:, :, :1], Y[:, :, 1:])]
    flat = torch.stack([each.flatten(1) for each in G], 1)
    share = torch.linalg.inv_ex(flat @ flat.mT)[0] @ (Y.mT @ torch.cat(T, -1))
    return [sum(G[k] * share[:, k, i, None, None] for k in range(2)) for i in range(2)]
