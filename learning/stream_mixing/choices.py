"""The words among which a stream-mixing experiment chooses, and what each of them means."""

from __future__ import annotations

from typing import Literal, get_args

Targets = Literal["sinkhorn", "orthostochastic", "unistochastic", "permutations", "edge", "vertex"]
"""Which matrices are to be learned. The first four are the paper's distributions (A.4 of [goMHC2026]): uniform entries
balanced by Sinkhorn, block norms of Haar orthogonal and unitary matrices, Dirichlet weights over all permutations.
edge: the mean of the identity and the n-cycle (Fig. A14a). vertex: the n-cycle itself (B.10)."""

Objective = Literal["features", "matrix", "read-out", "learned read-out", "eigenvalue"]
"""What is minimised: the mean squared error of mixed features (Eq. 13-15), of the matrix's entries (A.5.2), of one
stream read out of the mixed ones through a fixed random row, the same through a row that is learned along (Eq. 37), or
the distance of the nearest eigenvalue to a random point of the complex square (A.5.1)."""

Features = Literal["text", "notebook"]
"""What sparsity does to a feature vector of U(0, 1) numbers. text: each number is zero with that probability. notebook,
as in the authors' code: the whole vector is multiplied by the number of its features that are not."""

ParameterStyle = Literal["text", "notebook"]
"""How methods start and hold their parameters. text: as their own `initial` says; for go-mHC, real or unitary, that is
the N(N - 1)/2 (or N^2) numbers of its skew matrix A, normal of variance 2. notebook, as the authors' code and figures
have it: A = Theta - Theta^H of an N x N matrix of U(0, 1) numbers (U + iU for unitary ones), so that angles are smaller
at first and every step of an optimizer moves A twice as far; linear mHC starts at U(0, 1); rows that are read out have
U(0, 1) entries, and one that is learned starts within N(0, 0.01) of the one that is wanted."""

Optimizer = Literal["adam", "sgd"]

CHOICES = {
    "targets": get_args(Targets),
    "objective": get_args(Objective),
    "features": get_args(Features),
    "parameters": get_args(ParameterStyle),
    "optimizer": get_args(Optimizer),
}
"""By field of the experiment."""
