"""How fast every candidate learns, in the paper's Fig. 6 experiment: shipped, as all of it takes half an hour.

`python -m learning.choosing.fig6` makes it anew, size by size, and goes on with what is missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from learning.cost import candidates
from learning.stream_mixing import trained
from learning.stream_mixing.presets import notebook
from projectors import Projector

FILE = Path(__file__).with_name("fig6.json")
SIZES = (3, 4, 8, 2, 5)
MOST_PARAMETERS = 1000
"""Of what is trained: mHC-lite beyond n = 6 would take half an hour alone."""


@dataclass(frozen=True)
class Learned:
    """How one projector did: when its mean loss was within 5 % of its last one, that loss, and the least possible.

    `converged` is False where it still fell in the last tenth of the 10,000 iterations.
    """

    epochs: int
    converged: bool
    loss: float
    floor: float

    @property
    def excess(self) -> float:
        """The last loss over the least possible, 1 where the targets are met."""
        return self.loss / self.floor


def learned(projector: Projector) -> Learned | None:
    """projector -> what is shipped of it; None where nothing is."""
    found = _shipped().get(repr(projector))
    return Learned(**found) if found is not None else None


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def measured(projector: Projector) -> Learned:
    """projector -> the experiment, run: 64 targets, 10,000 iterations of Adam, the seed of the page *Stream mixing*."""
    run = trained(notebook(projector.n, (("", projector),)))
    converged = run.converged(0) is not None
    return Learned(int(run.epochs_to_convergence[0]), converged, float(run.final_losses[0]), run.floor)


def main() -> None:
    """Measure what is missing and write the file after each."""
    known = dict(_shipped())
    for n in SIZES:
        for projector in candidates(n).values():
            if projector.parameter_count <= MOST_PARAMETERS and repr(projector) not in known:
                known[repr(projector)] = vars(measured(projector))
                FILE.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
                print(projector, known[repr(projector)], flush=True)


if __name__ == "__main__":
    main()
