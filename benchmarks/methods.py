"""Every projector against its plain formulation: 8,192 matrices at n = 4 and 8, forward, and forward with backward.

The plain formulations below are those of a textbook or of the papers' formulas, under torch's autograd. mHC-lite holds
40,320 weights a matrix at n = 8, so its batch there is 64.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.harness import THREADS, pair, report
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Projector, Sinkhorn, Unistochastic
from projectors.averages.permutation import permutation_matrices

BASELINES = {
    "mHC": "exp, then 20 times rows divided by their sums and columns by theirs, a Python loop",
    "go-mHC": "theta scattered into A, torch.linalg.solve(I + A, I - A), squares, block sums",
    "go-mHC, unitary": "as go-mHC in complex numbers",
    "mHC-lite": "softmax, then einsum with all permutation matrices",
    "KromHC": "softmax mixtures of 2 x 2 permutations, multiplied by einsum one after another",
    "averaged orthostochastic": "softmax-weighted Python sum of go-mHC matrices",
}


def plain_sinkhorn(theta: Tensor, n: int) -> Tensor:
    matrices = theta.unflatten(-1, (n, n))
    matrices = (matrices - matrices.amax((-2, -1), keepdim=True)).exp()
    for _ in range(20):
        matrices = matrices / matrices.sum(-1, keepdim=True)
        matrices = matrices / matrices.sum(-2, keepdim=True)
    return matrices


def plain_cayley(A: Tensor, n: int, s: int) -> Tensor:
    identity = torch.eye(n * s, dtype=A.dtype)
    Q = torch.linalg.solve(identity + A, identity - A)
    squares = Q.abs().square() if Q.is_complex() else Q.square()
    return squares.unflatten(-1, (n, s)).unflatten(-3, (n, s)).sum((-3, -1)) / s


def plain_orthostochastic(theta: Tensor, n: int, s: int) -> Tensor:
    row, column = torch.triu_indices(n * s, n * s, 1)
    upper = theta.new_zeros(*theta.shape[:-1], n * s, n * s)
    upper[..., row, column] = theta
    return plain_cayley(upper - upper.mT, n, s)


def plain_unistochastic(theta: Tensor, n: int, s: int) -> Tensor:
    N, p = n * s, n * s * (n * s - 1) // 2
    row, column = torch.triu_indices(N, N, 1)
    upper = torch.zeros(*theta.shape[:-1], N, N, dtype=torch.promote_types(theta.dtype, torch.complex64))
    upper[..., row, column] = torch.complex(theta[..., :p], theta[..., p : 2 * p])
    return plain_cayley(upper - upper.mH + torch.diag_embed(1j * theta[..., 2 * p :]), n, s)


def plain_permutations(theta: Tensor, n: int) -> Tensor:
    return torch.einsum("...k,kij->...ij", theta.softmax(-1), permutation_matrices(n, theta.dtype))


def plain_kronecker(theta: Tensor) -> Tensor:
    product, *others = (plain_permutations(part, 2) for part in theta.split(2, -1))
    for other in others:
        size = 2 * product.shape[-1]
        product = torch.einsum("...ij,...kl->...ikjl", product, other).reshape(*theta.shape[:-1], size, size)
    return product


def plain_mixture(theta: Tensor, n: int, k: int) -> Tensor:
    p = n * (n - 1) // 2
    weights = theta[..., k * p :].softmax(-1)[..., None, None]
    parts = theta[..., : k * p].split(p, -1)
    return sum(
        (weights[..., i, :, :] * plain_orthostochastic(part, n, 1) for i, part in enumerate(parts)),
        start=0 * weights[..., 0, :, :],
    )


def cases(n: int) -> list[tuple[str, Projector, Callable[[Tensor], Tensor]]]:
    """N -> name, projector and plain formulation of everything that is compared."""
    twos = (PermutationMixture(2),) * (n.bit_length() - 1)
    return [
        ("mHC", Sinkhorn(n), lambda theta: plain_sinkhorn(theta, n)),
        ("mHC-lite", PermutationMixture(n), lambda theta: plain_permutations(theta, n)),
        ("KromHC", Kronecker(twos), plain_kronecker),
        ("go-mHC", Orthostochastic(n, 1), lambda theta: plain_orthostochastic(theta, n, 1)),
        ("go-mHC", Orthostochastic(n, 2), lambda theta: plain_orthostochastic(theta, n, 2)),
        ("go-mHC, unitary", Unistochastic(n, 1), lambda theta: plain_unistochastic(theta, n, 1)),
        ("go-mHC, unitary", Unistochastic(n, 2), lambda theta: plain_unistochastic(theta, n, 2)),
        ("averaged orthostochastic", Mixture(Orthostochastic(n, 1), 2), lambda theta: plain_mixture(theta, n, 2)),
    ]


def compared(
    name: str, projector: Projector, plain: Callable[[Tensor], Tensor], dtype: torch.dtype
) -> list[dict[str, Any]]:
    """One projector, one dtype -> a row for the forward pass and one for both passes, after checking agreement."""
    n, batch = projector.n, 64 if projector == PermutationMixture(8) else 8192
    generator = torch.Generator().manual_seed(0)
    theta = projector.initial(batch, generator=generator, dtype=dtype).requires_grad_()
    upstream = torch.randn(batch, n, n, generator=generator, dtype=dtype)

    def forward(function: Callable[[Tensor], Tensor]) -> Tensor:
        with torch.no_grad():
            return function(theta)

    def both(function: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.autograd.grad(function(theta), theta, upstream)[0]

    rounding = 1e4 * torch.finfo(dtype).eps
    torch.testing.assert_close(forward(projector), forward(plain), rtol=rounding, atol=rounding)
    torch.testing.assert_close(both(projector), both(plain), rtol=rounding, atol=rounding)
    rows = []
    for passes, run in (("forward", forward), ("both", both)):
        times = pair(partial(run, projector), partial(run, plain), patience=1)
        case = {"method": name, "n": n, "s": getattr(projector, "s", ""), "batch": batch}
        rows.append({**case, "dtype": str(dtype).removeprefix("torch."), "passes": passes, **times})
    return rows


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    table = [
        row
        for n in (4, 8)
        for dtype in (torch.float64, torch.float32)
        for case in cases(n)
        for row in compared(*case, dtype)
    ]
    report("methods", BASELINES, table)
