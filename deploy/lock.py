"""Write requirements.lock: the exact version and the hashes of everything that the app installs, torch excepted.

Torch comes from an index of its own for every kind of machine (the processor alone, or a CUDA version); what torch
needs besides CUDA is locked. Wants pip-compile, from pip-tools: `make lock` brings it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
ACCELERATORS = ("nvidia", "cuda", "triton")
"""How the names of packages begin that bring CUDA along."""

HEAD = """# Exact versions and hashes of all that requirements.txt brings along, but for torch. Made by `make lock`.
#   pip install --require-hashes -r requirements.lock
#   pip install --no-deps torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
"""


def needed() -> list[str]:
    """What the app asks for, and what torch does; without torch, and without CUDA."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    wanted = [*filter(None, lines), *(requires("torch") or ())]
    return [line for line in wanted if _is_locked(Requirement(line))]


def _is_locked(requirement: Requirement) -> bool:
    if requirement.name == "torch" or requirement.name.startswith(ACCELERATORS):
        return False
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def main(pip_compile: str) -> None:
    """Resolve, and write."""
    command = [pip_compile, "--quiet", "--generate-hashes", "--strip-extras", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--allow-unsafe", "--output-file", "-", "-"]
    done = subprocess.run(command, input="\n".join(needed()), stdout=subprocess.PIPE, text=True, check=True)
    LOCK.write_text(HEAD + done.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
