"""Certified slices against what one would write first; how long larger ones take; a million projected matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import least_squares

from benchmarks.harness import THREADS, pair, report, seconds
from geometry.grid import density
from geometry.parts import last
from geometry.regions import orthostochastic_order3
from geometry.sampling import sample
from geometry.slices import SliceMap, cyclic_view, projection, slice_map
from projectors import Kronecker, Orthostochastic, PermutationMixture, Projector, Sinkhorn, Unistochastic

BASELINES = {
    "slice": "scipy.optimize.least_squares (its default: trust region, numerical derivatives) of the block norms of a "
    "Cayley transform less the matrix, in numpy, every sixth cell, from one normal random start each; and Adam (rate "
    "0.1, 500 steps) on the squared distance by torch.linalg.solve and autograd, all cells in one batch, a start each. "
    "Members: within 1e-6 of the cell's matrix. Ratios are of times per cell",
    "growth": "none: seconds of one slice, its cells, members, touched cells",
    "projected": "numpy: all matrices at once, einsum with the powers of the cycle, numpy.histogram2d; with sampling, "
    "geometry.sampling.sample of all of them before. With sampling, ours also finds the largest row error",
}
N, S, BINS, STEPS, EVERY, COUNT, EXTENT = 3, 2, 101, 500, 6, 1_000_000, 1.05
SIZES: list[tuple[Projector, int]] = [
    (Orthostochastic(3, 1), 101),
    (Orthostochastic(4, 1), 101),
    (Orthostochastic(4, 2), 101),
    (Orthostochastic(6, 1), 101),
    (Orthostochastic(6, 2), 101),
    (Orthostochastic(8, 1), 51),
    (Orthostochastic(8, 1), 101),
    (Orthostochastic(8, 2), 51),
    (Orthostochastic(8, 2), 101),
    (Orthostochastic(8, 4), 51),
    (Orthostochastic(12, 1), 31),
    (Orthostochastic(12, 2), 51),
    (Orthostochastic(16, 2), 31),
    (Unistochastic(4, 1), 101),
    (Kronecker((PermutationMixture(2), PermutationMixture(2))), 101),
    (PermutationMixture(8), 51),
    (Sinkhorn(8), 101),
]


def block_norms(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """One theta (p,) -> matrix (n, n), written plainly."""
    A = np.zeros((N * S, N * S))
    A[np.triu_indices(N * S, 1)] = theta
    A -= A.T
    Q = np.linalg.solve(np.eye(N * S) + A, np.eye(N * S) - A)
    return np.asarray((Q**2).reshape(N, S, N, S).sum((1, 3)) / S)


def cell_by_cell(targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Targets (m, n, n) -> the distances (m,) that least_squares reaches."""
    random, p = np.random.default_rng(0), N * S * (N * S - 1) // 2
    distances = []
    for target in targets:
        found = least_squares(lambda theta, wanted=target: (block_norms(theta) - wanted).ravel(), random.normal(size=p))
        distances.append(np.sqrt(2 * found.cost))
    return np.array(distances)


def adam(targets: torch.Tensor) -> NDArray[np.float64]:
    """Targets (m, n, n) -> the smallest distances (m,) on Adam's way."""
    p = N * S * (N * S - 1) // 2
    theta = torch.randn(len(targets), p, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    theta.requires_grad_()
    optimizer = torch.optim.Adam([theta], lr=0.1)
    row, column = torch.triu_indices(N * S, N * S, 1)
    eye, closest = torch.eye(N * S, dtype=torch.float64), torch.full((len(targets),), torch.inf, dtype=torch.float64)
    for _ in range(STEPS):
        upper = torch.zeros(len(targets), N * S, N * S, dtype=torch.float64)
        upper = upper.index_put((torch.arange(len(targets))[:, None], row, column), theta)
        A = upper - upper.mT
        Q = torch.linalg.solve(eye + A, eye - A)
        squared = (Q.square().reshape(-1, N, S, N, S).sum((2, 4)) / S - targets).square().sum((1, 2))
        optimizer.zero_grad()
        squared.sum().backward()
        optimizer.step()
        closest = torch.minimum(closest, squared.detach().sqrt())
    return np.asarray(closest.numpy())


def compared() -> dict[str, Any]:
    """Nothing -> our slice against both plain ones, run once between several of ours."""
    projector, view = Orthostochastic(N, S), cyclic_view(N)
    found = slice_map(projector, view, BINS)
    points = np.stack(np.meshgrid(found.centres, found.centres), -1)[found.inside]
    targets = view.embed(torch.from_numpy(points))
    exact = orthostochastic_order3(S).contains(points @ [1, 1j])
    ours = [seconds(lambda: slice_map(projector, view, BINS)) for _ in range(3)]
    results: list[NDArray[np.float64]] = []
    plain = seconds(lambda: results.append(cell_by_cell(targets[::EVERY].numpy())))
    descent = seconds(lambda: results.append(adam(targets)))
    ours += [seconds(lambda: slice_map(projector, view, BINS)) for _ in range(3)]
    median = float(np.median(ours))
    return {
        "what": "slice",
        "method": str(projector),
        "bins": BINS,
        "seconds": median,
        "inside": int(found.inside.sum()),
        "members": int(found.member.sum()),
        "touched": int(found.touched.sum()),
        "exact_members": int(exact.sum()),
        "least_squares_cells": len(results[0]),
        "least_squares_exact_members": int(exact[::EVERY].sum()),
        "least_squares_seconds": plain,
        "least_squares_members": int((results[0] <= 1e-6).sum()),
        "least_squares_within_1e-3": int((results[0] <= 1e-3).sum()),
        "ratio": plain / len(results[0]) / median * len(targets),
        "ratio_min": plain / len(results[0]) / max(ours) * len(targets),
        "adam_seconds": descent,
        "adam_members": int((results[1] <= 1e-6).sum()),
        "adam_within_1e-3": int((results[1] <= 1e-3).sum()),
        "adam_ratio": descent / median,
    }


def growth(projector: Projector, bins: int) -> dict[str, Any]:
    """projector, bins -> time and cells of one slice."""
    results: list[SliceMap] = []
    waited = seconds(lambda: results.append(slice_map(projector, cyclic_view(projector.n), bins)))
    return {
        "what": "growth",
        "method": str(projector),
        "bins": bins,
        "seconds": waited,
        "inside": int(results[0].inside.sum()),
        "members": int(results[0].member.sum()),
        "touched": int(results[0].touched.sum()),
        "ms_per_cell": 1e3 * waited / int(results[0].inside.sum()),
    }


def plainly(matrices: torch.Tensor) -> NDArray[np.float64]:
    """Matrices (m, n, n) -> how many have their shadow in each cell, by numpy."""
    B = matrices.numpy()
    n, m = B.shape[-1], np.arange(B.shape[-1])
    wave = np.exp(2j * np.pi * ((m[None, :] - m[:, None]) % n) / n) / n
    z = np.einsum("bij,ij->b", B, wave)
    edges = np.linspace(-EXTENT, EXTENT, 202)
    return np.asarray(np.histogram2d(z.imag, z.real, bins=(edges, edges))[0])


def projected(n: int, s: int) -> list[dict[str, Any]]:
    """N, s -> a million matrices made and projected, and only projected; both ways count alike up to cells' edges."""
    projector, view = Orthostochastic(n, s), cyclic_view(n)
    matrices = sample(projector, COUNT, "target")

    def streamed() -> NDArray[np.int64]:
        return last(projection(projector, view, COUNT, "target")).density.counts

    difference = np.abs(streamed() - plainly(matrices)).sum()
    assert difference < 1e-3 * COUNT, difference
    whole = pair(streamed, lambda: plainly(sample(projector, COUNT, "target")), repeats=3, patience=1)
    alone = pair(
        lambda: density(torch.view_as_complex(view.project(matrices))), lambda: plainly(matrices), repeats=9, patience=2
    )
    return [
        {"what": what, "method": str(projector), "matrices": COUNT, "seconds": times["ours_ms"] / 1e3, **times}
        for what, times in (("projected, with sampling", whole), ("projected, without", alone))
    ]


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    rows = [compared(), *(growth(*size) for size in SIZES), *projected(3, 2), *projected(4, 2)]
    report("slices", BASELINES, rows)
