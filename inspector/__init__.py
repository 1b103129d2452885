"""Mixing matrices of others: read from checkpoints and tables, measured, and held against every parameterization.

>>> import inspector
>>> sites = inspector.open({"h.0.attn.H_res_logits": [[0.0, -1.0], [-1.0, 0.0]]}, temperature=1.0)
>>> sites[0].layout, sites[0].last
('tokenbender', 'rows')

Names are imported when they are first asked for, and torch with them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.composites import Depth, depth, stacks
    from inspector.conventions import TABLE as LAYOUTS
    from inspector.conversion import Converted, convert
    from inspector.examples import EXAMPLES, example
    from inspector.measuring import Measures, measures
    from inspector.opening import open, parse
    from inspector.recording import Recording, record
    from inspector.settings import Settings
    from inspector.site import Collection, Site

__all__ = [
    "EXAMPLES",
    "LAYOUTS",
    "Collection",
    "Converted",
    "Depth",
    "Measures",
    "Recording",
    "Settings",
    "Site",
    "convert",
    "depth",
    "example",
    "measures",
    "open",
    "parse",
    "record",
    "stacks",
]

_HOMES = {
    "conversion": "Converted convert",
    "composites": "Depth depth stacks",
    "examples": "EXAMPLES example",
    "measuring": "Measures measures",
    "opening": "open parse",
    "recording": "Recording record",
    "settings": "Settings",
    "site": "Collection Site",
}


def __getattr__(name: str) -> Any:
    """Public name -> what it is, from its own file."""
    if name == "LAYOUTS":
        return import_module(f"{__name__}.conventions").TABLE
    for home, offered in _HOMES.items():
        if name in offered.split():
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
