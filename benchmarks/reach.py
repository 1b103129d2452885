"""Certified reach maps against the paper's recipe (appendix A.5.1); and how their cost grows with n s, up to n = 64."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray

from benchmarks.harness import THREADS, report, seconds
from figures.files import image
from figures.style import PAPER, apply
from geometry.grid import EXTENT
from geometry.reach import reach_map, solve
from geometry.regions import karpelevich, perfect_mirsky
from projectors import Orthostochastic

BASELINES = {
    "recipe": "Adam (rate 0.1, 100 steps, batches of 100) on the parameters of a skew matrix X, Q = exp(X) as in the "
    "authors' notebook for spectra, loss = |nearest eigenvalue - target| by torch.linalg.eigvals, 10,000 targets "
    "uniform in the square [-1, 1]^2; every eigenvalue on the way is counted",
    "growth": "none: seconds (the median of three), certified and touched cells, peak memory of a process of its own "
    "(torch itself: idle_mb); coarse: the same at 51 x 51 cells",
}
N, S, BINS, TARGETS, STEPS, BATCH = 4, 2, 101, 10_000, 100, 100
REPEATS = 3
SIZES = [(4, 1), (4, 2), (4, 4), (8, 1), (8, 2), (8, 4), (16, 1), (16, 2), (16, 4), (32, 1), (32, 2), (64, 1)]
COARSE = (64, 1, 51)


def exponential(theta: torch.Tensor) -> torch.Tensor:
    """Theta (batch, p) -> matrices (batch, n, n), written plainly."""
    row, column = torch.triu_indices(N * S, N * S, 1)
    upper = torch.zeros(len(theta), N * S, N * S, dtype=theta.dtype).index_put(
        (torch.arange(len(theta))[:, None], row, column), theta
    )
    Q = torch.linalg.matrix_exp(upper - upper.mT)
    return Q.square().reshape(len(theta), N, S, N, S).sum((-1, -3)) / S


def recipe(targets: torch.Tensor) -> tuple[NDArray[np.bool_], torch.Tensor]:
    """Targets (m,) -> cells (bins, bins) in which an eigenvalue was seen on the way, nearest distance (m,) at all."""
    generator = torch.Generator().manual_seed(0)
    seen, nearest = np.zeros((BINS, BINS), dtype=bool), []
    for part in targets.split(BATCH):
        theta = torch.randn(len(part), N * S * (N * S - 1) // 2, generator=generator, dtype=torch.float64)
        theta.requires_grad_()
        adam = torch.optim.Adam([theta], lr=0.1)
        closest = torch.full((len(part),), torch.inf, dtype=torch.float64)
        for _ in range(STEPS):
            values = torch.linalg.eigvals(exponential(theta))
            gaps = (values - part[:, None]).abs().amin(-1)
            adam.zero_grad()
            gaps.sum().backward()
            adam.step()
            closest = torch.minimum(closest, gaps.detach())
            # All but one Perron root; the reach is symmetric under conjugation, and so is what is counted.
            z = values.detach().numpy()
            z = z[np.arange(z.shape[1]) != np.abs(z - 1).argmin(-1)[:, None]]
            column, row = (np.rint(part / (2 * EXTENT / BINS)).astype(int) + BINS // 2 for part in (z.real, z.imag))
            seen[row, column] = seen[::-1][row, column] = True
        nearest.append(closest)
    return seen | seen[::-1], torch.cat(nearest)


def shares(kind: str, distance: torch.Tensor, inside: torch.Tensor) -> dict[str, float]:
    """Nearest distances (m,) -> the shares of targets within 1e-3 and 1e-8, of all and of those in the region."""
    return {
        f"{kind}_{tolerance:.0e}{where}": float((part <= tolerance).double().mean())
        for where, part in (("", distance), ("_inside", distance[inside]))
        for tolerance in (1e-3, 1e-8)
    }


def compared() -> dict[str, Any]:
    """Nothing -> our map and our solutions against the recipe, run once between several of ours."""
    projector = Orthostochastic(N, S)
    generator = torch.Generator().manual_seed(1)
    square = 2 * torch.rand(TARGETS, 2, generator=generator, dtype=torch.float64) - 1
    targets = torch.complex(square[:, 0], square[:, 1])
    inside = torch.from_numpy(perfect_mirsky(N).contains(targets.numpy()))
    reach, solved = reach_map(projector, BINS), solve(projector, targets)  # warm, and what both find
    mapping: list[float] = []
    solving: list[float] = []

    def ours() -> None:
        for _ in range(REPEATS):
            mapping.append(seconds(lambda: reach_map(projector, BINS)))
            solving.append(seconds(lambda: solve(projector, targets)))

    ours()
    results: list[Any] = []
    plain = seconds(lambda: results.append(recipe(targets)))
    ours()
    seen, distance = results[0]
    median = float(np.median(mapping))
    return {
        "what": "recipe",
        "n": N,
        "s": S,
        "bins": BINS,
        "seconds": median,
        "recipe_seconds": plain,
        "ratio": plain / median,
        "ratio_min": plain / max(mapping),
        "certified": int(reach.reached.sum()),
        "touched": int(reach.touched.sum()),
        "recipe_touched": int(seen.sum()),
        "recipe_touched_alone": int((seen & ~reach.touched).sum()),
        "targets": TARGETS,
        "targets_inside": int(inside.sum()),
        "solve_seconds": float(np.median(solving)),
        **shares("solve", solved.residual, inside),
        **shares("recipe", distance, inside),
    }


def peak() -> float:
    """Nothing -> most memory this process has ever held, in MB; getrusage would start from its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def one(n: int, s: int, bins: int) -> dict[str, Any]:
    """N, s, cells in a direction -> time, cells and peak memory of one map in this process."""
    torch.set_num_threads(THREADS)
    idle = peak()
    results: list[Any] = []
    waited = [seconds(lambda: results.append(reach_map(Orthostochastic(n, s), bins))) for _ in range(REPEATS)]
    region = results[0].coverage(karpelevich(n))
    return {
        "what": "growth" if bins == BINS else "coarse",
        "n": n,
        "s": s,
        "bins": bins,
        "seconds": float(np.median(waited)),
        "certified": int(results[0].reached.sum()),
        "touched": int(results[0].touched.sum()),
        "certified_share": region.certified,
        "touched_share": region.touched,
        "idle_mb": idle,
        "peak_mb": peak(),
    }


def apart(n: int, s: int, bins: int = BINS) -> dict[str, Any]:
    """N, s, cells in a direction -> `one` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reach", str(n), str(s), str(bins)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def slope(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows -> the log-log slope of seconds per cell of the grid against N = n s: of all rows, and from N = 16 on."""
    sizes = np.log([row["n"] * row["s"] for row in rows])
    costs = np.log([row["seconds"] / row["bins"] ** 2 for row in rows])
    large = sizes >= np.log(16)
    slopes = [float(np.polyfit(sizes[part], costs[part], 1)[0]) for part in (slice(None), large)]
    return {"what": "slope", "log_log_slope": slopes[0], "log_log_slope_from_16": slopes[1]}


def plot(rows: list[dict[str, Any]], slopes: dict[str, Any]) -> None:
    """Rows and their slopes -> results/reach.svg: seconds per cell of the grid against N, both logarithmic."""
    figure = go.Figure()
    for n in sorted({row["n"] for row in rows}):
        chosen = [row for row in rows if row["n"] == n]
        figure.add_scatter(
            x=[row["n"] * row["s"] for row in chosen],
            y=[1e6 * row["seconds"] / row["bins"] ** 2 for row in chosen],
            mode="lines+markers",
            name=f"n = {n}",
        )
    apply(figure, PAPER)
    figure.update_xaxes(type="log", title="N = ns", tickvals=[4, 8, 16, 32, 64])
    figure.update_yaxes(type="log", title="microseconds per cell", dtick=1)
    told = f"go-mHC: time of a certified map, log-log slope {slopes['log_log_slope']:.2f}"
    figure.update_layout(title={"text": told, "x": 0.5}, width=640, height=460)
    (Path(__file__).parent / "results" / "reach.svg").write_bytes(image(figure, "svg"))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(one(*map(int, sys.argv[1:]))))
    else:
        torch.set_num_threads(THREADS)
        recipes = [compared()]
        growth = [apart(n, s) for n, s in SIZES]
        report("reach", BASELINES, [*recipes, *growth, apart(*COARSE), slope(growth)])
        plot(growth, slope(growth))
