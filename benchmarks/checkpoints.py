"""A checkpoint of 300 sites, read and measured, against the script that people write: load it all, loop over layers.

The script reads every tensor, iterates Sinkhorn as DeepSeek does, and takes eigenvalues; ours reads the biases alone,
and also judges, places in regions, measures distances and multiplies over the depth. Imports are left out on both
sides. The file stays in the machine's page cache: from a disk, or over a network, reading less gains more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import load_file, save_file

import inspector
from benchmarks.harness import THREADS, pair, report
from geometry.devices import one_thread

BASELINES = {"checkpoint": "safetensors.torch.load_file, Sinkhorn in a loop, torch.linalg.eigvals, a site at a time"}
LAYERS = 150


@contextmanager
def checkpoint(width: int) -> Iterator[Path]:
    """Width of a stream -> a file with the hyper-connections of so wide a model, two a layer."""
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for site in (f"layers.{layer}.hc_{part}" for layer in range(LAYERS) for part in ("attn", "ffn")):
        tensors[f"{site}_base"] = torch.randn(24, generator=generator)
        tensors[f"{site}_scale"] = torch.ones(3)
        tensors[f"{site}_fn"] = torch.randn(24, 4 * width, generator=generator)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_file(tensors, path)
        yield path


def ours(path: Path) -> torch.Tensor:
    with one_thread():
        sites = inspector.open(path, iterations=20, epsilon=1e-6)
        found = inspector.measures(sites.matrices(4))
        inspector.stacks(sites)
    return found.eigenvalues


def plain(path: Path) -> torch.Tensor:
    values = []
    for name, base in load_file(path).items():
        if name.endswith("_base"):
            comb = base[8:].double().view(4, 4).softmax(-1) + 1e-6
            comb = comb / (comb.sum(-2, keepdim=True) + 1e-6)
            for _ in range(19):
                comb = comb / (comb.sum(-1, keepdim=True) + 1e-6)
                comb = comb / (comb.sum(-2, keepdim=True) + 1e-6)
            values.append(torch.linalg.eigvals(comb.T))
    return torch.stack(values)


def measured(width: int) -> dict[str, Any]:
    with checkpoint(width) as path:
        sums = ours(path).sum().real, (plain(path).sum() - 2 * LAYERS).real  # the Perron roots, which ours leaves out
        assert abs(sums[0] - sums[1]) < 1e-2, sums
        times = pair(lambda: ours(path), lambda: plain(path), repeats=7, patience=20)
        return {"what": "checkpoint", "width": width, "sites": 2 * LAYERS, "bytes": path.stat().st_size, **times}


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    report("checkpoints", BASELINES, [measured(width) for width in (512, 4096)])
