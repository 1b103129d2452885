"""How large the gradient of a mixing matrix is where layers start: at a distance d from the identity, over d.

Not a time. For every method and distance, the mean norm of the gradient of <W, H> in theta, W a random matrix of norm
1, over 256 starts. Towards d = 0 that of go-mHC vanishes as sqrt(d), those of softmaxes as d; of others
some do not.
"""

from __future__ import annotations

from math import log
from typing import Any

import torch

from benchmarks.harness import report
from networks.starts import START_DISTANCE, thetas
from projectors import Options
from projectors.table import METHODS

BASELINES = {"slope": "by which power of the distance the gradient grows, from 0.001 to 0.01"}
DISTANCES = (0.1, START_DISTANCE, 0.001)


def gradient(method: str, n: int, distance: float) -> float:
    generator = torch.Generator().manual_seed(0)
    projector = next(row for row in METHODS if row.name == method).make(Options(n))
    theta = thetas(projector, distance, generator, 256).requires_grad_()
    weights = torch.randn(256, n, n, generator=generator, dtype=theta.dtype)
    weights /= weights.norm(dim=(-2, -1), keepdim=True)
    (slope,) = torch.autograd.grad((weights * projector(theta)).sum(), theta)
    return float(slope.norm(dim=-1).mean())


def measured(method: str, n: int) -> dict[str, Any]:
    sizes = {distance: gradient(method, n, distance) for distance in DISTANCES}
    slope = log(sizes[0.01] / sizes[0.001]) / log(10)
    return {"method": method, "n": n, **{f"at {distance:g}": size for distance, size in sizes.items()}, "slope": slope}


if __name__ == "__main__":
    rows = [(row.name, n) for n in (2, 4) for row in METHODS if row.exists(n) and row.name != "identity"]
    report("starts", BASELINES, [measured(*row) for row in rows])
