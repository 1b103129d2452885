"""What the checker would say, in float64 and for many squares at once: it chooses what is worth checking.

The same quantities as in `geometry.proofs.check`, where they are explained, without a bound of the rounding: nothing
here proves anything.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import Protocol

import torch
from torch import Tensor

from projectors.averages.kronecker import kronecker

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
        if self.kind in ("mean", "averaged"):
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
    n, one, two = model.n, torch.eye(model.n, dtype=sides.dtype, device=sides.device), sides.new_ones(2).diag()
    h, g, D = (b - a) / 2, (d * d - c * c) / 2, (d * d + c * c) / 2
    P, k = model.B - (a + b) / 2 * one, 2.5 * D.sqrt() + 0.05
    up, down = (kronecker(sides.new_tensor(each), one) for each in ([[0, 1], [0, 0]], [[0, 0], [1, 0]]))
    K = kronecker(two, P) - k * up + D / k * down
    E = [-h * kronecker(two, one), g / k * down]
    Y, _, X = torch.linalg.svd(P @ P + D * one)
    X, Y = X[:, -2:].mT, Y[:, :, -2:]
    N, W = (torch.cat([each, P @ each / k], 1) for each in (X, _seed(X, P)))
    x, Px = W[:, :n], W[:, n:] * k

    ways = [model.gradient(y @ Px.mT + (P.mT @ y) @ x.mT) for y in (Y[:, :, :1], Y[:, :, 1:])]
    S = _directions(ways, Y.mT @ torch.cat([Px * (2 * h), -x * g], -1))
    b1, (b11, b12, b22), sigma, room = model.along(S)
    C, bends = [kronecker(two, each) for each in b1], [kronecker(two, each) for each in (b11, b12, b12, b22)]
    corner = N.new_zeros(len(N), 2, 2)
    full, _ = torch.linalg.inv_ex(_joined([*(-each @ W for each in E), K], [corner, N.mT]))
    A, J = full[:, :, : 2 * n], full @ torch.cat([K, N.mT], 1)
    zeta = [(A @ (each @ W))[:, 2:] for each in C]

    of_u = [A @ (C[i] @ W) - J @ zeta[i] for i in range(2)]
    of_t = [of_u[i] + A @ (E[i] @ W) for i in range(2)]
    rest = torch.cat([*of_u, J], -1) - torch.eye(2 * n + 2, dtype=J.dtype, device=J.device)
    pairs = ((0, 0), (0, 1), (1, 0), (1, 1))
    uu = [A @ (bends[2 * i + j] @ W - (C[i] @ zeta[j] + C[j] @ zeta[i]) / 2) for i, j in pairs]
    ut = [-A @ (E[j] @ zeta[i]) for i, j in pairs]
    tt = [uu[i] + (ut[i] + ut[j]) / 2 for i, j in enumerate((0, 2, 1, 3))]
    tv = [uu[i] * 2 + ut[i] for i in range(4)]
    terms = ([A @ (K @ W)], of_t, [rest], [A], tt, tv, uu, [A @ each for each in C], [A @ each for each in E])
    parts = [[_norm(*(Z[:, rows] for Z in term)) for term in terms] for rows in (slice(2), slice(2, None))]
    beta, drift, size, r = _norm(b11, b12, b12, b22), _norm(*zeta), _norm(W), sqrt(2)

    def image(nu: Tensor, tau: Tensor) -> list[Tensor]:
        u, third = r + nu, 4 / 3 * (sigma * (r + nu)) ** 3
        left = third * size + (beta * u**2 + third) * (drift * u + tau)
        powers = torch.stack([nu**0, nu**0 * r, nu + tau, left, nu**0 * r**2, r * nu, nu**2, u * tau, r * tau])
        return [(torch.stack(part) * powers).sum(0) for part in parts]

    nu = tau = torch.zeros_like(size)
    for _ in range(ROUNDS):
        nu, tau = (bound * SLACK for bound in image(nu, tau))
    ends = image(nu, tau)
    return (_norm(rest) < 1) & (nu + tau).isfinite() & (ends[0] <= nu) & (ends[1] <= tau) & (r + nu <= room)


def _joined(*rows: list[Tensor]) -> Tensor:
    """Blocks (b, ...), row by row -> matrices."""
    return torch.cat([torch.cat(row, -1) for row in rows], -2)


def _norm(*parts: Tensor) -> Tensor:
    """Matrices (b, ...) -> the Euclidean norm of all their entries (b,)."""
    return torch.stack([part.square().flatten(1).sum(-1) for part in parts]).sum(0).sqrt()


def _seed(X: Tensor, P: Tensor) -> Tensor:
    """Orthonormal columns X (b, n, 2), P (b, n, n) -> of their combinations of norm 1 the one that P makes longest."""
    PX = P @ X
    inner = PX.mT @ PX
    angle = torch.atan2(2 * inner[:, 0, 1], inner[:, 0, 0] - inner[:, 1, 1]) / 2
    return X @ torch.stack([angle.cos(), angle.sin()], -1)[..., None]


def _directions(ways: list[Tensor], wanted: Tensor) -> list[Tensor]:
    """Two gradients (b, ...), what changes are wanted (b, 2, 2) along them -> the least directions that do it."""
    flat = torch.stack([each.flatten(1) for each in ways], 1)
    share = torch.linalg.inv_ex(flat @ flat.mT)[0] @ wanted
    return [sum(ways[k] * share[:, k, i, None, None] for k in range(2)) for i in range(2)]
