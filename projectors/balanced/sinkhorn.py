"""mHC: alternate row and column normalisation of a positive matrix [SinkhornKnopp1967], [mHC2025]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from projectors.base import Projector
from projectors.conventions import CONVENTIONS, Convention
from projectors.tracing import traced

SHRUNK = 1e-8
"""What logits near the largest number are multiplied by."""


class _Balance(torch.autograd.Function):
    """K (n, n, batch) -> diag(u) K diag(v) after a number of Sinkhorn iterations.

    The batch is the last, contiguous axis, and only the scaling vectors u and v are iterated: an iteration costs two
    products with K and two reciprocals of vectors, where normalising the matrix itself writes it four times. The
    gradient is that of the finite iteration, not of its limit. Temporaries are reused: fresh memory costs more than
    the arithmetic.
    """

    @staticmethod
    def forward(ctx: Any, kernel: Tensor, iterations: int) -> Tensor:
        n, _, batch = kernel.shape
        kept = iterations if ctx.needs_input_grad[0] else 1
        rows, columns = kernel.new_empty(2, kept, n, batch)
        work, v = torch.empty_like(kernel), torch.ones_like(kernel[0])
        for t in range(iterations):
            u = torch.sum(torch.mul(kernel, v, out=work), 1, out=rows[t % kept]).reciprocal_()
            v = torch.sum(torch.mul(kernel, u[:, None], out=work), 0, out=columns[t % kept]).reciprocal_()
        ctx.save_for_backward(kernel, rows, columns)
        return torch.mul(kernel, u[:, None], out=work).mul_(v)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        kernel, rows, columns = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants the derivative of this, too: through the iterations themselves
            again = _iterated(kernel, len(rows))
            return torch.autograd.grad(again, kernel, gradients[0], create_graph=True)[0], None
        to_kernel = gradients[0].flatten(0, 1).contiguous().view_as(kernel)  # the batch last here too, or all is slow
        work = to_kernel * kernel
        to_u, to_v = (work * columns[-1]).sum(1), work.mul_(rows[-1, :, None]).sum(0)
        to_kernel = to_kernel * rows[-1, :, None]
        to_kernel.mul_(columns[-1])
        before = [torch.ones_like(to_v), *columns[:-1]]
        for u, v, v_before in reversed(list(zip(rows, columns, before, strict=True))):
            to_sum = to_v.mul_(v).mul_(v).neg_()  # v = 1 / (K^T u)
            to_kernel.addcmul_(u[:, None], to_sum)
            to_u += torch.mul(kernel, to_sum, out=work).sum(1)
            to_sum = to_u.mul_(u).mul_(u).neg_()  # u = 1 / (K v_before)
            to_kernel.addcmul_(to_sum[:, None], v_before)
            to_v = torch.mul(kernel, to_sum[:, None], out=work).sum(0)
            to_u.zero_()
        return to_kernel, None


def _iterated(kernel: Tensor, iterations: int) -> Tensor:
    """As `_Balance`, by operations whose derivatives torch knows."""
    v = torch.ones_like(kernel[0])
    for _ in range(iterations):
        u = (kernel * v).sum(1).reciprocal()
        v = (kernel * u[:, None]).sum(0).reciprocal()
    return kernel * u[:, None] * v


def balance(kernel: Tensor, iterations: int) -> Tensor:
    """Positive matrices (..., n, n) -> (..., n, n) with columns of sum 1 and rows of sum about 1.

    One iteration divides every row, then every column, by its sum. Entries of one matrix may span a factor of about
    1e100 in float64 (1e10 in float32) before the scaling vectors overflow. Derivatives of any order, those of the
    finite iteration.
    """
    if traced(kernel):
        return _iterated(kernel.movedim((-2, -1), (0, 1)), iterations).movedim((0, 1), (-2, -1))
    return _matrices(_Balance.apply(_batch_last(kernel), iterations), kernel.shape)  # type: ignore[no-untyped-call]


def _batch_last(matrices: Tensor) -> Tensor:
    """(..., n, n) -> (n, n, batch), a copy."""
    *_, n, _ = matrices.shape
    return matrices.reshape(-1, n * n).t().contiguous().unflatten(0, (n, n))


def _matrices(batch_last: Tensor, shape: torch.Size) -> Tensor:
    """(n, n, batch) -> shape (..., n, n), contiguous: the inverse of `_batch_last`."""
    return batch_last.flatten(0, 1).t().contiguous().view(shape)


def sinkhorn(logits: Tensor, iterations: int = 20) -> Tensor:
    """Logits (..., n, n) -> approximately doubly stochastic exp(logits) after `iterations` Sinkhorn iterations.

    Columns sum to 1 to rounding, rows to 1 within an error that shrinks geometrically with the iterations. Logits too
    far apart for the exponential are balanced in the logarithmic domain: slower, same map [SinkhornKnopp1967].
    """
    if traced(logits):
        return _logarithmic(logits, iterations)
    widest = 200.0 if logits.dtype == torch.float64 else 20.0
    low, high = logits.detach().aminmax() if logits.numel() else (torch.zeros(()), torch.zeros(()))
    if bool(high - low <= widest):
        kernel = (_batch_last(logits) - high).exp_()
        return _matrices(_Balance.apply(kernel, iterations), logits.shape)  # type: ignore[no-untyped-call]
    return _logarithmic(_masked(logits), iterations)


def _logarithmic(logits: Tensor, iterations: int) -> Tensor:
    """Logits (..., n, n), however far apart -> the matrices after so many iterations on their logarithms."""
    for _ in range(iterations):
        logits = logits - logits.logsumexp(-1, keepdim=True)
        logits = logits - logits.logsumexp(-2, keepdim=True)
    return logits.exp()


def _masked(logits: Tensor) -> Tensor:
    """Logits (..., n, n) far apart -> the same, less what would overflow; ValueError for a mask without a permutation.

    A logit of -inf keeps its entry 0. If those that are left hold no permutation, no matrix with these zeros is doubly
    stochastic, and rows would stay away from 1 however long one iterates [SinkhornKnopp1967].
    """
    n = logits.shape[-1]
    absent = logits.detach() == -torch.inf
    flat = absent.reshape(-1, n, n)
    for number in flat.flatten(1).any(-1).nonzero()[:, 0].tolist():
        if not _holds_permutation(~flat[number]):
            empty = [
                f"{kind} {int(lines.nonzero()[0])} is -inf throughout"
                for kind, lines in (("row", flat[number].all(-1)), ("column", flat[number].all(-2)))
                if bool(lines.any())
            ]
            why = empty[0] if empty else "every permutation meets one of -inf"
            raise ValueError(f"the logits of matrix {number} of {len(flat)} leave no doubly stochastic matrix: {why}")
    # The differences of numbers near the largest overflow. Made smaller they decide all the same, if they are not 0.
    largest = logits.detach().abs().where(~absent, 0).amax((-2, -1), keepdim=True)
    return torch.where(largest > SHRUNK * torch.finfo(logits.dtype).max, logits * SHRUNK, logits)


def _holds_permutation(present: Tensor) -> bool:
    """Which entries (n, n) are there -> whether some permutation takes only such: augmenting paths, row by row."""
    columns = [row.nonzero()[:, 0].tolist() for row in present]
    owner: dict[int, int] = {}

    def placed(row: int, tried: set[int]) -> bool:
        for column in columns[row]:
            if column not in tried:
                tried.add(column)
                if column not in owner or placed(owner[column], tried):
                    owner[column] = row
                    return True
        return False

    return all(placed(row, set()) for row in range(len(columns)))


@dataclass(frozen=True)
class Sinkhorn(Projector):
    """theta (..., n^2) -> n x n matrices by Sinkhorn iterations on exp(theta) or, for the linear ablation, |theta|.

    Not exact: column sums are 1 to rounding, row sums only in the limit of many iterations. `positive="abs"` is the
    paper's softmax-free ablation (appendix B.9) [goMHC2026]; |theta| gets the dtype's epsilon added, so that a row of
    zeros is allowed.

    The default `convention`, rows first and columns last, is that of go-mHC's authors, whose figures this reproduces,
    and but for its epsilon DeepSeek-V4's. The paper that introduced mHC [mHC2025] and most code begin with columns: the
    same logits then give another matrix: at n = 4 and twenty iterations by at most 5e-5 for standard normal logits, by
    up to 0.2 for eight times larger ones. `projectors.conventions` names them all, `docs/conventions.md` says whose is
    which.
    """

    iterations: int = 20
    positive: Literal["exp", "abs"] = "exp"
    convention: Convention = CONVENTIONS["go-mHC"]

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of a Sinkhorn matrix,", 2)
        self._whole_field("iterations", "the number of Sinkhorn iterations", 1, 10_000)
        if self.positive not in ("exp", "abs"):
            raise ValueError(f"positive must be 'exp' or 'abs', not {self.positive!r}")
        if not isinstance(self.convention, Convention):
            raise ValueError(f"convention must be a Convention, such as those in CONVENTIONS, not {self.convention!r}")
        if self.convention.epsilon and self.positive != "exp":
            raise ValueError(f"an epsilon comes with a softmax: positive must be 'exp', not {self.positive!r}")

    def __repr__(self) -> str:
        """Leave out the convention where it is the default one, as most recipes do."""
        other = f", convention={self.convention!r}" if self.convention != Convention() else ""
        return f"Sinkhorn(n={self.n}, iterations={self.iterations}, positive={self.positive!r}{other})"

    @property
    def exact(self) -> bool:
        """Never: rows sum to 1 in the limit."""
        return False

    @property
    def details(self) -> dict[str, int | str]:
        """The number of iterations."""
        return {"iterations": self.iterations}

    @property
    def parameter_count(self) -> int:
        """n^2."""
        return self.n**2

    @property
    def flops(self) -> int:
        """Counts n^2 exponentials as one operation each, and per iteration 2n(n - 1) additions and 2n^2 divisions."""
        return self.iterations * 2 * (2 * self.n**2 - self.n) + self.n**2

    def matrices(self, theta: Tensor) -> Tensor:
        entries = theta.unflatten(-1, (self.n, self.n))
        if self.convention.epsilon:
            return self.convention.scaled(entries, self.iterations)
        if self.convention.first == "columns":
            return self._balanced(entries.mT).mT
        return self._balanced(entries)

    def _balanced(self, entries: Tensor) -> Tensor:
        """Parameters (..., n, n) -> (..., n, n), rows first."""
        if self.positive == "exp":
            return sinkhorn(entries, self.iterations)
        magnitudes = entries.abs()
        largest = magnitudes.detach().amax((-2, -1), keepdim=True)
        return balance(magnitudes / largest.clamp_min(1) + torch.finfo(entries.dtype).eps, self.iterations)
