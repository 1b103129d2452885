"""Matrices to begin with: trained ones, measured ones, and some whose every number is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from projectors.checks import one_of

if TYPE_CHECKING:
    from inspector.formats.stored import Tensors
    from inspector.settings import Settings
    from inspector.site import Collection

DATA = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """What it is called, what it is, where its numbers come from, and how it is made."""

    name: str
    about: str
    source: str
    make: Callable[[], Tensors]


def example(name: str, settings: Settings | None = None) -> Collection:
    """Name of one of `EXAMPLES` -> its matrices, read with these settings; ValueError for other names.

    >>> example("known answers").sizes
    (3, 4, 5)
    """
    one_of(name, tuple(EXAMPLES), "the example")
    from inspector.reading import collected
    from inspector.settings import Settings

    return collected(EXAMPLES[name].make(), f"the example {name!r}", settings or Settings())


def mixing_matrix(theta12: float, theta23: float, theta13: float, phase: float) -> NDArray[np.float64]:
    """Three angles and a phase in radians -> |U|^2 (3, 3) of the standard parameterization of quarks and leptons.

    U is unitary, so that |U|^2 is unistochastic. Eq. 12.3 of the review of the CKM matrix [PDG2024].
    """
    (s12, c12), (s23, c23), (s13, c13) = ((np.sin(angle), np.cos(angle)) for angle in (theta12, theta23, theta13))
    turn = np.exp(1j * phase)
    U = np.array(
        [
            [c12 * c13, s12 * c13, s13 / turn],
            [-s12 * c23 - c12 * s23 * s13 * turn, c12 * c23 - s12 * s23 * s13 * turn, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 * turn, -c12 * s23 - s12 * c23 * s13 * turn, c23 * c13],
        ]
    )
    return np.asarray(np.abs(U) ** 2)


def _trained() -> Tensors:
    from inspector.formats import json_files

    return json_files.read((DATA / "trained_mhc.json").read_bytes())


def _physics() -> Tensors:
    quarks = mixing_matrix(np.arcsin(0.22501), np.arcsin(0.04183), np.arcsin(0.003732), 1.147)
    leptons = mixing_matrix(*np.deg2rad([33.44, 49.2, 8.57, 197.0]))
    return _table({"CKM, quarks": quarks, "PMNS, leptons": leptons})


def _contacts() -> Tensors:
    from inspector.formats.cooler_files import balanced

    counts = np.array(json.loads((DATA / "contact_counts.json").read_text(encoding="utf-8"))["counts"], float)
    return _table({"chromosome 1, 0 to 32 Mb": balanced(counts)})


def _known() -> Tensors:
    from geometry.regions import perfect_mirsky_exception

    exception = perfect_mirsky_exception()
    return _table(
        {
            "J/3, all equal": np.full((3, 3), 1 / 3),
            "cycle of 3": np.eye(3)[[1, 2, 0]],
            "half of a cycle of 4": (np.eye(4) + np.eye(4)[[1, 2, 3, 0]]) / 2,
            "exception of order 5": exception.matrix(exception.worst),
        }
    )


def _table(matrices: Mapping[str, NDArray[np.float64]]) -> Tensors:
    from inspector.formats.stored import from_mapping

    return from_mapping(matrices, "an example", loose=True)


EXAMPLES: Mapping[str, Example] = {
    row.name: row
    for row in (
        Example(
            "trained mHC",
            "12 mixing matrices of a small language model, trained with Sinkhorn's 10 iterations at temperature 1",
            "pherber3/mHC-manifold-constrained-hyper-connections at 70b0e12, as printed in a notebook; Apache-2.0",
            _trained,
        ),
        Example(
            "quark and lepton mixing",
            "|U|² of the CKM and PMNS matrices, unistochastic by the laws of physics",
            "central values of the Particle Data Group, 2024 [PDG2024], and of NuFIT 5.0, normal ordering [NuFIT2020]",
            _physics,
        ),
        Example(
            "contact map",
            "how often 16 stretches of human chromosome 1 touch each other, balanced to sums of 1",
            "Hi-C of GM12878, a subsample in the tests of open2c/cooler at 53b0bea; BSD-3-Clause",
            _contacts,
        ),
        Example(
            "known answers",
            "J/3, a cycle of 3, half of a cycle of 4, and the matrix of order 5 whose spectrum leaves PM₅",
            "exact; the last one of [HarlevJohnsonLim2019]",
            _known,
        ),
    )
}
