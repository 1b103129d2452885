"""Where a hyper-connection starts: the plain residual network, with every stream ready to become another one."""

from __future__ import annotations

from functools import singledispatch
from math import log

import torch
from torch import Generator, Tensor

from learning.vertex_starts import near_identity
from projectors import Projector, RedundantOrthostochastic
from projectors.base import MatrixMap
from projectors.checks import real_number
from projectors.outside import OrthogonalMixing, SpectralSphere, Unconstrained

START_DISTANCE = 0.01
"""By how much the diagonal of H_res falls short of 1 on average.

The identity itself would not do: go-mHC's matrix is a square, and critical at theta = 0, and of softmaxes and
sigmoids it is at infinity. At a distance d, the gradients of those are of size d, that of go-mHC of size sqrt(d): at
n = 4 and 0.01, 0.004 and 0.18 of a loss whose gradient in H has size 1. Those of |theta| and of a Euclidean projection
do not shrink. `benchmarks/starts.py` measures them. 64 layers of distance 0.01 keep half of what is a stream's own.
"""

READ_ELSEWHERE = 0.1
"""What a branch reads of all other streams together at the start; of its own it reads the rest, so that copies of one

stream are read as that stream. With equal weights all streams would stay equal, as nothing would tell them apart.
"""


def start(projector: MatrixMap, reads: int, distance: float, generator: Generator | None) -> Tensor:
    """projector, stream, distance -> the biases (2n + p,) of pre, post and theta.

    H_pre has sum 1, most of it on stream `reads` modulo n; H_post is 1 on every stream; H_res is near the identity, at
    random. On equal streams that is the plain residual network, whatever H_res is. Raises ValueError like `thetas`.
    """
    n, theta = projector.n, thetas(projector, distance, generator)[0].to(torch.get_default_dtype())
    elsewhere = READ_ELSEWHERE / (n - 1)
    pre = theta.new_full((n,), log(elsewhere / (1 - elsewhere)))
    pre[reads % n] = log((1 - READ_ELSEWHERE) / READ_ELSEWHERE)
    return torch.cat([pre, theta.new_zeros(n), theta])


def thetas(projector: MatrixMap, distance: float, generator: Generator | None, count: int = 1) -> Tensor:
    """projector, distance -> theta (count, p) of random matrices near the identity, drawn by themselves.

    From `generator`, by default torch's own, as the parameters of torch's layers are. Made on the CPU, and given on
    whichever device is torch's default one at the moment, such as meta. Raises ValueError unless 0 < distance < 1, and
    for a map of which no such start is known.
    """
    real_number(distance, "the distance of H_res from the identity", 0, 1, strictly=True)
    home = torch.get_default_device()
    with torch.device("cpu"):
        where = generator.device if generator is not None else None
        seed = int(torch.randint(2**62, (), generator=generator, device=where))
        made = _thetas(projector, distance, count, torch.Generator().manual_seed(seed))
    return made.to(home)


@singledispatch
def _thetas(projector: MatrixMap, distance: float, count: int, generator: Generator) -> Tensor:
    raise ValueError(f"no start near the identity is known for {projector}")


@_thetas.register
def _(projector: Projector, distance: float, count: int, generator: Generator) -> Tensor:
    return near_identity(projector, distance, count, generator)


@_thetas.register(Unconstrained)
@_thetas.register(SpectralSphere)
def _(projector: MatrixMap, distance: float, count: int, generator: Generator) -> Tensor:
    """The identity itself, where they have a gradient."""
    return torch.eye(projector.n).flatten().repeat(count, 1)


@_thetas.register
def _(projector: RedundantOrthostochastic, distance: float, count: int, generator: Generator) -> Tensor:
    return projector.spread(near_identity(projector.lean, distance, count, generator))


@_thetas.register
def _(projector: OrthogonalMixing, distance: float, count: int, generator: Generator) -> Tensor:
    """A rotation by 0 is no critical point, either."""
    return torch.zeros(count, projector.parameter_count)
