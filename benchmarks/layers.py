"""A transformer block in n streams, forward and backward, against the plain residual block and hyper-connections.

Every pair is timed in turn in one run: ours (the block with attention and MLP, each in a `HyperConnection` of the named
method) against the same branches in `Residual`, and, for mHC, against the same branches in hyper-connections 0.4.11,
both of its versions. A step is forward, sum and backward. Left out: embedding, head and optimizer, which all share and
which would make every overhead smaller; and kernels for GPUs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from hyper_connections import mHCv2
from hyper_connections.manifold_constrained_hyper_connections import ManifoldConstrainedHyperConnections
from torch import Tensor, nn

from benchmarks.harness import THREADS, pair, report
from networks import HyperConnection, Residual, block
from projectors import Options
from projectors.table import METHODS

BASELINES = {
    "residual": "the same attention and MLP, each as x + branch(x)",
    "hyper-connections v1": "hyper-connections 0.4.11, ManifoldConstrainedHyperConnections, 20 iterations",
    "hyper-connections v2": "hyper-connections 0.4.11, mHCv2, 20 iterations",
}
WIDTH, HEADS, BATCH, LENGTH = 384, 6, 4, 128
MOST = 10_000
"""Numbers of a matrix: mHC-lite at n = 8 predicts 40,320 for every token, and takes 200 times the block's own time."""


def step(module: nn.Module, x: Tensor) -> Callable[[], None]:
    def run() -> None:
        module.zero_grad(set_to_none=True)
        module(x).sum().backward()

    return run


class Theirs(nn.Module):
    """Streams (batch, T, n, C) -> the same, in their order of axes for version 1."""

    def __init__(self, layer: nn.Module, *, first: bool) -> None:
        super().__init__()
        self.layer, self.first = layer, first

    def forward(self, streams: Tensor) -> Tensor:
        """Streams (batch, T, n, C) -> (batch, T, n, C)."""
        if not self.first:
            return self.layer(streams)
        batch, length, n, width = streams.shape
        mixed = self.layer(streams.permute(0, 2, 1, 3).reshape(batch * n, length, width))
        return mixed.view(batch, n, length, width).permute(0, 2, 1, 3)


def measured(n: int, method: str, against: str) -> dict[str, Any]:
    row = next(row for row in METHODS if row.name == method)
    projector = row.make(Options(n))
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH, LENGTH, WIDTH, generator=generator)
    streams = x[:, :, None].expand(-1, -1, n, -1).contiguous().requires_grad_()
    ours = block(WIDTH, HEADS, lambda branch, number: HyperConnection(WIDTH, projector, branch, reads=number))
    if against == "residual":
        plain, entering = block(WIDTH, HEADS, lambda branch, number: Residual(branch)), x.requires_grad_()
    else:
        first = against.endswith("v1")
        kind = ManifoldConstrainedHyperConnections if first else mHCv2.ManifoldConstrainedHyperConnections
        plain = block(
            WIDTH,
            HEADS,
            lambda branch, number: Theirs(kind(n, dim=WIDTH, branch=branch, layer_index=number), first=first),
        )
        entering = streams
    times = pair(step(ours, streams), step(plain, entering), repeats=9, patience=3)
    return {"n": n, "method": method, "against": against, "p": projector.parameter_count, **times}


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    rows = []
    for n in (2, 4, 8):
        rows += [measured(n, "mHC", name) for name in BASELINES if name != "residual"]
        names = [row.name for row in METHODS if row.exists(n) and row.make(Options(n)).parameter_count <= MOST]
        rows += [measured(n, name, "residual") for name in names]
    report("layers", BASELINES, rows)
