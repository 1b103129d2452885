"""geometry.spectra.unordered_eigenvalues against numpy.linalg.eigvals of the whole matrices, at n = 3, 4, 8 and 16."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmarks.harness import THREADS, pair, report
from geometry.sampling import sample
from geometry.spectra import unordered_eigenvalues
from projectors import Orthostochastic

BASELINES = {"eigenvalues": "numpy.linalg.eigvals of the same n x n matrices, its batched call"}


def compared(n: int) -> dict[str, Any]:
    """N -> eigenvalues per second (all but the Perron root) and the ratio to numpy, after checking that both agree."""
    matrices = sample(Orthostochastic(n, 2), 8192 if n < 16 else 2048)
    whole = matrices.numpy()
    ours = np.concatenate([unordered_eigenvalues(matrices).numpy(), np.ones((len(whole), 1))], -1)
    powers = np.arange(1, n + 1)[:, None, None]  # the power sums of a spectrum do not care about its order
    np.testing.assert_allclose((ours**powers).sum(-1), (np.linalg.eigvals(whole) ** powers).sum(-1), atol=1e-9)
    times = pair(lambda: unordered_eigenvalues(matrices), lambda: np.linalg.eigvals(whole), patience=4)
    rate = len(matrices) * (n - 1) / times["ours_ms"] * 1e3
    return {"n": n, "batch": len(matrices), "eigenvalues_per_second": rate, **times}


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    report("eigenvalues", BASELINES, [compared(n) for n in (3, 4, 8, 16)])
