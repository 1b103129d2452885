"""What a reader should know about a matrix before believing a picture of it, in sentences."""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.conventions.layout import Reading

VISIBLE = 1e-3
"""Errors of sums and negative entries from which on they are told: beyond rounding, epsilons and half precision."""

SATURATED = 1e-3
"""How far from 0 and 1 every entry of a saturated matrix is at most; gradients in logits are as small."""

DIGITS = {"bfloat16": "3", "float16": "4", "float8_e4m3fn": "2", "float8_e5m2": "1"}


def doubts(reading: Reading) -> tuple[str, ...]:
    """What was read -> sentences, the gravest first; none if all is well."""
    matrix = reading.matrix
    if not reading.mixing:
        return ("No mixing: in this family H_res is the identity by construction.",)
    if not bool(matrix.isfinite().all()):
        count = int((~matrix.isfinite()).flatten(-2).any(-1).sum())
        of = f" for {count:,} of {matrix[..., 0, 0].numel():,} tokens" if matrix.ndim > 2 else ""
        return (f"Not finite{of}: it holds nan or inf.", *reading.notes)
    said = [_sums(matrix), _negative(matrix), _saturated(matrix) if reading.logits is not None else ""]
    if reading.dtype in DIGITS:
        said.append(f"Stored in {reading.dtype}: about {DIGITS[reading.dtype]} digits of each number.")
    if reading.assumed:
        said.append(f"Assumed, for lack of a configuration: {', '.join(reading.assumed)}.")
    return (*(sentence for sentence in said if sentence), *reading.notes)


def _sums(matrix: Tensor) -> str:
    rows, columns = matrix.sum(-1), matrix.sum(-2)
    off = [(name, sums) for name, sums in (("rows", rows), ("columns", columns)) if _error(sums) > VISIBLE]
    if not off:
        return ""
    told = " and ".join(f"{name} sum to {sums.min():.3g} to {sums.max():.3g}" for name, sums in off)
    exact = "" if len(off) == 2 else f"; its {'columns' if off[0][0] == 'rows' else 'rows'} sum to 1"
    return f"Not doubly stochastic: its {told}{exact}."


def _error(sums: Tensor) -> float:
    return float((sums - 1).abs().amax())


def _negative(matrix: Tensor) -> str:
    least = float(matrix.amin())
    return f"Negative entries, down to {least:.3g}." if least < -VISIBLE else ""


def _saturated(matrix: Tensor) -> str:
    between = torch.minimum(matrix.abs(), (matrix - 1).abs()).amax()
    if float(between) >= SATURATED:
        return ""
    n = matrix.shape[-1]
    identity = torch.eye(n, dtype=matrix.dtype)
    what = "the identity" if bool(((matrix - identity).abs() < SATURATED).all()) else "a permutation"
    return f"Saturated: within {SATURATED:g} of {what}, where gradients in its logits are as small."
