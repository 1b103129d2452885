"""Large matrices after the number of torch's threads has changed: see `projectors.rotations.inverses`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import torch
torch.set_num_threads(2)
torch.randn(300, 300) @ torch.randn(300, 300)
torch.set_num_threads(1)
torch.set_num_threads(2)
from geometry.spaces import space_of
from projectors import Orthostochastic
projector = Orthostochastic(26, 8)
theta = 1e-2 * projector.initial(4, generator=torch.Generator().manual_seed(0))
matrices = projector(theta)
assert (matrices.sum(-1) - 1).abs().max() < 1e-9, matrices.sum(-1)
assert (matrices - torch.cat([projector(row[None]) for row in theta])).abs().max() < 1e-12
space = space_of(projector)
points = space.random(4, torch.Generator().manual_seed(0))
assert (projector(space.parameters(points)) - space.matrices(points)).abs().max() < 1e-9
"""


def test_batches_of_large_rotations_after_a_search_on_one_thread() -> None:
    """In a process of its own: the fault depends on all that torch did before."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
