"""Which modules stand around a transformer's branches, by the name of a method."""

from __future__ import annotations

from collections.abc import Callable

from torch import Generator, nn

from networks.blocks import Residual
from networks.hyper_connection import HyperConnection
from networks.language_model.settings import Architecture
from projectors import MatrixMap, Orthostochastic, RedundantOrthostochastic, Unconstrained
from projectors.table import METHODS, Options

PLAIN, FREE = "residual", "HC"
"""The methods that no projector stands for: one stream, and matrices that nothing constrains [HC2024]."""


def names() -> list[str]:
    """Return the names of all methods: the plain network, unconstrained mixing, and the table's, in its order."""
    return [PLAIN, FREE, *(row.name for row in METHODS)]


def projector(architecture: Architecture) -> MatrixMap | None:
    """Network -> what makes its mixing matrices; None for the plain residual network.

    Raises ValueError for a method that is unknown, or that does not exist at this n.
    """
    name, n = architecture.method, architecture.n
    if name == PLAIN:
        return None
    if name == FREE:
        return Unconstrained(n)
    row = next((row for row in METHODS if row.name == name), None)
    if row is None:
        raise ValueError(f"the method must be one of {', '.join(names())}, not {name!r}")
    if not row.exists(n):
        raise ValueError(f"{name} needs {row.wanted}, not n = {n}")
    lean = row.make(Options(n, architecture.s))
    if architecture.coefficients == "implemented" and isinstance(lean, Orthostochastic):
        return RedundantOrthostochastic(lean.n, lean.s)
    return lean


def connection(
    width: int, mixing: MatrixMap | None, generator: Generator | None = None
) -> Callable[[nn.Module, int], nn.Module]:
    """Width, what mixes -> what is put around a branch with its number, for `networks.block`."""
    if mixing is None:
        return lambda branch, number: Residual(branch)
    return lambda branch, number: HyperConnection(width, mixing, branch, reads=number, generator=generator)
