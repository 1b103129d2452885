"""Lines of Python that make what the complexity page shows, with the library alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui import exports

if TYPE_CHECKING:
    from projectors import Projector


def growth_snippet(s: int, predicted: str) -> str:
    """s and which numbers count -> lines that print how costs grow with n."""
    return f"""from learning.cost import residual_coefficients
from projectors import methods

for n in (2, 4, 8, 16, 32, 64):
    for name, projector in methods(n, s={s}).items():
        print(n, name, residual_coefficients(projector, {predicted!r}), projector.flops)
"""


def timing_snippet(s: int) -> str:
    """s -> lines that measure on the reader's machine."""
    return f"""from learning.cost import measured
from projectors import methods

for n in (2, 4, 8, 16, 32):
    for name, projector in methods(n, s={s}).items():
        timing = measured(projector)
        print(n, name, timing.forward, timing.training, timing.device)
"""


def model_snippet(entries: Mapping[str, Projector], sizes: tuple[int, int, int, int]) -> str:
    """Projectors by name, (layers, width, vocabulary, context) -> lines that make the table of the language model."""
    code = "".join(f"    {name!r}: {projector!r},\n" for name, projector in entries.items())
    layers, width, vocabulary, context = sizes
    return f"""from learning.cost import language_model_table
from projectors import {exports.classes(code)}

entries = {{
{code}}}
table = language_model_table(entries, layers={layers}, width={width}, vocabulary={vocabulary}, context={context})
for name, row in table.items():
    print(name, row.coefficients, row.added, row.parameters, row.parameter_bytes(4), row.stream_bytes(4))
"""


def offers_snippet(n: int, numbers: int, operations: int, predicted: str) -> str:
    """n and a budget -> lines that rank what it buys."""
    return f"""from learning.cost import affordable, candidates, shipped_shares

entries = candidates({n})
shares = shipped_shares(entries)
for offer in affordable(entries, shares, parameters={numbers}, flops={operations}, coefficients={predicted!r}):
    print(offer.name, offer.certified, offer.touched, offer.coefficients, offer.flops)
"""
